package tracebench

import (
	"fmt"
	"math"
	"slices"

	"coedit/rga"
)

// Replay is a trace made ready to be measured: byte edits, and which agent needs which of the others' edits when.
// Nothing writes to it after Prepare.
type Replay struct {
	Trace *Trace

	edits []rga.Edit // one a patch, in the trace's order; a start content is the first
	at    []int64    // of each edit, unix milliseconds
	first []int32    // of each transaction, the first of its edits; one more for the end
	start int        // 1 with a start content, which is an edit and no patch of the trace
	steps []step
}

// step is a stretch of edits by one agent, before which it receives others' edits.
type step struct {
	agent    int
	deliver  []span
	from, to int // edits
}

// span is a half-open range of edits.
type span struct{ from, to int }

// Prepare converts a trace's code points to bytes, by replaying it once, and plans its deliveries.
func Prepare(t *Trace) (*Replay, error) {
	n := t.Patches()
	if n >= math.MaxInt32 {
		return nil, fmt.Errorf("%w: it has %d patches", ErrTrace, n)
	}
	r := &Replay{
		Trace: t,
		edits: make([]rga.Edit, 0, n+1),
		at:    make([]int64, 0, n+1),
		first: make([]int32, 0, len(t.Txns)+1),
	}
	p := planner{r: r, rep: newReplicas(r, Options{}), cursors: make([]position, t.Agents), have: make([]bitset, t.Agents)}
	for i := range p.have {
		p.have[i] = make(bitset, len(t.Txns)/64+1)
	}
	if t.Start != "" {
		r.start = 1
		r.edits, r.at = append(r.edits, rga.Edit{Insert: t.Start}), append(r.at, 0)
		r.steps = append(r.steps, step{to: 1})
		if err := p.rep.edit(0, 0); err != nil {
			return nil, fmt.Errorf("start content: %w", err)
		}
	}
	for i := range t.Txns {
		if err := p.transaction(i); err != nil {
			return nil, err
		}
	}
	r.first = append(r.first, int32(len(r.edits)))
	return r, p.finish()
}

// planner replays a trace once, transaction by transaction.
type planner struct {
	r       *Replay
	rep     *replicas
	cursors []position // of each agent: where it edited last
	have    []bitset   // of each agent: the transactions it has
}

// bitset has a bit for each transaction.
type bitset []uint64

func (b bitset) has(i int) bool { return b[i/64]>>(i%64)&1 == 1 }
func (b bitset) set(i int)      { b[i/64] |= 1 << (i % 64) }

func (p *planner) transaction(i int) error {
	r, x := p.r, &p.r.Trace.Txns[i]
	deliver, err := p.receive(x.Agent, p.missing(x.Agent, x.Parents))
	if err != nil {
		return fmt.Errorf("transaction %d: %w", i, err)
	}
	from := len(r.edits)
	r.first = append(r.first, int32(from))
	for j := range x.Patches {
		if err := p.patch(i, j); err != nil {
			return err
		}
	}
	p.have[x.Agent].set(i)
	if last := len(r.steps) - 1; last >= 0 && r.steps[last].agent == x.Agent && len(deliver) == 0 {
		r.steps[last].to = len(r.edits)
	} else {
		r.steps = append(r.steps, step{x.Agent, deliver, from, len(r.edits)})
	}
	return nil
}

// patch converts the j-th patch of transaction i and applies it.
func (p *planner) patch(i, j int) error {
	r, x := p.r, &p.r.Trace.Txns[i]
	patch, cursor, view := x.Patches[j], &p.cursors[x.Agent], p.rep.docs[x.Agent].View()
	end := *cursor
	if !end.seek(view, patch.Pos) {
		return outside(i, j, patch, end.runes)
	}
	*cursor = end
	if patch.Deleted > math.MaxInt-patch.Pos || !end.seek(view, patch.Pos+patch.Deleted) {
		return outside(i, j, patch, end.runes)
	}
	e := len(r.edits)
	r.edits = append(r.edits, rga.Edit{Offset: cursor.bytes, Delete: end.bytes - cursor.bytes, Insert: patch.Inserted})
	r.at = append(r.at, x.At)
	if err := p.rep.edit(x.Agent, e); err != nil {
		return fmt.Errorf("patch %d of transaction %d: %w", j, i, err)
	}
	return nil
}

// missing lists the transactions below heads that an agent lacks, in the trace's order, and marks them as had.
func (p *planner) missing(agent int, heads []int) []int {
	var found []int
	have, stack := p.have[agent], slices.Clone(heads)
	for len(stack) > 0 {
		i := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if have.has(i) {
			continue
		}
		have.set(i)
		found = append(found, i)
		stack = append(stack, p.r.Trace.Txns[i].Parents...)
	}
	slices.Sort(found)
	return found
}

// receive gives an agent the edits of transactions and returns them as ranges.
func (p *planner) receive(agent int, txns []int) ([]span, error) {
	var spans []span
	for _, i := range txns {
		s := span{int(p.r.first[i]), len(p.r.edits)}
		if i+1 < len(p.r.first) {
			s.to = int(p.r.first[i+1])
		}
		if n := len(spans); n > 0 && spans[n-1].to == s.from {
			spans[n-1].to = s.to
		} else {
			spans = append(spans, s)
		}
	}
	for _, s := range spans {
		for e := s.from; e < s.to; e++ {
			view := p.rep.docs[agent].View()
			changes, err := p.rep.deliver(agent, e)
			if err != nil {
				return nil, err
			}
			p.cursors[agent].retreat(view, changes)
		}
	}
	return spans, nil
}

// finish gives every agent everything.
func (p *planner) finish() error {
	all := make([]int, len(p.r.Trace.Txns))
	for i := range all {
		all[i] = i
	}
	for agent := range p.have {
		deliver, err := p.receive(agent, p.missing(agent, all))
		if err != nil {
			return fmt.Errorf("the last exchange: %w", err)
		}
		if n := len(p.r.edits); len(deliver) > 0 {
			p.r.steps = append(p.r.steps, step{agent, deliver, n, n})
		}
	}
	return nil
}

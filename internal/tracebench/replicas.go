package tracebench

import (
	"errors"
	"fmt"
	"math"
	"time"

	"coedit/rga"
)

// errHeld: a chunk was not applied although everything it depends on had been delivered.
var errHeld = errors.New("a chunk is held although its causes are there")

// replicas are one document for each agent of a trace, and the log of what they emitted: each agent's stream.
type replicas struct {
	r      *Replay
	docs   []*rga.Doc
	out    []*rga.Outbox // of each agent
	in     []inboxes     // of each agent
	at     []int64       // of each edit
	log    []byte        // chunks of the edits made so far, one after the other
	ends   []int         // of each edit made so far, where its chunk ends in log
	author []int32       // of each edit made so far: its agent

	apart   bool     // keep batches too, for a test that delivers them in any order
	batches [][]byte // of each edit made so far, empty for one that did nothing
}

// inboxes are a document's reading ends of the agents' streams.
type inboxes []*rga.Inbox

func newInboxes(d *rga.Doc, agents int) inboxes {
	in := make(inboxes, agents)
	for i := range in {
		in[i] = d.Inbox()
	}
	return in
}

func newReplicas(r *Replay, o Options) *replicas {
	n := cap(r.edits)
	s := &replicas{r: r, log: make([]byte, 0, 4*n), ends: make([]int, 0, n), author: make([]int32, 0, n)}
	for i := range r.Trace.Agents {
		s.enroll(replicaID(i + 1))
	}
	if o.Times {
		s.at = r.at
	} else {
		s.at = make([]int64, n)
	}
	return s
}

// enroll adds the next agent's document.
func (s *replicas) enroll(id rga.ReplicaID) {
	d := rga.New(id)
	s.docs, s.out = append(s.docs, d), append(s.out, d.Outbox(0))
	s.in = append(s.in, newInboxes(d, s.r.Trace.Agents))
}

// replicaID spreads small numbers over all 8 bytes, as the ids of real replicas are.
func replicaID(n int) rga.ReplicaID {
	x := uint64(n) * 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	return rga.ReplicaID(x ^ x>>27)
}

// edit makes the e-th edit and appends its chunk to the log. Edits are made in order.
func (s *replicas) edit(agent, e int) error {
	d := s.docs[agent]
	ticks, _, err := d.Edit(s.at[e], s.r.edits[e:e+1]...)
	if err != nil {
		return err
	}
	log, to := s.out[agent].Append(s.log, math.MaxInt32)
	d.Reuse()
	if to != ticks.To {
		return fmt.Errorf("the chunk of edit %d ends at tick %d, not %d", e, to, ticks.To)
	}
	s.log = log
	s.ends = append(s.ends, len(log))
	s.author = append(s.author, int32(agent))
	if s.apart {
		batch, _ := d.AppendOwn(nil, ticks.From, math.MaxInt32)
		s.batches = append(s.batches, batch)
	}
	return nil
}

// chunk is what the e-th edit's author emitted for it, empty for an edit that did nothing.
func (s *replicas) chunk(e int) []byte {
	from := 0
	if e > 0 {
		from = s.ends[e-1]
	}
	return s.log[from:s.ends[e]]
}

// deliver applies the e-th edit's chunk to an agent's document.
func (s *replicas) deliver(agent, e int) ([]rga.Change, error) {
	return s.apply(s.in[agent], e)
}

// apply applies the e-th edit's chunk.
func (s *replicas) apply(in inboxes, e int) ([]rga.Change, error) {
	chunk := s.chunk(e)
	if len(chunk) == 0 {
		return nil, nil
	}
	res, err := in[s.author[e]].Apply(chunk)
	if err != nil {
		return nil, err
	}
	if res.Held {
		return nil, errHeld
	}
	return res.Changes, nil
}

// play makes all edits and deliveries and returns the time that the edits took, a start content's apart.
func (s *replicas) play() (time.Duration, error) {
	var spent time.Duration
	for i := range s.r.steps {
		step := &s.r.steps[i]
		for _, part := range step.deliver {
			for e := part.from; e < part.to; e++ {
				if _, err := s.deliver(step.agent, e); err != nil {
					return 0, fmt.Errorf("delivering edit %d: %w", e, err)
				}
			}
		}
		from := step.from
		if from < s.r.start && from < step.to {
			if err := s.edit(step.agent, from); err != nil {
				return 0, fmt.Errorf("the start content: %w", err)
			}
			from++
		}
		began := time.Now()
		for e := from; e < step.to; e++ {
			if err := s.edit(step.agent, e); err != nil {
				return 0, fmt.Errorf("edit %d: %w", e, err)
			}
		}
		spent += time.Since(began)
	}
	return spent, nil
}

// converged reports whether every document has the text.
func (s *replicas) converged(text string) bool {
	for _, d := range s.docs {
		if d.View().String() != text {
			return false
		}
	}
	return true
}

package rgatest

import (
	"bytes"
	"fmt"
	"math/rand/v2"

	"coedit/rga"
)

// Plan says what a run is like.
type Plan struct {
	Seed     uint64
	Replicas int // 2 or more
	Steps    int

	// Batch, if not nil, is called with each batch when it is first sent, in an order in which no
	// batch comes before one of the same author that it goes on from.
	Batch func(raw []byte)
}

// Outcome is what a run ended with.
type Outcome struct {
	Docs  []*rga.Doc // all equal
	Edits int
	Sent  int // batches, each to every other replica
	Held  int // deliveries that had to wait
}

// Run plays a plan. An error says what went wrong in which step.
func Run(p Plan) (Outcome, error) {
	s := newSim(p)
	for step := range p.Steps {
		if err := s.step(); err != nil {
			return s.outcome, fmt.Errorf("seed %d, step %d (%s): %w", p.Seed, step, s.doing, err)
		}
	}
	if err := s.settle(); err != nil {
		return s.outcome, fmt.Errorf("seed %d, at the end (%s): %w", p.Seed, s.doing, err)
	}
	for _, e := range s.editors {
		s.outcome.Docs = append(s.outcome.Docs, e.doc)
	}
	return s.outcome, nil
}

type sim struct {
	plan    Plan
	rng     *rand.Rand
	editors []*editor
	now     int64 // unix milliseconds
	doing   string
	outcome Outcome

	memories []memory // of what is looked at again
}

// editor is a participant: a document, what it shows by the changes reported, and its undo stack.
type editor struct {
	doc    *rga.Doc
	mirror []byte
	caret  int
	island int      // only editors of the same island reach one another
	sent   uint64   // own ticks sent
	inbox  [][]byte // on their way to this editor
	undo   []rga.Ticks
	redo   []rga.Ticks
}

func newSim(p Plan) *sim {
	s := &sim{plan: p, rng: rand.New(rand.NewPCG(p.Seed, 1)), now: 1_700_000_000_000}
	for range p.Replicas {
		// Ids in no order, so that order of arrival and order of id differ.
		s.editors = append(s.editors, &editor{doc: rga.New(rga.ReplicaID(s.rng.Uint64() | 1))})
	}
	return s
}

// step lets one thing happen and checks the one it happened to.
func (s *sim) step() error {
	s.now += s.rng.Int64N(700)
	e := s.editors[s.rng.IntN(len(s.editors))]
	var err error
	switch n := s.rng.IntN(100); {
	case n < 40:
		err = s.edit(e)
	case n < 55:
		s.send(e)
	case n < 85:
		err = s.deliver(e)
	case n < 88:
		s.doing = "islands"
		for _, o := range s.editors {
			o.island = s.rng.IntN(2) * s.rng.IntN(2)
		}
	case n < 91:
		err = s.resync(e, s.editors[s.rng.IntN(len(s.editors))])
	case n < 93:
		err = s.restart(e)
	case n < 95:
		s.doing = "metadata"
		_, err = e.doc.SetMeta(s.now, []string{"name", "eol"}[s.rng.IntN(2)], fmt.Sprint(s.rng.IntN(100)))
	case n < 96:
		s.remember(e)
	case n < 97:
		err = s.recall(e)
	default:
		err = s.invert(e)
	}
	if err != nil {
		return err
	}
	return s.check(e)
}

// send encodes the editor's new ops and puts them on their way to the others it reaches.
func (s *sim) send(e *editor) {
	s.doing = "send"
	raw, to := e.doc.AppendOwn(nil, e.sent, 1+s.rng.IntN(200))
	if to == e.sent {
		return
	}
	e.sent = to
	s.outcome.Sent++
	if s.plan.Batch != nil {
		s.plan.Batch(raw)
	}
	for _, o := range s.editors {
		if o == e || o.island != e.island || s.rng.IntN(10) == 0 {
			continue
		}
		for range 1 + s.rng.IntN(2)*s.rng.IntN(2) {
			o.inbox = append(o.inbox, raw)
		}
	}
}

// deliver takes any of the batches on their way to the editor.
func (s *sim) deliver(e *editor) error {
	s.doing = "deliver"
	if len(e.inbox) == 0 {
		return nil
	}
	i := s.rng.IntN(len(e.inbox))
	raw := e.inbox[i]
	e.inbox[i] = e.inbox[len(e.inbox)-1]
	e.inbox = e.inbox[:len(e.inbox)-1]
	return s.apply(e, raw)
}

func (s *sim) apply(e *editor, raw []byte) error {
	before := e.doc.Version()
	res, err := e.doc.Apply(raw)
	if err != nil {
		return err
	}
	if res.Held {
		s.outcome.Held++
	}
	if (res.Held || res.Duplicate) != before.Equal(e.doc.Version()) {
		return fmt.Errorf("held %v, duplicate %v, but version was %v and is %v", res.Held, res.Duplicate, before, e.doc.Version())
	}
	return e.follow(res.Changes)
}

// resync brings the editor what another one has and it lacks, from its version or as a document.
func (s *sim) resync(e, o *editor) error {
	if o.island != e.island || o == e {
		return nil
	}
	if s.rng.IntN(4) == 0 {
		s.doing = "merge"
		res, err := e.doc.Merge(o.doc.Encode())
		if err != nil {
			return err
		}
		if err := e.follow(res.Changes); err != nil {
			return err
		}
	} else {
		s.doing = "resync"
		for raw := range o.doc.Since(e.doc.Version(), 1+s.rng.IntN(300)) {
			if err := s.apply(e, raw); err != nil {
				return err
			}
		}
	}
	if !e.doc.Version().Includes(o.doc.Version()) {
		return fmt.Errorf("version %v after resync with %v", e.doc.Version(), o.doc.Version())
	}
	return nil
}

// restart replaces the document by its encoding's, losing what was held.
func (s *sim) restart(e *editor) error {
	s.doing = "restart"
	doc, err := rga.Decode(e.doc.Encode(), e.doc.Replica())
	if err != nil {
		return err
	}
	if !bytes.Equal(doc.Encode(), e.doc.Encode()) {
		return fmt.Errorf("encoding changed")
	}
	e.doc = doc
	return nil
}

// settle delivers everything to everyone and compares.
func (s *sim) settle() error {
	first := s.editors[0]
	for _, e := range s.editors {
		e.island = 0
		for len(e.inbox) > 0 {
			if err := s.deliver(e); err != nil {
				return err
			}
			if err := s.check(e); err != nil {
				return err
			}
		}
		if s.plan.Batch != nil {
			for e.sent < e.doc.Clock() {
				s.send(e)
			}
		}
	}
	for range 2 {
		for _, e := range s.editors[1:] {
			if err := s.resync(first, e); err != nil {
				return err
			}
			if err := s.resync(e, first); err != nil {
				return err
			}
		}
	}
	for _, e := range s.editors {
		if err := s.check(e); err != nil {
			return err
		}
		if err := equal(first.doc, e.doc); err != nil {
			return err
		}
		if n, size := e.doc.Held(); n != 0 || size != 0 || len(e.doc.Missing()) != 0 {
			return fmt.Errorf("%d batches still held, missing %v", n, e.doc.Missing())
		}
	}
	return nil
}

package tracebench

import (
	"errors"
	"fmt"
	"math"
	"time"

	"coedit/rga"
)

// errHeld: a batch was not applied although everything it depends on had been delivered.
var errHeld = errors.New("a batch is held although its causes are there")

// replicas are one document for each agent of a trace, and the log of what they emitted.
type replicas struct {
	r    *Replay
	docs []*rga.Doc
	at   []int64 // of each edit
	log  []byte  // op batches of the edits made so far, one after the other
	ends []int   // of each edit made so far, where its batch ends in log
}

func newReplicas(r *Replay, o Options) *replicas {
	n := cap(r.edits)
	s := &replicas{r: r, docs: make([]*rga.Doc, r.Trace.Agents), log: make([]byte, 0, 32*n), ends: make([]int, 0, n)}
	for i := range s.docs {
		s.docs[i] = rga.New(replicaID(i + 1))
	}
	if o.Times {
		s.at = r.at
	} else {
		s.at = make([]int64, n)
	}
	return s
}

// replicaID spreads small numbers over all 8 bytes, as the ids of real replicas are.
func replicaID(n int) rga.ReplicaID {
	x := uint64(n) * 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	return rga.ReplicaID(x ^ x>>27)
}

// edit makes the e-th edit and appends its batch to the log. Edits are made in order.
func (s *replicas) edit(agent, e int) error {
	d := s.docs[agent]
	ticks, _, err := d.Edit(s.at[e], s.r.edits[e:e+1]...)
	if err != nil {
		return err
	}
	for from := ticks.From; from < ticks.To; {
		s.log, from = d.AppendOwn(s.log, from, math.MaxInt32)
	}
	s.ends = append(s.ends, len(s.log))
	return nil
}

// batch is the encoded batch of the e-th edit, empty for an edit that did nothing.
func (s *replicas) batch(e int) []byte {
	from := 0
	if e > 0 {
		from = s.ends[e-1]
	}
	return s.log[from:s.ends[e]]
}

// deliver applies the e-th edit's batch to an agent's document.
func (s *replicas) deliver(agent, e int) ([]rga.Change, error) {
	return apply(s.docs[agent], s.batch(e))
}

func apply(d *rga.Doc, batch []byte) ([]rga.Change, error) {
	if len(batch) == 0 {
		return nil, nil
	}
	res, err := d.Apply(batch)
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

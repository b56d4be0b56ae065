package tracebench

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"coedit/internal/codec"
	"coedit/rga"
)

// ErrEndContent: a replay did not end on the trace's endContent.
var ErrEndContent = errors.New("the text after the replay is not the trace's endContent")

// Options is what of a measurement can be chosen.
type Options struct {
	Runs  int  // medians over so many runs; less than 1 is 1
	Times bool // keep the trace's times in the history
}

// Run measures traces one after the other, with medians over runs. progress, which may be nil, is told what begins.
// A report that does not end on endContent is in the result, and the error says so.
func Run(files []string, runs int, progress func(string)) ([]Report, error) {
	return RunWith(files, Options{Runs: runs}, progress)
}

// RunWith is Run with all options.
func RunWith(files []string, o Options, progress func(string)) ([]Report, error) {
	if progress == nil {
		progress = func(string) {}
	}
	var reports []Report
	var wrong []error
	for _, path := range files {
		progress("reading " + path)
		t, err := Load(path)
		if err != nil {
			return reports, err
		}
		r, err := Prepare(t)
		if err != nil {
			return reports, fmt.Errorf("%s: %w", path, err)
		}
		report, err := Measure(r, o, progress)
		if err != nil {
			return reports, fmt.Errorf("%s: %w", path, err)
		}
		if !report.EndContentOK {
			wrong = append(wrong, fmt.Errorf("%s: %w", path, ErrEndContent))
		}
		reports = append(reports, report)
	}
	return reports, errors.Join(wrong...)
}

// samples are one figure's values, one a run.
type samples []float64

func (s samples) median() float64 {
	sorted := slices.Sorted(slices.Values(s))
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}

func (s *samples) add(d time.Duration) { *s = append(*s, float64(d.Nanoseconds())/1e6) }

// bench measures one replay.
type bench struct {
	r  *Replay
	o  Options
	ok bool // every text so far was endContent

	last   *replicas // of the last local run
	doc    []byte    // encoded by it
	packed []byte    // the same with its sections compressed

	local, each, whole, load, heap samples
}

// Measure measures one replay.
func Measure(r *Replay, o Options, progress func(string)) (Report, error) {
	o.Runs = max(1, o.Runs)
	b := &bench{r: r, o: o, ok: true}
	for i := range o.Runs + 1 {
		if progress != nil {
			progress(fmt.Sprintf("%s: run %d of %d", r.Trace.Name, i, o.Runs))
		}
		if i == 1 { // what came before was to warm up
			b.local, b.each, b.whole, b.load, b.heap = nil, nil, nil, nil, nil
		}
		for _, part := range []func() error{b.runLocal, b.runEach, b.runWhole, b.runLoad, b.runHeap} {
			if err := part(); err != nil {
				return Report{}, err
			}
		}
	}
	return b.report(), nil
}

// expect notes whether a document ended where it should.
func (b *bench) expect(ok bool) { b.ok = b.ok && ok }

func (b *bench) runLocal() error {
	b.last = nil
	runtime.GC()
	s := newReplicas(b.r, b.o)
	spent, err := s.play()
	if err != nil {
		return err
	}
	b.local.add(spent)
	b.expect(s.converged(b.r.Trace.End))
	b.last = s
	if b.doc == nil {
		b.doc = s.docs[0].Encode()
		b.packed = s.docs[0].EncodeWith(codec.ZstdBest)
	}
	return nil
}

func (b *bench) runEach() error {
	runtime.GC()
	d := rga.New(reader)
	in := newInboxes(d, b.r.Trace.Agents)
	began := time.Now()
	for e := range b.last.ends {
		if _, err := b.last.apply(in, e); err != nil {
			return fmt.Errorf("applying the chunk of edit %d: %w", e, err)
		}
		d.Reuse()
	}
	b.each.add(time.Since(began))
	b.expect(d.View().String() == b.r.Trace.End)
	return nil
}

func (b *bench) runWhole() error {
	runtime.GC()
	d := rga.New(reader)
	began := time.Now()
	if _, err := d.Merge(b.doc); err != nil {
		return fmt.Errorf("merging the whole history: %w", err)
	}
	text := d.View().String()
	b.whole.add(time.Since(began))
	b.expect(text == b.r.Trace.End)
	return nil
}

func (b *bench) runLoad() error {
	runtime.GC()
	began := time.Now()
	d, err := b.open()
	if err != nil {
		return err
	}
	text := d.View().String()
	b.load.add(time.Since(began))
	b.expect(text == b.r.Trace.End)
	return nil
}

// open loads the document from its compressed bytes.
func (b *bench) open() (*rga.Doc, error) {
	d, err := rga.DecodeWith(b.packed, reader, codec.Zstd)
	if err != nil {
		return nil, fmt.Errorf("decoding: %w", err)
	}
	return d, nil
}

// runHeap measures what a document keeps.
func (b *bench) runHeap() error {
	before := heap()
	d, err := b.open()
	if err != nil {
		return err
	}
	b.heap = append(b.heap, float64(heap())-float64(before))
	runtime.KeepAlive(d)
	return nil
}

// reader is the replica that receives what the agents made.
const reader rga.ReplicaID = 0x0123456789abcdef

// heap is the number of reachable bytes. The second collection frees what finalizers let go.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func (b *bench) report() Report {
	t := b.r.Trace
	patches, opBytes := t.Patches(), len(b.last.log)
	if b.r.start == 1 {
		opBytes -= b.last.ends[0]
	}
	rep := Report{
		Trace:         t.Name,
		Patches:       patches,
		LocalMS:       round(b.local.median(), 3),
		RemoteEachMS:  round(b.each.median(), 3),
		RemoteWholeMS: round(b.whole.median(), 3),
		OpBytesTotal:  opBytes,
		DocBytes:      len(b.doc),
		DocZstdBytes:  len(b.packed),
		LoadMS:        round(b.load.median(), 3),
		HeapBytes:     int64(b.heap.median()),
		EndContentOK:  b.ok,
	}
	if patches > 0 {
		rep.LocalNSPerPatch = round(b.local.median()*1e6/float64(patches), 1)
		rep.OpBytesAvg = round(float64(opBytes)/float64(patches), 2)
	}
	return rep
}

package editor

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"coedit/presence"
	"coedit/rga"
)

// walkers are participants that press random keys, and batches on their way between them.
type walkers struct {
	t       interface{ Fatalf(string, ...any) }
	input   []byte
	now     int64
	editors []*Editor
	lines   [][]string // what each editor's listener makes of the changes
	waiting [][][]byte // batches for each editor, not applied yet
	sent    []uint64   // own ticks handed to the others
}

func newWalkers(t interface{ Fatalf(string, ...any) }, n int, input []byte) *walkers {
	w := &walkers{t: t, input: input}
	for i := range n {
		e := New(rga.New(rga.ReplicaID(i + 1)))
		copied := []string{""}
		e.OnChange(func(changes []rga.Change) {
			for _, c := range changes {
				copied[0] = copied[0][:c.Offset] + string(c.Inserted) + copied[0][c.Offset+c.Deleted:]
			}
		})
		w.editors = append(w.editors, e)
		w.lines = append(w.lines, copied)
	}
	w.waiting = make([][][]byte, n)
	w.sent = make([]uint64, n)
	return w
}

// next returns a number below n from the input.
func (w *walkers) next(n int) int {
	if len(w.input) == 0 {
		return 0
	}
	b := w.input[0]
	w.input = w.input[1:]
	return int(b) % n
}

// press lets one participant do one thing.
func (w *walkers) press(e *Editor) error {
	w.now += []int64{0, 50, 400, 1500}[w.next(4)]
	word := w.next(3) == 0
	switch w.next(12) {
	case 0, 1, 2, 3:
		return e.Insert(w.now, hard[w.next(len(hard))])
	case 4:
		return e.Newline(w.now)
	case 5:
		return e.Backspace(w.now, word)
	case 6:
		return e.DeleteForward(w.now, word)
	case 7, 8:
		e.Move(Motion(w.next(int(DocEnd)+1)), word, 3)
	case 9:
		return w.big(e, word)
	case 10:
		_, err := e.Undo(w.now)
		return err
	case 11:
		_, err := e.Redo(w.now)
		return err
	}
	return nil
}

// big is a click or an edit of more than a cluster.
func (w *walkers) big(e *Editor, word bool) error {
	at := w.next(e.View().Len() + 1)
	switch w.next(10) {
	case 6:
		e.ToggleCaret(at)
	case 7:
		if e.AddNextOccurrence(); word {
			e.AddSelection(at, w.next(e.View().Len()+1))
		}
	case 8:
		if word {
			e.AddCaretAbove()
		} else {
			e.AddCaretBelow()
		}
	case 9:
		e.SelectPrimary(e.Selection().Anchor, at)
	case 0:
		e.Select(at, w.next(e.View().Len()+1))
	case 1:
		e.SelectWord(at)
	case 2:
		e.SelectLine(at)
	case 3:
		_, err := e.Cut(w.now)
		return err
	case 4:
		if word {
			e.Copy()
		}
		return e.Paste(w.now, e.Clipboard())
	case 5:
		from := e.scan.floor(at)
		return e.Replace(w.now, rga.Edit{Insert: "é\r\n"}, rga.Edit{Offset: from, Delete: e.scan.next(from) - from, Insert: "漢"})
	}
	return nil
}

// step lets one participant press a key, send, or receive.
func (w *walkers) step() {
	i := w.next(len(w.editors))
	e := w.editors[i]
	switch w.next(4) {
	case 0:
		batch, to := e.Doc().AppendOwn(nil, w.sent[i], 1<<16)
		if w.sent[i] = to; len(batch) == 0 {
			break
		}
		for j := range w.editors {
			if j != i {
				w.waiting[j] = append(w.waiting[j], batch)
			}
		}
	case 1:
		if n := len(w.waiting[i]); n > 0 { // any of them: early ones are held
			k := w.next(n)
			batch := w.waiting[i][k]
			w.waiting[i] = slices.Delete(w.waiting[i], k, k+1)
			if _, err := e.Apply(batch); err != nil {
				w.t.Fatalf("apply: %v", err)
			}
		}
	default:
		if err := w.press(e); err != nil {
			w.t.Fatalf("press: %v", err)
		}
	}
	w.check(i)
}

// check verifies what holds after every call.
func (w *walkers) check(i int) {
	e := w.editors[i]
	text := []byte(e.View().String())
	if string(text) != w.lines[i][0] {
		w.t.Fatalf("the listener has %q, the text is %q", w.lines[i][0], text)
	}
	if err := e.Doc().Check(); err != nil {
		w.t.Fatalf("%v", err)
	}
	bounds := whole(text)
	s, all := e.Selection(), e.Selections()
	if !slices.Contains(all, s) {
		w.t.Fatalf("the primary selection %v is not among %v", s, all)
	}
	for i, s := range all {
		for _, off := range []int{s.Anchor, s.Head} {
			if _, ok := slices.BinarySearch(bounds, off); !ok {
				w.t.Fatalf("selection %v is not on boundaries of %+q", s, text)
			}
		}
		if i > 0 && (all[i-1].meets(s) || before(caret{Selection: all[i-1]}, caret{Selection: s}) >= 0) {
			w.t.Fatalf("selections %v", all)
		}
	}
	line, column := e.Position(s.Head)
	if got := e.OffsetAt(line, column); e.metricsWide(s.Head) && got != s.Head {
		w.t.Fatalf("caret at %d is in line %d column %d, where %d is", s.Head, line, column, got)
	}
	head, tail, top := e.Anchors(s.Head)
	for j, o := range w.editors {
		for _, p := range o.Peers([]presence.State{{Replica: 99, Head: head, Tail: tail, Top: top}}) {
			if p.Head > o.View().Len() || p.Tail > o.View().Len() || j == i && (p.Head != s.Head || p.Tail != s.Anchor) {
				w.t.Fatalf("%v shown as %v", s, p)
			}
		}
	}
}

// metricsWide says whether the cluster at off has a width, so that its column is its own.
func (e *Editor) metricsWide(off int) bool {
	b := e.view.Append(nil, off, e.scan.next(off))
	return e.metrics.cells(b, 0) > 0 || off == e.view.Len() || b[0] == '\n'
}

// finish delivers everything; all must be equal.
func (w *walkers) finish() {
	exchange(w.t, w.editors...)
	for i := range w.editors {
		w.check(i)
	}
}

func walk(t interface{ Fatalf(string, ...any) }, input []byte) {
	w := newWalkers(t, 2+len(input)%2, input)
	for len(w.input) > 0 {
		w.step()
	}
	w.finish()
}

// Long walks from many seeds; FuzzEditors makes short ones out of what fails.
func TestRandomWalks(t *testing.T) {
	seeds := uint64(30)
	if testing.Short() {
		seeds = 10
	}
	for seed := range seeds {
		rng := rand.New(rand.NewPCG(seed, 7))
		input := make([]byte, 200+rng.IntN(4000))
		for i := range input {
			input[i] = byte(rng.Uint32())
		}
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { walk(t, input) })
	}
}

func FuzzEditors(f *testing.F) {
	f.Add([]byte("a few keys pressed by two participants"))
	f.Fuzz(func(t *testing.T, input []byte) {
		if len(input) < 3000 {
			walk(t, input)
		}
	})
}

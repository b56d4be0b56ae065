package editor

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
	"pgregory.net/rapid"
)

// sliceText is a text in one slice, and counts what is read from it.
type sliceText struct {
	b    []byte
	read int
}

func (s *sliceText) Len() int   { return len(s.b) }
func (s *sliceText) Lines() int { return bytes.Count(s.b, []byte("\n")) + 1 }

func (s *sliceText) LineAt(off int) int { return bytes.Count(s.b[:off], []byte("\n")) }

func (s *sliceText) LineStart(line int) int {
	off := 0
	for ; line > 0; line-- {
		i := bytes.IndexByte(s.b[off:], '\n')
		if i < 0 {
			return len(s.b)
		}
		off += i + 1
	}
	return off
}

func (s *sliceText) Append(dst []byte, from, to int) []byte {
	s.read += to - from
	return append(dst, s.b[from:to]...)
}

// whole returns all boundaries by segmenting each line as a whole.
func whole(text []byte) []int {
	bounds := []int{0}
	off := 0
	for len(text) > 0 {
		line := text
		if i := bytes.IndexByte(text, '\n'); i >= 0 {
			line = text[:i]
		}
		text = text[len(line):]
		for len(line) > 0 {
			n, _, _ := graphemes.SplitFunc(line, true)
			off += n
			bounds = append(bounds, off)
			line = line[n:]
		}
		if len(text) > 0 {
			off++
			bounds = append(bounds, off)
			text = text[1:]
		}
	}
	return bounds
}

// hard are runes that decide about clusters by their context.
var hard = []string{
	"a", "b", " ", ".", "\t", "\r", "\n", "\x01", "\x7f", "é", "e\u0301", "\u0301", "\u200d", "\u200c", "\ufe0f", "1\ufe0f\u20e3",
	"漢", "字", "가", "\u1100", "\u1161", "\u11a8", "🇩", "🇪", "🇫🇷", "👩", "🚀", "👍🏽", "👩\u200d🚀", "❤\ufe0f\u200d🔥", "🏴\U000e0067\U000e007f",
	"\u0915", "\u094d", "\u0937", "\u093f", "\u0e33", "\u0600", "\u0605", "\u202e", "\ufeff", "\u2028",
}

func genText(max int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom(hard), 0, max).Draw(t, "runes"), "")
	})
}

// checkSegments compares every way of finding boundaries with bounds.
func checkSegments(t interface{ Fatalf(string, ...any) }, text []byte, bounds []int) {
	s := &scanner{text: &sliceText{b: text}}
	is := map[int]bool{}
	for i, b := range bounds {
		is[b] = true
		if i > 0 {
			if got := s.next(bounds[i-1]); got != b {
				t.Fatalf("next(%d) = %d, want %d in %+q", bounds[i-1], got, b, text)
			}
			if got := s.prev(b); got != bounds[i-1] {
				t.Fatalf("prev(%d) = %d, want %d in %+q", b, got, bounds[i-1], text)
			}
		}
	}
	last := 0
	for off := range text {
		if is[off] {
			last = off
		}
		if got := s.floor(off); got != last {
			t.Fatalf("floor(%d) = %d, want %d in %+q", off, got, last, text)
		}
		i, _ := slices.BinarySearch(bounds, off)
		if got := s.ceil(off); got != bounds[i] {
			t.Fatalf("ceil(%d) = %d, want %d in %+q", off, got, bounds[i], text)
		}
	}
	at := 0
	for line := range s.text.Lines() {
		start, end := s.bounds(line)
		at = start
		s.clusters(start, end, func(off int, c []byte) bool {
			if off != at || !is[off] || !is[off+len(c)] || !bytes.Equal(c, text[off:off+len(c)]) {
				t.Fatalf("clusters gave %+q at %d, expected one at %d, in %+q", c, off, at, text)
			}
			at += len(c)
			return true
		})
		if at != end {
			t.Fatalf("clusters ended at %d, the line at %d, in %+q", at, end, text)
		}
	}
}

func TestSegmentsAgreeWithWholeLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(genText(40).Draw(t, "text"))
		checkSegments(t, text, whole(text))
	})
}

func TestSegmentsOfLongLines(t *testing.T) {
	// Sure breaks are rare here, but each stride has one, so that nothing is forced.
	filler := strings.Repeat("👩\u200d🚀", 20) + "🇩🇪" + strings.Repeat("\u0301", 200) + "\u0915\u094d\u0937x"
	text := []byte(strings.Repeat(filler, 12))
	checkSegments(t, text, whole(text))
}

func FuzzSegments(f *testing.F) {
	f.Add([]byte("a\u0301\n🇩🇪🇫"))
	f.Add([]byte("\xff\xf0\x9f\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 600 || !utf8.Valid(b) {
			s := &scanner{text: &sliceText{b: b}}
			walkBothWays(t, s) // terminates, whatever the bytes
			return
		}
		checkSegments(t, b, whole(b))
	})
}

// walkBothWays goes over the text forwards and backwards, and wants the same boundaries if it is UTF-8.
func walkBothWays(t *testing.T, s *scanner) {
	var right, left []int
	for off := 0; off < s.text.Len(); {
		to := s.next(off)
		if to <= off {
			t.Fatalf("next(%d) = %d", off, to)
		}
		right = append(right, off)
		off = to
	}
	for off := s.text.Len(); off > 0; {
		to := s.prev(off)
		if to >= off {
			t.Fatalf("prev(%d) = %d", off, to)
		}
		left = append(left, to)
		off = to
	}
	slices.Reverse(left)
	var walked []int
	for line := range s.text.Lines() {
		start, end := s.bounds(line)
		s.clusters(start, end, func(off int, c []byte) bool {
			if n := len(walked); len(c) == 0 || n > 0 && walked[n-1] >= off {
				t.Fatalf("cluster %+q at %d after %v", c, off, walked)
			}
			walked = append(walked, off)
			return true
		})
		if end < s.text.Len() {
			walked = append(walked, end)
		}
	}
	if utf8.Valid(s.text.(*sliceText).b) && (!slices.Equal(right, left) || !slices.Equal(right, walked)) {
		t.Fatalf("forwards %v, backwards %v, walked %v", right, left, walked)
	}
}

// Texts without sure breaks are cut by forced ones: the same from both sides, and cheap wherever one starts.
func TestSegmentsWithoutSureBreaks(t *testing.T) {
	for name, unit := range map[string]string{"marks": "\u0301", "flags": "🇩", "joined": "👩\u200d", "conjuncts": "\u0915\u094d"} {
		t.Run(name, func(t *testing.T) {
			b := []byte("x\n" + strings.Repeat(unit, 20_000/len(unit)))
			src := &sliceText{b: b}
			s := &scanner{text: src}
			walkBothWays(t, s)
			src.read = 0
			for off := 5; off < len(b); off += 1999 {
				at := s.floor(off)
				s.prev(at)
				if to := s.next(at); to-at > stride+utf8.UTFMax {
					t.Fatalf("cluster of %d bytes at %d", to-at, at)
				}
			}
			calls := len(b)/1999*3 + 1
			if per := src.read / calls; per > 12*stride {
				t.Fatalf("%d bytes read per call", per)
			}
			n, start := 0, 2
			s.clusters(2, len(b), func(off int, c []byte) bool {
				if off != start {
					t.Fatalf("cluster at %d, expected at %d", off, start)
				}
				if n%97 == 0 {
					o := &scanner{text: src}
					if got := o.next(off); got != off+len(c) {
						t.Fatalf("clusters ends one at %d, next at %d", off+len(c), got)
					}
				}
				n++
				start = off + len(c)
				return true
			})
		})
	}
}

func TestFirstCluster(t *testing.T) {
	for in, want := range map[string]int{"": 0, "a": 1, "\n": 1, "\r\n": 1, "e\u0301x": 3, "🇩🇪🇫": 8, "漢字": 3, "\t\u0301": 1} {
		if got := FirstCluster([]byte(in)); got != want {
			t.Errorf("FirstCluster(%+q) = %d, want %d", in, got, want)
		}
	}
	if got := FirstCluster([]byte("e" + strings.Repeat("\u0301", 1<<20))); got > 2*stride {
		t.Errorf("a cluster of %d bytes", got)
	}
}

package editor

import (
	"bytes"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
)

// Segmentation into grapheme clusters at any place of a text, without looking at the whole line.
//
// Whether a cluster ends at some place depends on what stands before it: on how many regional indicators precede, or on
// whether a joiner follows a pictograph. Two neighbouring runes decide alone only where they are separated and the first is
// nothing that attaches to its predecessor: a "sure break". Segmentation starts at a sure break or at the line's
// start. So that a text without any sure break stays cheap, each multiple of stride bytes from the line's start, rounded
// up to a rune, is a forced break if no sure break lies in the stride before it. The breaks are thus a function of the line
// alone, whichever side they are looked at from.

// stride bounds the search for a sure break, in bytes.
const stride = 1024

// peek is how many bytes are read at first; most clusters are shorter by far.
const peek = 64

// text is what segmentation needs of a view.
type text interface {
	Len() int
	Lines() int
	LineStart(line int) int
	LineAt(off int) int
	Append(dst []byte, from, to int) []byte
}

// scanner finds boundaries in a text. It holds buffers, so one goroutine uses it.
type scanner struct {
	text text
	buf  []byte // for read
	walk []byte // for clusters, which calls what uses buf
}

// read returns the bytes [from, to), clamped, valid until the next read.
func (s *scanner) read(from, to int) []byte {
	from, to = max(from, 0), min(to, s.text.Len())
	if from >= to {
		return nil
	}
	s.buf = s.text.Append(s.buf[:0], from, to)
	return s.buf
}

// line returns the line that holds off: its start and its end, without the newline.
func (s *scanner) line(off int) (start, end int) {
	return s.bounds(s.text.LineAt(off))
}

// bounds returns the start and end of a line by number, without the newline.
func (s *scanner) bounds(line int) (start, end int) {
	start = s.text.LineStart(line)
	if line+1 < s.text.Lines() {
		return start, s.text.LineStart(line+1) - 1
	}
	return start, s.text.Len()
}

// next returns the boundary after the one at off.
func (s *scanner) next(off int) int {
	n := s.text.Len()
	if off+1 >= n {
		return n
	}
	if b := s.read(off, off+2); b[0] == '\n' || b[0] < utf8.RuneSelf && b[1] < utf8.RuneSelf {
		return off + 1
	}
	start, end := s.line(off)
	to := off + s.clusterLen(off, end)
	for k := (off-start)/stride + 1; start+k*stride < to; k++ {
		if f := s.forcedAt(start, end, k); f > off && f < to && s.lastSure(s.stridePoint(start, end, k-1), f, start) < 0 {
			return f
		}
	}
	return to
}

// clusterLen is the length of the cluster that begins at off in a line that ends at end, forced breaks aside.
func (s *scanner) clusterLen(off, end int) int {
	for size := peek; ; size *= 4 {
		to := min(end, off+size)
		b := s.read(off, to)
		if to < end {
			b = wholeRunes(b)
		}
		if n, _, _ := graphemes.SplitFunc(b, to == end); n > 0 {
			return n
		}
		if size > 2*stride { // longer than any cluster: a forced break cuts it
			return len(b)
		}
	}
}

// stridePoint is the k-th multiple of stride in the line from start to end, rounded up to a rune's start.
func (s *scanner) stridePoint(start, end, k int) int {
	if k <= 0 {
		return start
	}
	p := start + k*stride
	if p >= end {
		return end
	}
	for _, c := range s.read(p, min(end, p+utf8.UTFMax-1)) {
		if utf8.RuneStart(c) {
			break
		}
		p++
	}
	return p
}

// forcedAt is where the k-th forced break would be, or -1 where the line ends before it.
func (s *scanner) forcedAt(start, end, k int) int {
	if p := s.stridePoint(start, end, k); p < end {
		return p
	}
	return -1
}

// lastSure returns the greatest sure break in (from, to], or -1. lineStart bounds what is looked at.
func (s *scanner) lastSure(from, to, lineStart int) int {
	lo := max(lineStart, from-utf8.UTFMax)
	b := s.read(lo, to+utf8.UTFMax)
	for p := to; p > from; p-- {
		i := p - lo
		if i >= len(b) || !utf8.RuneStart(b[i]) {
			continue
		}
		if b[i] == '\n' { // the end of the line, which is not looked for here
			continue
		}
		_, before := utf8.DecodeLastRune(b[:i])
		_, behind := utf8.DecodeRune(b[i:])
		if before > 0 && sureBreak(b[i-before:i+behind], before) {
			return p
		}
	}
	return -1
}

// sureBreak says whether the two runes of pair, the first n bytes long, are separated whatever stands before them.
func sureBreak(pair []byte, n int) bool {
	if pair[0] < utf8.RuneSelf && pair[n] < utf8.RuneSelf {
		return true
	}
	if at, _, _ := graphemes.SplitFunc(pair, true); at != n {
		return false
	}
	if pair[0] < utf8.RuneSelf {
		return true
	}
	probe := [1 + utf8.UTFMax]byte{'a'}
	m := 1 + copy(probe[1:], pair[:n])
	at, _, _ := graphemes.SplitFunc(probe[:m], true)
	return at == 1
}

// safe returns the last boundary at or before off that can be known without segmenting: a sure break, a forced one or
// the line's start.
func (s *scanner) safe(off, start, end int) int {
	for near := max(start, off-peek); ; near = start {
		k := (off - start) / stride
		if s.stridePoint(start, end, k) > off {
			k--
		}
		f := s.stridePoint(start, end, k)
		if near > f { // most often it is near
			if p := s.lastSure(near, off, start); p >= 0 {
				return p
			}
			continue
		}
		if p := s.lastSure(f, off, start); p >= 0 || k <= 0 {
			return max(p, start)
		}
		if p := s.lastSure(s.stridePoint(start, end, k-1), f, start); p >= 0 {
			return p
		}
		return f
	}
}

// floor returns the greatest boundary at or before off.
func (s *scanner) floor(off int) int {
	if off <= 0 || off >= s.text.Len() {
		return min(max(off, 0), s.text.Len())
	}
	if b := s.read(off-1, off+1); b[0] == '\n' || b[1] == '\n' || b[0] < utf8.RuneSelf && b[1] < utf8.RuneSelf {
		return off
	}
	start, end := s.line(off)
	at := s.safe(off, start, end)
	for b := s.read(at, min(end, off+utf8.UTFMax)); at < off; {
		n, _, _ := graphemes.SplitFunc(b, true)
		if n == 0 || at+n > off {
			break
		}
		at, b = at+n, b[n:]
	}
	return at
}

// ceil returns the smallest boundary at or after off.
func (s *scanner) ceil(off int) int {
	at := s.floor(off)
	if at >= off {
		return at
	}
	return s.next(at)
}

// prev returns the boundary before off.
func (s *scanner) prev(off int) int {
	if off <= 1 {
		return 0
	}
	if b := s.read(off-2, off); b[1] == '\n' || b[0] < utf8.RuneSelf && b[1] < utf8.RuneSelf {
		return off - 1
	}
	return s.floor(off - 1)
}

// clusters calls f for each cluster in [from, to), which is in one line and begins on a boundary, with its offset and
// bytes, until f returns false. The bytes are valid during the call.
func (s *scanner) clusters(from, to int, f func(off int, cluster []byte) bool) {
	const window = 4096
	if from >= to {
		return
	}
	start, end := s.line(from)
	to = min(to, end)
	for from < to {
		hi := min(end, from+window)
		s.walk = s.text.Append(s.walk[:0], from, hi)
		b := s.walk
		if hi < end {
			b = wholeRunes(b)
		}
		for from < to && len(b) > 0 {
			n := 1
			if len(b) < 2 || b[0] >= utf8.RuneSelf || b[1] >= utf8.RuneSelf {
				n = s.clusterIn(b, from, start, hi == end)
			}
			if n == 0 || n > len(b) {
				break
			}
			if !f(from, b[:n]) {
				return
			}
			from, b = from+n, b[n:]
		}
		if len(b) == len(s.walk) && from < to { // a cluster is shorter than a window: this is not UTF-8
			if !f(from, s.walk[:1]) {
				return
			}
			from++
		}
	}
}

// clusterIn is the length of the first cluster of b, which stands at off in the line that begins at start; 0 where b does
// not hold all of it.
func (s *scanner) clusterIn(b []byte, off, start int, last bool) int {
	n, _, _ := graphemes.SplitFunc(b, last)
	if n > 0 && (off-start)/stride == (off+n-1-start)/stride {
		return n
	}
	if n == 0 && len(b) < 2*stride {
		return 0
	}
	return s.next(off) - off
}

// FirstCluster returns the length in bytes of the first grapheme cluster of line, which begins on a boundary and is
// taken to be complete. A LF is a cluster of its own.
func FirstCluster(line []byte) int {
	if len(line) < 2 || line[0] == '\n' || line[0] < utf8.RuneSelf && line[1] < utf8.RuneSelf {
		return min(len(line), 1)
	}
	if len(line) > 2*stride {
		line = wholeRunes(line[:2*stride])
	}
	n, _, _ := graphemes.SplitFunc(line, true)
	if i := bytes.IndexByte(line[:n], '\n'); i > 0 {
		n = i
	}
	return n
}

// wholeRunes drops an incomplete rune at the end of b.
func wholeRunes(b []byte) []byte {
	for i := 1; i <= utf8.UTFMax && i <= len(b); i++ {
		if c := b[len(b)-i]; utf8.RuneStart(c) {
			if !utf8.FullRune(b[len(b)-i:]) {
				return b[:len(b)-i]
			}
			break
		}
	}
	return b
}

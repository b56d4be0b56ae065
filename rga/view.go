package rga

import (
	"bytes"
	"iter"
)

// View is an immutable text. It may be used from any goroutine, by several at once, while the
// document it was made from goes on.
type View struct {
	root       *inner
	reps       []*replica // only their arenas' shared part is read
	len, lines int
}

// View returns the present text, immutable, in O(1). Usable from any goroutine.
func (d *Doc) View() *View {
	if d.view == nil {
		t := &d.tree
		t.flush()
		d.view = &View{t.inners[t.root].p, t.reps[:len(t.reps):len(t.reps)], t.len, t.lines}
		t.epoch++
	}
	return d.view
}

// Len is the number of bytes.
func (v *View) Len() int { return v.len }

// Lines is the number of newlines plus one.
func (v *View) Lines() int { return v.lines + 1 }

func (v *View) text(s *span) []byte {
	whole := *v.reps[s.rep].arena.shared.Load()
	return whole[s.seq:s.end():s.end()]
}

// LineStart is the offset at which a line, counted from 0, begins; Len for lines beyond the end.
func (v *View) LineStart(line int) int {
	if line <= 0 {
		return 0
	}
	if line > v.lines {
		return v.len
	}
	in, base, left := v.root, 0, line // the answer is behind the left-th newline from base
	for {
		i := 0
		for left > int(in.nl[i]) {
			left -= int(in.nl[i])
			base += int(in.vis[i])
			i++
		}
		if in.low {
			return base + v.afterNewline(in.leaves[i], left)
		}
		in = in.kids[i]
	}
}

// afterNewline is the offset in the leaf behind its n-th newline, counted from 1.
func (v *View) afterNewline(l *leaf, n int) int {
	off := 0
	for i := range l.spans[:l.n] {
		s := &l.spans[i]
		if s.hidden() {
			continue
		}
		text := v.text(s)
		if c := int(newlines(text)); c < n {
			n -= c
			off += len(text)
			continue
		}
		for ; n > 0; n-- {
			k := bytes.IndexByte(text, '\n') + 1
			off += k
			text = text[k:]
		}
		return off
	}
	panic("rga: internal error: newline not in its leaf")
}

// LineAt is the line, counted from 0, that holds the byte at off; offsets outside are brought inside.
func (v *View) LineAt(off int) int {
	off = min(max(off, 0), v.len)
	if off == v.len {
		return v.lines
	}
	in, line := v.root, 0
	for {
		i := 0
		for off >= int(in.vis[i]) {
			off -= int(in.vis[i])
			line += int(in.nl[i])
			i++
		}
		if in.low {
			return line + v.newlinesBefore(in.leaves[i], off)
		}
		in = in.kids[i]
	}
}

// newlinesBefore counts the newlines in the first off bytes of the leaf.
func (v *View) newlinesBefore(l *leaf, off int) int {
	count := 0
	for i := range l.spans[:l.n] {
		s := &l.spans[i]
		if s.hidden() {
			continue
		}
		n := min(off, int(s.n))
		if n == 0 {
			break
		}
		count += int(newlines(v.text(s)[:n]))
		off -= n
	}
	return count
}

// Append appends the bytes from offset from up to to.
func (v *View) Append(dst []byte, from, to int) []byte {
	for c := range v.Chunks(from, to) {
		dst = append(dst, c...)
	}
	return dst
}

// String returns the whole text.
func (v *View) String() string { return string(v.Append(make([]byte, 0, v.len), 0, v.len)) }

// Chunks yields the bytes from offset from up to to in order, as slices of the arenas, which must
// not be modified. Chunks begin and end between runes if from and to do.
func (v *View) Chunks(from, to int) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		from, to := max(from, 0), min(to, v.len)
		if from < to {
			v.forward(v.root, from, to, yield)
		}
	}
}

// forward yields the part [from, to) of what is below in; false when the consumer has enough.
func (v *View) forward(in *inner, from, to int, yield func([]byte) bool) bool {
	for i := 0; i < in.n && to > 0; i++ {
		n := int(in.vis[i])
		if from < n {
			a, b := max(from, 0), min(to, n)
			if in.low {
				if !v.leafForward(in.leaves[i], a, b, yield) {
					return false
				}
			} else if !v.forward(in.kids[i], a, b, yield) {
				return false
			}
		}
		from -= n
		to -= n
	}
	return true
}

func (v *View) leafForward(l *leaf, from, to int, yield func([]byte) bool) bool {
	for i := 0; i < l.n && to > 0; i++ {
		s := &l.spans[i]
		if s.hidden() {
			continue
		}
		n := int(s.n)
		if from < n && !yield(v.text(s)[max(from, 0):min(to, n):min(to, n)]) {
			return false
		}
		from -= n
		to -= n
	}
	return true
}

// ChunksBack yields the bytes before offset to in chunks from the last one to the first. The bytes
// of each chunk stand in their order.
func (v *View) ChunksBack(to int) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		if to := min(to, v.len); to > 0 {
			v.backward(v.root, to, v.len, yield)
		}
	}
}

// backward yields the first to of the size bytes below in, from behind.
func (v *View) backward(in *inner, to, size int, yield func([]byte) bool) bool {
	for i := in.n - 1; i >= 0; i-- {
		n := int(in.vis[i])
		size -= n // the bytes before child i
		if to <= size || n == 0 {
			continue
		}
		part := min(to-size, n)
		if in.low {
			if !v.leafBackward(in.leaves[i], part, n, yield) {
				return false
			}
		} else if !v.backward(in.kids[i], part, n, yield) {
			return false
		}
	}
	return true
}

func (v *View) leafBackward(l *leaf, to, size int, yield func([]byte) bool) bool {
	for i := l.n - 1; i >= 0; i-- {
		s := &l.spans[i]
		if s.hidden() {
			continue
		}
		size -= int(s.n)
		if to <= size {
			continue
		}
		if !yield(v.text(s)[:min(to-size, int(s.n)):min(to-size, int(s.n))]) {
			return false
		}
	}
	return true
}

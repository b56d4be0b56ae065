package tracebench

import (
	"unicode/utf8"

	"coedit/rga"
)

// position is one place of a text in both units. It is moved rather than looked up: successive edits are near each other.
type position struct {
	runes, bytes int
}

// seek moves p to the given code point of v and reports whether there is such a place. p is a place of v.
func (p *position) seek(v *rga.View, to int) bool {
	switch {
	case to < p.runes/2:
		*p = position{}
		p.forward(v, to)
	case to < p.runes:
		p.back(v, to)
	default:
		p.forward(v, to)
	}
	return p.runes == to
}

func (p *position) forward(v *rga.View, to int) {
	for chunk := range v.Chunks(p.bytes, v.Len()) {
		for len(chunk) > 0 {
			if p.runes == to {
				return
			}
			_, size := utf8.DecodeRune(chunk)
			chunk = chunk[size:]
			p.bytes += size
			p.runes++
		}
	}
}

func (p *position) back(v *rga.View, to int) {
	for chunk := range v.ChunksBack(p.bytes) {
		for len(chunk) > 0 {
			if p.runes == to {
				return
			}
			_, size := utf8.DecodeLastRune(chunk)
			chunk = chunk[:len(chunk)-size]
			p.bytes -= size
			p.runes--
		}
	}
}

// retreat moves p before the changes, which were made to v: what stands before p is then the same in v and behind them.
func (p *position) retreat(v *rga.View, changes []rga.Change) {
	for i := range changes {
		off := changes[i].Offset
		if off >= p.bytes {
			continue
		}
		for chunk := range v.Chunks(off, p.bytes) {
			p.runes -= utf8.RuneCount(chunk)
		}
		p.bytes = off
	}
}

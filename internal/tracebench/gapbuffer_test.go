package tracebench

import "coedit/rga"

// gapBuffer is plain text with a hole where it was edited last. It knows nothing of other replicas: what it costs is the
// floor under every engine, and what it holds is what a sequential trace must end on.
type gapBuffer struct {
	buf      []byte
	from, to int // the hole
}

// edit replaces e.Delete bytes at e.Offset. It panics where they are outside.
func (g *gapBuffer) edit(e *rga.Edit) {
	switch at := e.Offset; {
	case at < g.from:
		n := g.from - at
		copy(g.buf[g.to-n:g.to], g.buf[at:g.from])
		g.from, g.to = at, g.to-n
	case at > g.from:
		n := at - g.from
		copy(g.buf[g.from:at], g.buf[g.to:g.to+n])
		g.from, g.to = at, g.to+n
	}
	if e.Delete > len(g.buf)-g.to {
		panic("gap buffer: deleting beyond the end")
	}
	g.to += e.Delete
	if len(e.Insert) > g.to-g.from {
		g.grow(len(e.Insert))
	}
	g.from += copy(g.buf[g.from:], e.Insert)
}

func (g *gapBuffer) grow(n int) {
	after := len(g.buf) - g.to
	buf := make([]byte, 2*len(g.buf)+n+64)
	copy(buf, g.buf[:g.from])
	copy(buf[len(buf)-after:], g.buf[g.to:])
	g.to, g.buf = len(buf)-after, buf
}

func (g *gapBuffer) String() string { return string(g.buf[:g.from]) + string(g.buf[g.to:]) }

package rga

import (
	"fmt"
	"unicode/utf8"
)

// Begin is the first edit of a document that has nothing yet: an insertion of text, which is not copied but becomes the
// document's, with the room behind it. Nobody may write there from then on. A long text with little room behind it is copied:
// the next insertion would have to move it.
func (d *Doc) Begin(at int64, text []byte) (Ticks, error) {
	if !d.blank() {
		return Ticks{}, fmt.Errorf("%w: the document has begun", ErrRange)
	}
	if !utf8.Valid(text) {
		return Ticks{}, fmt.Errorf("%w: the text is not UTF-8", ErrInvalid)
	}
	if err := d.judgeRoom(d.self, len(text), len(text)); err != nil {
		return Ticks{}, err
	}
	d.begin()
	if len(text) == 0 {
		return Ticks{}, nil
	}
	d.sign(at)
	d.self.arena.take(text)
	d.inserted(d.tree.start(), fromStart, 0, 0, len(text))
	d.changed()
	return Ticks{0, uint64(d.self.clock)}, nil
}

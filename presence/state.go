package presence

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"coedit/rga"
)

// ErrEncoding is wrapped by errors about bytes that are no state.
var ErrEncoding = errors.New("presence: damaged state")

// MaxState is the most bytes an encoded state may have.
const MaxState = 4096

// Bounds of what a state holds. All together stay below MaxState.
const (
	maxFile = 1024 // bytes of a file's name

	// MaxRanges is the most further carets and selections that a participant tells: more cannot be told apart on a screen.
	MaxRanges = 24
	// MaxRows is the most rows of text that a participant says are shown to it.
	MaxRows = 1 << 16
)

// Range is a caret with the other end of its selection; equal: nothing is selected.
type Range struct{ Head, Tail rga.Anchor }

// State is what one participant tells about itself; the newest (highest Stamp) wins.
type State struct {
	Replica  rga.ReplicaID
	Stamp    uint64 // logical clock of its author: only the member raises its own
	Name     string // sanitised when read, at most 32 runes
	Colour   uint8  // index into the palette
	Host     bool   // shares the file: has it on disk
	ReadOnly bool
	Head     rga.Anchor // caret
	Tail     rga.Anchor // other end of the selection; equal to Head: none
	Top      rga.Anchor // first line shown, for follow mode
	File     string     // sanitised when read, at most 1024 bytes
	Idle     bool
	Dirty    bool   // host: the text differs from what is on disk
	Saves    uint64 // host: number of saves so far (a change is shown as "saved")
	AskSave  uint64 // guest: number of times it asked the host to save
	Hash     uint64 // of the version, to compare
	Typed    uint64 // bytes typed so far: its author's entry in Contributions
	Left     bool   // said goodbye
	// Since version 2.
	SaveFails uint64      // host: number of saves that failed so far (a change is shown with the problem)
	Problem   SaveProblem // host: why the last save failed; 0 after one that did not
	// Since version 3.
	Ranges  []Range       // carets and selections beside Head and Tail, at most MaxRanges; never modified
	Rows    uint64        // of text shown from Top on; at most MaxRows, 0: not said
	Says    string        // the newest line of chat; sanitised when read, at most MaxChat runes
	Lines   uint64        // of chat so far: a change says that Says is new, though it may read like the one before
	Calls   uint64        // times it asked everybody to come to where it is
	Follows rga.ReplicaID // whose view it follows; 0: nobody's
	RTT     uint64        // round trip to the relay in milliseconds; 0: not known
	// Since version 4.
	Sent    uint64 // own ticks that the relay has acknowledged: whoever lacks some for long is not given them
	AskedAt uint64 // guest: own ticks when it asked to save last; the host has them before it saves
}

// Equal says whether two states say the same.
func (s State) Equal(o State) bool {
	return s.Replica == o.Replica && s.Stamp == o.Stamp && bytes.Equal(s.Encode(), o.Encode())
}

// stateVersion is the version of the encoding that is written; all are read. Later versions may only append fields; a reader skips what it does not know.
const stateVersion = 4

// Bits of the flags byte.
const (
	flagHost = 1 << iota
	flagReadOnly
	flagIdle
	flagDirty
	flagLeft
)

// Encode returns the state as bytes: a version byte, a flags byte, the colour, then varints, anchors and length-prefixed
// strings in a fixed order. Name and file are sanitised first; equal states have equal bytes.
func (s State) Encode() []byte {
	b := make([]byte, 0, 128+len(s.Name)+len(s.File)+len(s.Says)+42*len(s.Ranges))
	b = append(b, stateVersion, s.flags(), s.Colour)
	b = binary.AppendUvarint(b, uint64(s.Replica))
	b = binary.AppendUvarint(b, s.Stamp)
	b = appendString(b, SanitizeName(s.Name))
	b = appendString(b, sanitizeFile(s.File))
	for _, a := range []rga.Anchor{s.Head, s.Tail, s.Top} {
		b = appendAnchor(b, a)
	}
	for _, n := range []uint64{s.Saves, s.AskSave, s.Hash, s.Typed, s.SaveFails, uint64(s.Problem)} {
		b = binary.AppendUvarint(b, n)
	}
	b = binary.AppendUvarint(s.appendVersion3(b), s.Sent)
	return binary.AppendUvarint(b, s.AskedAt)
}

func (s State) appendVersion3(b []byte) []byte {
	b = appendString(b, SanitizeChat(s.Says))
	for _, n := range []uint64{s.Lines, s.Calls, uint64(s.Follows), s.RTT, min(s.Rows, MaxRows)} {
		b = binary.AppendUvarint(b, n)
	}
	ranges := s.Ranges[:min(len(s.Ranges), MaxRanges)]
	b = binary.AppendUvarint(b, uint64(len(ranges)))
	for _, r := range ranges {
		b = appendAnchor(appendAnchor(b, r.Head), r.Tail)
	}
	return b
}

func (s *State) readVersion3(r *reader) {
	s.Says = SanitizeChat(r.string())
	s.Lines, s.Calls = r.uvarint(), r.uvarint()
	s.Follows = rga.ReplicaID(r.uvarint())
	s.RTT, s.Rows = r.uvarint(), min(r.uvarint(), MaxRows)
	n := r.uvarint()
	if n > MaxRanges {
		r.fail()
		return
	}
	for range n {
		s.Ranges = append(s.Ranges, Range{r.anchor(), r.anchor()})
	}
}

func (s State) flags() (f byte) {
	for bit, set := range map[byte]bool{flagHost: s.Host, flagReadOnly: s.ReadOnly, flagIdle: s.Idle, flagDirty: s.Dirty, flagLeft: s.Left} {
		if set {
			f |= bit
		}
	}
	return f
}

// DecodeState reads what Encode wrote, also by a later version. Errors wrap ErrEncoding.
func DecodeState(b []byte) (State, error) {
	if len(b) > MaxState {
		return State{}, fmt.Errorf("%w: %d bytes, at most %d", ErrEncoding, len(b), MaxState)
	}
	if len(b) < 3 || b[0] < 1 {
		return State{}, fmt.Errorf("%w: no version 1 or later", ErrEncoding)
	}
	s := State{
		Host: b[1]&flagHost != 0, ReadOnly: b[1]&flagReadOnly != 0, Idle: b[1]&flagIdle != 0,
		Dirty: b[1]&flagDirty != 0, Left: b[1]&flagLeft != 0, Colour: b[2],
	}
	r := reader{b: b[3:]}
	s.Replica = rga.ReplicaID(r.uvarint())
	s.Stamp = r.uvarint()
	s.Name = SanitizeName(r.string())
	s.File = sanitizeFile(r.string())
	for _, a := range []*rga.Anchor{&s.Head, &s.Tail, &s.Top} {
		*a = r.anchor()
	}
	for _, n := range []*uint64{&s.Saves, &s.AskSave, &s.Hash, &s.Typed} {
		*n = r.uvarint()
	}
	if b[0] >= 2 {
		s.SaveFails = r.uvarint()
		s.Problem = saveProblem(r.uvarint())
	}
	if b[0] >= 3 {
		s.readVersion3(&r)
	}
	if b[0] >= 4 {
		s.Sent, s.AskedAt = r.uvarint(), r.uvarint()
	}
	if r.failed {
		return State{}, fmt.Errorf("%w: cut short after %d bytes", ErrEncoding, len(b))
	}
	if s.Replica == 0 {
		return State{}, fmt.Errorf("%w: names no replica", ErrEncoding)
	}
	return s, nil
}

func appendAnchor(b []byte, a rga.Anchor) []byte {
	b = append(b, byte(a.Bias))
	b = binary.AppendUvarint(b, uint64(a.ID.Replica))
	return binary.AppendUvarint(b, a.ID.Seq)
}

func appendString(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

// reader takes values from the front of b; the first that is not there makes it fail for good.
type reader struct {
	b      []byte
	failed bool
}

func (r *reader) fail() { r.failed, r.b = true, nil }

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) string() string {
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		r.fail()
		return ""
	}
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}

func (r *reader) anchor() rga.Anchor {
	if len(r.b) == 0 || r.b[0] > byte(rga.Before) {
		r.fail()
		return rga.Anchor{}
	}
	a := rga.Anchor{Bias: rga.Bias(r.b[0])}
	r.b = r.b[1:]
	a.ID.Replica = rga.ReplicaID(r.uvarint())
	a.ID.Seq = r.uvarint()
	return a
}

package main

import "encoding/binary"

// What of the protocols of y-websocket and hocuspocus a load needs: both carry Yjs's own messages, the latter behind the
// name of the document. Numbers are unsigned varints, strings and byte strings stand behind their length.
// See y-protocols' PROTOCOL.md and, for updates, Yjs's INTERNALS.md.

// Kinds of messages, and of what a sync message holds.
const (
	kindSync  = 0
	kindAuth  = 2
	kindReply = 4 // hocuspocus: a sync message that answers one

	syncStep1  = 0
	syncStep2  = 1
	syncUpdate = 2
)

// Parts of an item's first byte: what follows, and what is in it.
const (
	hasOrigin    = 0x80
	hasRight     = 0x40
	hasParentSub = 0x20
	contentMask  = 0x1f

	contentGC      = 0
	contentDeleted = 1
	contentString  = 4
	contentSkip    = 10
)

func text(b []byte, s string) []byte { return append(binary.AppendUvarint(b, uint64(len(s))), s...) }

// update is one character behind the client's last one, or at the beginning.
func update(client, clock uint64) []byte {
	b := []byte{1, 1} // one client, one item
	b = binary.AppendUvarint(b, client)
	b = binary.AppendUvarint(b, clock)
	if clock == 0 {
		b = append(b, contentString, 1)
		b = text(b, "t") // the root it is in
	} else {
		b = append(b, contentString|hasOrigin)
		b = binary.AppendUvarint(b, client)
		b = binary.AppendUvarint(b, clock-1)
	}
	b = text(b, "x")
	return append(b, 0) // nothing deleted
}

// reader reads an update; bad is set when there is less than there should be.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) number() uint64 {
	n, size := binary.Uvarint(r.b)
	if size <= 0 {
		r.b, r.bad = nil, true
		return 0
	}
	r.b = r.b[size:]
	return n
}

func (r *reader) byte() byte {
	if len(r.b) == 0 {
		r.bad = true
		return 0
	}
	c := r.b[0]
	r.b = r.b[1:]
	return c
}

func (r *reader) bytes() []byte {
	n := r.number()
	if n > uint64(len(r.b)) {
		r.b, r.bad = nil, true
		return nil
	}
	s := r.b[:n]
	r.b = r.b[n:]
	return s
}

func (r *reader) id() { r.number(); r.number() }

// characters calls each for every character that an update inserts: servers may put several updates into one.
func characters(update []byte, each func(client, clock uint64)) {
	r := &reader{b: update}
	for clients := r.number(); clients > 0 && !r.bad; clients-- {
		items, client, clock := r.number(), r.number(), r.number()
		for ; items > 0 && !r.bad; items-- {
			clock += r.item(func(n uint64) {
				for i := range n {
					each(client, clock+i)
				}
			})
		}
	}
}

// item reads one item and returns how many clocks it covers. inserted is told how many characters it inserts.
func (r *reader) item(inserted func(n uint64)) uint64 {
	info := r.byte()
	kind := info & contentMask
	if kind == contentGC || kind == contentSkip {
		return r.number()
	}
	if info&hasOrigin != 0 {
		r.id()
	}
	if info&hasRight != 0 {
		r.id()
	}
	if info&(hasOrigin|hasRight) == 0 {
		if r.number() == 1 {
			r.bytes()
		} else {
			r.id()
		}
		if info&hasParentSub != 0 {
			r.bytes()
		}
	}
	switch kind {
	case contentString:
		n := uint64(len(r.bytes()))
		inserted(n)
		return n
	case contentDeleted:
		return r.number()
	}
	r.bad = true // nothing else is sent here
	return 0
}

// dialect is how a server wants its messages.
type dialect struct {
	path  func(room string) string
	greet func(room string) [][]byte // sent first
	wrap  func(room string, message []byte) []byte
	strip func(message []byte) []byte
}

var dialects = map[string]dialect{
	"y-websocket": {
		path:  func(room string) string { return "/" + room },
		greet: func(string) [][]byte { return [][]byte{{kindSync, syncStep1, 1, 0}} },
		wrap:  func(_ string, m []byte) []byte { return m },
		strip: func(m []byte) []byte { return m },
	},
	"hocuspocus": {
		path: func(string) string { return "/" },
		greet: func(room string) [][]byte {
			auth := text(text(append(text(nil, room), kindAuth, 0), "token"), "4.7.0")
			return [][]byte{auth, append(text(nil, room), kindSync, syncStep1, 1, 0)}
		},
		wrap: func(room string, m []byte) []byte { return append(text(nil, room), m...) },
		strip: func(m []byte) []byte {
			r := &reader{b: m}
			r.bytes()
			return r.b
		},
	},
}

// syncMessage is what a sync message holds, and which of the three it is.
func syncMessage(m []byte) (kind byte, payload []byte, ok bool) {
	if len(m) < 2 || m[0] != kindSync && m[0] != kindReply {
		return 0, nil, false
	}
	r := &reader{b: m[2:]}
	payload = r.bytes()
	return m[1], payload, !r.bad
}

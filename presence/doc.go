// Package presence is who is here: what each participant tells about itself, and how much each has typed.
//
// # What is in it
//
// A [State] is one participant's small message: name, colour, carets and selections as rga anchors, what part of the text is
// shown to it, whether its file is saved, whom it follows, and the newest thing it said to everybody.
// It travels sealed, as the bytes of [State.Encode]. A [Roster] keeps the newest state of each replica; it is a
// last-writer-wins element set. [Contributions] counts bytes typed; it is a grow-only counter. Both are state-based CRDTs:
// merging is commutative, associative and idempotent, so states may arrive in any order, twice, or through others.
//
// # Order and ties
//
// States of a replica are ordered by their stamp, a logical clock that only that replica raises; [Clock] is injectable, and
// [NewClock] makes one that also learns from what it observes. A well-behaved replica never uses a stamp twice. Where it
// happens all the same, a removal wins over a state, and of two states the one whose encoding is the greater string of
// bytes wins, so that everybody decides alike.
//
// # Guarantees and limits
//
// Roster, Contributions and the clock are safe for concurrent use. [DecodeState] never panics, refuses more than
// [MaxState] bytes, and sanitises names: what it returns may be shown. The package does not know whether a state was
// really sent by the replica it names: the seal does. It reads no clock: who has been silent for too long is for the
// caller to say, by [Roster.Hint], which is local and never merged.
package presence

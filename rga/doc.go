// Package rga is a sequence CRDT for text: replicas of one document that are edited apart, and end
// with the same bytes once each has every operation, in whatever order they came. It is pure: no
// goroutine, no clock, no input or output; the standard library only.
//
//	a := rga.New(1)
//	a.Edit(now, rga.Edit{Insert: "hello"})
//	batch, clock := a.AppendOwn(nil, 0, 64<<10) // to be sent; later from clock on
//	b := rga.New(2)
//	result, err := b.Apply(batch)               // result.Changes says what to redraw
//
// # Units
//
// Every offset and length is in bytes of UTF-8 text. Edits begin and end between runes, and nothing
// that a peer sends can split one. Times are unix milliseconds. Three counters are never mixed:
//
//   - The seq of an element: the document's element is one byte of text, and its id is (replica, seq),
//     the seq-th byte, from 0, that the replica inserted. What was inserted is kept, deleted or not.
//   - The op clock of a replica counts its ticks: one for each byte inserted, one for each byte whose
//     visibility an op sets, one for each metadata set. Version vectors count ticks.
//   - The Lamport time of an inserted byte or a metadata set is 1 + the greatest Lamport time in its
//     causal past. Setting visibility does not advance it. It is never sent, but derived: L before a
//     tick is the greatest of L behind the author's tick before it and of L behind each of the tick's
//     parents; L behind an insertion or metadata set is one more than before it.
//
// The parents of a tick are what its author had newly seen of others: pairs (replica, ticks). Those
// that the closure of another parent, or of the author's tick before, covers may be left out.
//
// # What an operation means
//
// An insertion names its origin, the element left of it when it was made, or the beginning. In a run
// each further byte has the one before it as origin. The elements form a tree by origin; the
// document is the walk through it depth first, children of one origin in descending order of (Lamport
// time, replica id). A new run therefore goes right behind its origin and what is greater there.
//
// Which origin a local insertion has is not part of the meaning, but decides how concurrent typing
// reads: here it is the visible byte left of the caret, or, if own deleted text that ends with the
// last element this replica inserted directly follows that byte, that last element.
//
// An element has for each replica that ever deleted it a counter, and is visible when none is odd. A
// visibility op sets the counter of a named deleter on a range of elements; counters only grow, so
// that merging takes the maximum. Deleting raises one's own counter to the next odd number, taking that
// back raises it to the next even one, and taking an insertion back is deleting it oneself. So undo
// brings back nothing that another one deleted too, keeps the identity of what it brings back, and text
// typed in between by others and anchors return to where they were. Reverting what B deleted is an op of
// another replica that raises B's counter. See [Doc.Invert].
//
// A metadata register has the value set at the greatest (Lamport time, replica id).
//
// # Causality and validity
//
// A batch holds consecutive ticks of one author, of which only the first can have parents, and is
// applied whole or not at all. It is held, within [MaxHeldBatches] and [MaxHeldBytes], until the author's ticks before it,
// the parents, all elements named, and a tick of each deleter named are here. Of that room an author gets at most half of
// what the others leave, so that there is some for everyone. What of it is known already is skipped, without being compared: ticks are trusted to be the same wherever they come from.
//
// Whether an op is valid depends only on itself and its causes, so that all replicas judge alike:
// text is UTF-8 in whole runes; an origin is the last byte of a rune, and its Lamport time is less than
// that of what is inserted behind it; ranges of elements are whole runes; own elements named exist; seq
// and clock continue the author's; counters are 1 to [MaxCounter]; metadata keeps to its bounds. An
// invalid batch changes nothing and the author's ticks from there on are refused ([ErrRefused]). A
// damaged one ([ErrEncoding]) says nothing about its author.
//
// # The past
//
// A version is a [Version] that a replica can have had: with each tick its causes, and no part of a rune. An element is in
// it when its tick is, and visible there when the ops of the version alone leave no counter odd; where it stands never
// changes. So [Doc.At] is one walk over the spans and the logs, and [Doc.Steps] and [Doc.Replay] yield the history in an order
// of which each beginning is a version, by the authors' clocks where causality leaves a choice. [Doc.Blame] says which tick
// inserted what stands there.
//
// [Doc.EditAt] makes edits of the text of a version. The outcome is the text that would come of a replica with the same id
// having made them there, without anything since, and its ops being merged now; but the ops are made now. What it deletes gets
// this replica's deletion, also where others have deleted it since. What it inserts goes where RGA puts an insertion with the
// origin and the Lamport time of then; its origin is the element, deleted or not, that stands left of that place now.
//
// # What it does not promise
//
//   - Runs typed forwards at one place by several people stay whole. Runs typed backwards, each byte
//     before the one typed before, can come out mixed.
//   - Two replicas with one id, from a copied state, say, are not detected in general: the id must be
//     used by one [Doc] at a time, which has all its ticks.
//   - Who made a batch is not checked: that is the business of who carries it. A batch is only
//     checked to be possible. Its checksum finds accidents, not malice.
//   - The history is kept for ever, and deleted text with it, unless somebody decides otherwise: see [Doc.Forget].
//
// # Structure
//
// The text of each replica's insertions lies in an append-only arena. A span is a stretch of
// elements that follow each other both in an arena and in the document and share a visibility state;
// a B+tree over the spans counts visible bytes and newlines, and an interval map for each replica finds
// the leaf that holds an element. A view is a root of this tree; nodes are copied before they are
// changed once a view may read them. Visibility states are sets of (deleter, counter) that share their equal parts. The log of
// what was loaded stays in the document's columns, about 5 bytes an op, and is read again where it is wanted; an op made or
// received since takes 24.
//
// # Batches, byte by byte
//
// All numbers are uvarints or zigzag varints as in encoding/binary, in their shortest form, where
// nothing else is said.
//
//	1 byte    version 1 in the upper half; flags: 1 a time follows, 2 plain
//	8 bytes   author, big endian
//	uvarint   clock: the author's ticks before this batch
//	uvarint   clock minus seq, seq being the author's elements before this batch
//	varint    with flag 1: the time from the first tick on
//	          body
//	4 bytes   CRC-32C of all before, little endian
//
// Without a time the batch goes on within the time of its author's tick before (times are kept about once a
// second). The body of a plain batch is text, inserted behind the author's last element. Any other body is a
// sequence of items, each beginning with the uvarint n*8 + kind:
//
//	0  n bytes of text behind the author's last element: the text
//	1  n bytes of text behind an origin: the element, the text
//	2  n elements get the author's counter 1: the first element
//	3  the same, the ticks going from the last element to the first
//	4  n elements get a counter: the replica it is of, uvarint the counter, the first element
//	5  the same, the ticks going from the last element to the first
//	6  a metadata set: key of n bytes, uvarint length of the value, value
//	7  n = 0: varint the time from here on minus the time before (0 at first);
//	   else n parents of the next tick: replica and uvarint ticks of each
//
// A replica is named by a uvarint: 1 is the author, x up to the number of replicas named so far is
// the x-th of them, and one more is a new one whose 8 bytes follow. An element is named by its
// replica, or 0 for the beginning where that is possible, and the varint of its seq minus the
// expected one: for the author the seq behind its last element, for others 0; once one has been named,
// the seq behind the element or range named last, for kinds 3 and 5 that of its first element. After kinds
// 0 and 1 it is for the author the seq behind the inserted text.
// A time and parents come right before the tick they belong to, in this order. An op may be cut between
// runes into two that mean the same.
//
// # Streams, byte by byte
//
// A stream holds consecutive ticks of one author, in chunks whose ends the carrier keeps. The first chunk begins with a head:
//
//	2 bytes   0 and version 1
//	8 bytes   author, big endian
//	uvarint   clock: the author's ticks before this stream
//	uvarint   clock minus seq, seq being the author's elements before this stream
//
// Any other chunk may begin with a check: the byte 6 and 4 bytes, little endian, the CRC-32C of all chunks from the
// one with the check before on, or the first one, up to the one before. It does where that is 128 bytes or more.
// The rest of each chunk are one or more items as in a batch's body, and are applied whole or not at all. Replicas
// named, the seqs from which elements are counted, and the time go on from chunk to chunk. Only the first tick of
// a chunk can have parents. So a chunk that waits for its causes can be written anew as a batch, which is how it is held.
//
// # Documents, byte by byte
//
//	8 bytes   "coedit\x00D"
//	1 byte    version 1
//	1 byte    the codec that compressed sections, 0 for none
//	          sections, in the order below: uvarint of twice the length, then so many bytes;
//	          or compressed: uvarint of twice the length plus 1, uvarint of the compressed length,
//	          which is less, and the compressed bytes
//	4 bytes   CRC-32C of all before, little endian
//
// The sections together are at most 64 MiB and 1024 times the document's bytes long. They are columns; each holds,
// one after the other, what it has of the first replica, of the second, and so on:
//
//	head            uvarint the generation; uvarint number of replicas that made a tick; for each, ascending
//	                by id: 8 bytes the id, big endian, and the uvarints ticks, ops, stamps, parents
//	kinds           a byte for each op, below
//	lengths         uvarint ticks of each op but metadata sets
//	places          a gap for each op that names elements, below
//	counters        for each op of kind 5 or 6: uvarint the place of the deleter, uvarint the counter
//	metadata        for each op of kind 7: uvarint length of the key, key, uvarint length of the value, value
//	stamp ticks     for each stamp: uvarint the tick from which on it is the time, minus that of the stamp before
//	stamp times     for each stamp: varint the time, minus that of the stamp before
//	parent ticks    for each parent: uvarint the tick it is a parent of, minus that of the parent before
//	parent places   for each parent: uvarint the place of the replica
//	parent seen     for each parent: varint its ticks, minus those of the parent before of the same replica
//	forgotten       in generations from 1 on, for each replica: uvarint its ticks at the version before which
//	                deleted text was forgotten, uvarint number of ranges; for each of them, ascending:
//	                uvarint first element minus the end of the range before, uvarint elements; each
//	                was inserted before that version, and has been deleted by an op
//	shapes          of the runes of those ranges, all in one: uvarint count*4 + length-1 for each stretch of
//	                runes of one length
//	text            the visible elements, in the order of the document; then the others that are not
//	                forgotten, in that order
//
// The place of a replica is its number in head, from 0. What a first value is taken from is 0. Ops are:
//
//	0  an insertion behind the author's last element
//	1  an insertion behind an element; the gap is the one behind it
//	2  an insertion at the beginning
//	3  elements get the author's counter 1; the gap is the one before the first
//	4  the same, the ticks going from the last element to the first; the gap is the one behind the last
//	5  elements get a counter
//	6  the same, the ticks going from the last element to the first
//	7  a metadata set
//
// A gap is the place of a replica and a seq: it lies before that element. The last 7 different gaps are
// remembered, from the beginning of each replica's columns. An insertion behind an element adds its
// gap; any insertion adds the one behind its last element; an op on elements adds the gap that is not written, then
// the one that is, if the ticks go from the first to the last, and else the one that is, then the other.
// A gap is written as the uvarint zigzag*8 + i, zigzag being the zigzag form of its seq minus that of the i-th of them, from 0, the
// latest first, of the same replica; that i is taken which gives the shortest number, the least if several do, where
// an equal seq is the shortest of all. Where none is of the same replica it is the uvarint place*8 + 7, and the uvarint seq.
//
// Times and parents stand before ticks that begin a rune, inserted or set.
// Ops are as long as they can be: going through the ticks rune by rune, each continues the op before it
// if it can, in either direction if that is of one rune. So equal histories have equal bytes if not
// compressed. The order of the elements is not written: it follows from origins and Lamport times; nor
// are the states of elements: they follow from the ops.
package rga

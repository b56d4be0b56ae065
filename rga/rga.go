package rga

import "slices"

// Doc is one replica of the text. Not safe for concurrent use; views of it are.
type Doc struct {
	tree tree
	vis  *visibility
	self *replica
	byID map[ReplicaID]*replica // those in tree.reps

	elements int     // of all replicas
	fresh    []int32 // replicas whose latest ticks no later own op has as parents, and no other of these covers
	meta     map[string]metaValue
	held     held
	refused  map[ReplicaID]uint32 // the tick from which on an author's ops are refused
	parsed   batch                // reused by Apply

	generation  uint64  // how often something was forgotten
	forgottenAt Version // what was deleted at this version is forgotten; nil in generation 0

	writer opWriter // reused by AppendOwn

	view    *View // of the present text, or nil
	changes []Change
	first   int // where the present call's changes begin in changes
}

// New returns an empty document whose local edits carry ids of self, which must not be 0.
func New(self ReplicaID) *Doc {
	if self == 0 {
		panic("rga: replica id 0")
	}
	d := &Doc{
		tree: newTree(), vis: newVisibility(),
		byID: map[ReplicaID]*replica{}, meta: map[string]metaValue{}, refused: map[ReplicaID]uint32{},
	}
	d.self = d.enroll(self)
	return d
}

// enroll returns the replica with the given id, known from now on.
func (d *Doc) enroll(id ReplicaID) *replica {
	r := d.byID[id]
	if r == nil {
		r = newReplica(id)
		r.self = uint32(len(d.tree.reps))
		d.tree.reps = append(d.tree.reps, r)
		d.byID[id] = r
	}
	return r
}

// Replica is the id that local edits carry.
func (d *Doc) Replica() ReplicaID { return d.self.id }

// Len is the number of visible bytes.
func (d *Doc) Len() int { return d.tree.len }

// Clock is the number of own ticks so far.
func (d *Doc) Clock() uint64 { return uint64(d.self.clock) }

// Version returns a copy of the version vector.
func (d *Doc) Version() Version {
	v := make(Version, len(d.tree.reps))
	for _, r := range d.tree.reps {
		if r.clock > 0 {
			v[r.id] = uint64(r.clock)
		}
	}
	return v
}

// begin starts a call that reports changes.
func (d *Doc) begin() {
	const chunk = 64 // one allocation for so many edits
	if len(d.changes) == cap(d.changes) {
		d.changes = make([]Change, 0, chunk)
	}
	d.first = len(d.changes)
	d.view = nil
	d.tidy()
}

// changed returns the changes of the call that began last. The caller owns them.
func (d *Doc) changed() []Change {
	if d.first == len(d.changes) {
		return nil
	}
	return slices.Clip(d.changes[d.first:])
}

// Reuse says that the changes which the latest call returned are needed no longer, so that the next call may use their
// room for its own. What they refer to is not touched.
func (d *Doc) Reuse() { d.changes = d.changes[:d.first] }

// note reports a change, as part of the one before it if it continues it.
func (d *Doc) note(off, deleted int, inserted []byte) {
	if n := len(d.changes); n > d.first && deleted > 0 {
		c := &d.changes[n-1]
		if len(c.Inserted) == 0 && (c.Offset == off || off+deleted == c.Offset) {
			c.Offset = off
			c.Deleted += deleted
			return
		}
	}
	d.changes = append(d.changes, Change{off, deleted, inserted})
}

// Change is what an operation did to the visible text. Changes of one result apply one after the other.
// Inserted aliases an append-only arena: it stays valid and must not be modified.
type Change struct {
	Offset   int
	Deleted  int
	Inserted []byte
}

// Edit replaces Delete bytes at Offset by Insert. Offsets of one call all refer to the text before the call;
// edits are in ascending order and do not overlap.
type Edit struct {
	Offset, Delete int
	Insert         string
}

// Ticks is a half-open range [From, To) of one replica's op clock.
type Ticks struct{ From, To uint64 }

package rga

import (
	"fmt"
	"unicode/utf8"
)

// metaValue is a metadata register: the last writer by (Lamport time, replica) wins.
type metaValue struct {
	value   string
	lamport uint64
	replica ReplicaID
}

// SetMeta sets a metadata register (last writer wins). The key has 1 to MaxMetaKey bytes, the value
// at most MaxMetaValue; both are UTF-8.
func (d *Doc) SetMeta(at int64, key, value string) (Ticks, error) {
	if err := judgeMeta(key, value); err != nil {
		return Ticks{}, err
	}
	if err := d.judgeRoom(d.self, 0, 1); err != nil {
		return Ticks{}, err
	}
	d.sign(at)
	d.setMeta(d.self, register{key, value})
	return Ticks{uint64(d.self.clock) - 1, uint64(d.self.clock)}, nil
}

// Meta reads a metadata register.
func (d *Doc) Meta(key string) (value string, ok bool) {
	m, ok := d.meta[key]
	return m.value, ok
}

func judgeMeta(key, value string) error {
	if len(key) == 0 || len(key) > MaxMetaKey || len(value) > MaxMetaValue {
		return fmt.Errorf("%w: metadata key of %d bytes, value of %d", ErrInvalid, len(key), len(value))
	}
	if !utf8.ValidString(key) || !utf8.ValidString(value) {
		return fmt.Errorf("%w: metadata is not UTF-8", ErrInvalid)
	}
	return nil
}

// setMeta applies and logs the next op of r, a metadata set.
func (d *Doc) setMeta(r *replica, m register) {
	lamport := r.latest() + 1
	r.step(lamport + 1 - uint64(r.seq))
	r.logMeta(m)
	old, ok := d.meta[m.key]
	if !ok || lamport > old.lamport || lamport == old.lamport && r.id > old.replica {
		d.meta[m.key] = metaValue{m.value, lamport, r.id}
	}
}

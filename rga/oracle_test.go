package rga_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"maps"
	"slices"
	"sort"

	"coedit/rga"
)

// oracle is the meaning of package rga once more, in the simplest way: a struct for each byte, an
// explicit tree of origins, siblings sorted, the text by walking the tree depth first. It reads
// batches by a decoder of its own, written from the package's documentation.
type oracle struct {
	elements map[rga.ID]*oracleElement
	root     oracleElement
	lamports map[rga.ReplicaID][]uint64 // by tick: the greatest Lamport time in its closure
	seqs     map[rga.ReplicaID]uint64
	meta     map[string]oracleRegister
	waiting  []oracleBatch

	forgotten map[rga.ID]bool // elements whose bytes are; they are not shown, whatever the counters say
}

type oracleElement struct {
	id       rga.ID
	tick     uint64 // of its author's
	lamport  uint64
	b        byte
	children []*oracleElement
	counters map[rga.ReplicaID]uint64
}

type oracleRegister struct {
	value   string
	lamport uint64
	replica rga.ReplicaID
}

// oracleOp is one tick, or what had been seen before the next one.
type oracleOp struct {
	kind    byte // 'i'nsert, 's'et, 'm'eta, 'p'arents
	id      rga.ID
	b       byte
	deleter rga.ReplicaID
	counter uint64
	key     string
	value   string
	seen    rga.Version
}

type oracleBatch struct {
	author rga.ReplicaID
	clock  uint64
	seq    uint64
	ops    []oracleOp
}

func newOracle() *oracle {
	return &oracle{
		elements: map[rga.ID]*oracleElement{}, lamports: map[rga.ReplicaID][]uint64{},
		seqs: map[rga.ReplicaID]uint64{}, meta: map[string]oracleRegister{},
	}
}

// take adds a batch, and applies it and others that have waited as far as their causes are there.
func (o *oracle) take(raw []byte) error {
	b, err := readOracleBatch(raw)
	if err != nil {
		return err
	}
	o.waiting = append(o.waiting, b)
	for progress := true; progress; {
		progress = false
		for i, b := range o.waiting {
			if o.ready(b) {
				o.apply(b)
				o.waiting = slices.Delete(o.waiting, i, i+1)
				progress = true
				break
			}
		}
	}
	return nil
}

func (o *oracle) ready(b oracleBatch) bool {
	if uint64(len(o.lamports[b.author])) < b.clock {
		return false
	}
	for _, op := range b.ops {
		for id, c := range op.seen {
			if uint64(len(o.lamports[id])) < c {
				return false
			}
		}
		id := op.id.Replica
		if (op.kind == 'i' || op.kind == 's') && id != 0 && id != b.author && o.elements[op.id] == nil {
			return false
		}
		if op.kind == 's' && op.deleter != b.author && len(o.lamports[op.deleter]) == 0 {
			return false
		}
	}
	return true
}

func (o *oracle) apply(b oracleBatch) {
	ticks := o.lamports[b.author]
	latest := uint64(0)
	if len(ticks) > 0 {
		latest = ticks[len(ticks)-1]
	}
	done := uint64(len(ticks)) - b.clock // known already
	for _, op := range b.ops {
		if op.kind == 'p' {
			if done == 0 {
				for id, c := range op.seen {
					latest = max(latest, o.lamports[id][c-1])
				}
			}
			continue
		}
		if done > 0 {
			done--
			continue
		}
		switch op.kind {
		case 'i':
			latest++
			o.insert(b.author, op, latest)
		case 's':
			e := o.elements[op.id]
			e.counters[op.deleter] = max(e.counters[op.deleter], op.counter)
		case 'm':
			latest++
			old, ok := o.meta[op.key]
			if !ok || old.lamport < latest || old.lamport == latest && old.replica < b.author {
				o.meta[op.key] = oracleRegister{op.value, latest, b.author}
			}
		}
		o.lamports[b.author] = append(o.lamports[b.author], latest)
	}
}

func (o *oracle) insert(author rga.ReplicaID, op oracleOp, lamport uint64) {
	origin := &o.root
	if op.id.Replica != 0 {
		origin = o.elements[op.id]
	}
	e := &oracleElement{
		id: rga.ID{Replica: author, Seq: o.seqs[author]}, tick: uint64(len(o.lamports[author])), lamport: lamport, b: op.b,
		counters: map[rga.ReplicaID]uint64{},
	}
	o.seqs[author]++
	o.elements[e.id] = e
	origin.children = append(origin.children, e)
	sort.Slice(origin.children, func(i, j int) bool {
		a, b := origin.children[i], origin.children[j]
		return a.lamport > b.lamport || a.lamport == b.lamport && a.id.Replica > b.id.Replica
	})
}

func (e *oracleElement) visible() bool {
	for c := range maps.Values(e.counters) {
		if c%2 == 1 {
			return false
		}
	}
	return true
}

func (o *oracle) text() string {
	return o.textOf(func(e *oracleElement) bool { return e.visible() && !o.forgotten[e.id] })
}

// forget forgets what is hidden both here and in another oracle, of an earlier version.
func (o *oracle) forget(then *oracle) {
	if o.forgotten == nil {
		o.forgotten = map[rga.ID]bool{}
	}
	for id, e := range then.elements {
		if !e.visible() && !o.elements[id].visible() {
			o.forgotten[id] = true
		}
	}
}

// textOf is the text of the elements that visible says are.
func (o *oracle) textOf(visible func(*oracleElement) bool) string {
	var out []byte
	stack := slices.Clone(o.root.children)
	slices.Reverse(stack)
	for len(stack) > 0 {
		e := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if visible(e) {
			out = append(out, e.b)
		}
		for i := len(e.children) - 1; i >= 0; i-- {
			stack = append(stack, e.children[i])
		}
	}
	return string(out)
}

// agrees compares the oracle with a document.
func (o *oracle) agrees(d *rga.Doc) error {
	if len(o.waiting) > 0 {
		return fmt.Errorf("%d batches still wait in the oracle", len(o.waiting))
	}
	v := rga.Version{}
	for id, ticks := range o.lamports {
		v[id] = uint64(len(ticks))
	}
	if !v.Equal(d.Version()) {
		return fmt.Errorf("version %v, by the oracle %v", d.Version(), v)
	}
	if got, want := d.View().String(), o.text(); got != want {
		return fmt.Errorf("text %q, by the oracle %q", got, want)
	}
	for key, r := range o.meta {
		if got, _ := d.Meta(key); got != r.value {
			return fmt.Errorf("metadata %q is %q, by the oracle %q", key, got, r.value)
		}
	}
	return nil
}

// oracleReader reads a batch's body.
type oracleReader struct {
	*bytes.Reader
	table []rga.ReplicaID
	next  map[rga.ReplicaID]uint64
	err   error
}

func readOracleBatch(raw []byte) (oracleBatch, error) {
	var b oracleBatch
	end := len(raw) - 4
	sum := crc32.Checksum(raw[:end], crc32.MakeTable(crc32.Castagnoli))
	if binary.LittleEndian.Uint32(raw[end:]) != sum || raw[0]>>4 != 1 {
		return b, fmt.Errorf("oracle: damaged batch")
	}
	b.author = rga.ReplicaID(binary.BigEndian.Uint64(raw[1:]))
	r := oracleReader{
		Reader: bytes.NewReader(raw[9:end]), table: []rga.ReplicaID{b.author}, next: map[rga.ReplicaID]uint64{},
	}
	b.clock = r.uvarint()
	b.seq = b.clock - r.uvarint()
	if raw[0]&1 != 0 {
		_, _ = binary.ReadVarint(r)
	}
	seq := b.seq
	r.next[b.author] = seq
	if raw[0]&2 != 0 {
		b.ops = r.run(nil, rga.ID{Replica: b.author, Seq: seq - 1}, uint64(r.Len()), b.author, &seq)
		return b, r.err
	}
	for r.Len() > 0 && r.err == nil {
		b.ops = r.item(b.ops, b.author, &seq)
	}
	return b, r.err
}

func (r *oracleReader) uvarint() uint64 {
	x, err := binary.ReadUvarint(r)
	if err != nil {
		r.err = err
	}
	return x
}

func (r *oracleReader) replica() rga.ReplicaID {
	x := r.uvarint()
	if x == 0 {
		return 0
	}
	if x == uint64(len(r.table))+1 {
		var id [8]byte
		if _, err := r.Read(id[:]); err != nil {
			r.err = err
		}
		r.table = append(r.table, rga.ReplicaID(binary.BigEndian.Uint64(id[:])))
	}
	return r.table[x-1]
}

func (r *oracleReader) element() rga.ID {
	id := r.replica()
	if id == 0 {
		return rga.ID{}
	}
	delta, err := binary.ReadVarint(r)
	if err != nil {
		r.err = err
	}
	return rga.ID{Replica: id, Seq: r.next[id] + uint64(delta)}
}

// run reads n bytes of text, the first one's origin being given.
func (r *oracleReader) run(ops []oracleOp, origin rga.ID, n uint64, author rga.ReplicaID, seq *uint64) []oracleOp {
	for range n {
		b, err := r.ReadByte()
		if err != nil {
			r.err = err
			return ops
		}
		ops = append(ops, oracleOp{kind: 'i', id: origin, b: b})
		origin = rga.ID{Replica: author, Seq: *seq}
		*seq++
	}
	r.next[author] = *seq
	return ops
}

func (r *oracleReader) item(ops []oracleOp, author rga.ReplicaID, seq *uint64) []oracleOp {
	tag := r.uvarint()
	n := tag >> 3
	switch kind := tag & 7; kind {
	case 0:
		return r.run(ops, rga.ID{Replica: author, Seq: *seq - 1}, n, author, seq)
	case 1:
		origin := r.element()
		r.next[origin.Replica] = origin.Seq + 1
		return r.run(ops, origin, n, author, seq)
	case 6:
		key := make([]byte, n)
		_, _ = r.Read(key)
		value := make([]byte, r.uvarint())
		_, _ = r.Read(value)
		return append(ops, oracleOp{kind: 'm', key: string(key), value: string(value)})
	case 7:
		if n == 0 {
			_, _ = binary.ReadVarint(r)
			return ops
		}
		seen := rga.Version{}
		for range n {
			id := r.replica()
			seen[id] = r.uvarint()
		}
		return append(ops, oracleOp{kind: 'p', seen: seen})
	default:
		return r.setting(ops, author, kind, n)
	}
}

func (r *oracleReader) setting(ops []oracleOp, author rga.ReplicaID, kind, n uint64) []oracleOp {
	deleter, counter := author, uint64(1)
	if kind >= 4 {
		deleter = r.replica()
		counter = r.uvarint()
	}
	first := r.element()
	r.next[first.Replica] = first.Seq
	if kind%2 == 0 {
		r.next[first.Replica] += n
	}
	for i := range n {
		id := first
		id.Seq += i
		if kind%2 == 1 {
			id.Seq = first.Seq + n - 1 - i
		}
		ops = append(ops, oracleOp{kind: 's', id: id, deleter: deleter, counter: counter})
	}
	return ops
}

package rga

import "math/bits"

// visibility keeps what has been done to the visibility of elements: for each deleter a counter. An element is visible
// when no counter is odd. Spans carry a state: twice the number of a node, plus one when it hides. State 0 is a plain,
// visible element. Equal states have one number.
//
// A state's marks, (deleter, counter), are the leaves of a binary trie over the deleter's bits (Morrison's), of which
// any two parts that are equal are one node. So a state that differs from another one in one mark has at most 32 nodes of
// its own, however many marks it has: a peer can make states in proportion to its ops, and no faster.
//
// Nodes of states that no element has any more are found by sweep.
type visibility struct {
	nodes []visNode // by number; the first is the empty state
	free  []uint32  // numbers of nodes that may be used again
	table []uint32  // a hash table of the numbers of nodes in use; 0: empty. Its length is a power of two
	used  int       // nodes in use
	limit int       // when there are more nodes in use, it is time to sweep

	recent [64]memo // memory of raise, by hash
}

// visNode is a mark or a fork. All marks below a fork have the bits above bit in common, which are those of key; those
// on the left lack bit, those on the right have it.
type visNode struct {
	key         uint32 // the deleter (replica index); or the common bits
	bit         uint32 // 0: a mark
	left, right uint32 // states; of a mark left is the counter
}

// memo says where raising the deleter's counter in a state leads. The zero memo is right, too.
type memo struct{ state, deleter, counter, to uint32 }

const (
	hiddenBit  = 1
	sweepFirst = 4096 // nodes in use before the first sweep
)

func newVisibility() *visibility {
	return &visibility{nodes: make([]visNode, 1), table: make([]uint32, 16), limit: sweepFirst}
}

// counter returns the deleter's counter in state.
func (v *visibility) counter(state, deleter uint32) uint32 {
	for state > hiddenBit {
		n := &v.nodes[state>>1]
		switch {
		case n.bit == 0 && n.key == deleter:
			return n.left
		case n.bit == 0:
			return 0
		case deleter&n.bit == 0:
			state = n.left
		default:
			state = n.right
		}
	}
	return 0
}

// raise returns the state in which the deleter's counter is the maximum of counter and what it is.
func (v *visibility) raise(state, deleter, counter uint32) uint32 {
	m := &v.recent[(state^deleter*31^counter*7)%uint32(len(v.recent))]
	if m.state == state && m.deleter == deleter && m.counter == counter {
		return m.to
	}
	to := state
	if counter > v.counter(state, deleter) {
		to = v.with(state, deleter, counter)
	}
	*m = memo{state, deleter, counter, to}
	return to
}

// with returns the state that differs from another one in the deleter's counter, which 0 takes out.
func (v *visibility) with(state, deleter, counter uint32) uint32 {
	if state == 0 {
		return v.mark(deleter, counter)
	}
	n := v.nodes[state>>1]
	apart := deleter ^ n.key
	if n.bit != 0 {
		apart &= -(n.bit << 1)
	}
	switch {
	case apart != 0:
		return v.fork(deleter, 1<<(bits.Len32(apart)-1), v.mark(deleter, counter), state)
	case n.bit == 0:
		return v.mark(deleter, counter)
	case deleter&n.bit == 0:
		return v.fork(deleter, n.bit, v.with(n.left, deleter, counter), n.right)
	default:
		return v.fork(deleter, n.bit, v.with(n.right, deleter, counter), n.left)
	}
}

// mark is the state with one mark, or none.
func (v *visibility) mark(deleter, counter uint32) uint32 {
	if counter == 0 {
		return 0
	}
	return v.intern(visNode{key: deleter, left: counter}, counter&hiddenBit)
}

// fork is the state of two parts that are alike above bit: that which the deleter is in, or would be, and the other.
func (v *visibility) fork(deleter, bit, its, other uint32) uint32 {
	if its == 0 {
		return other
	}
	n := visNode{key: deleter & -(bit << 1), bit: bit, left: its, right: other}
	if deleter&bit != 0 {
		n.left, n.right = other, its
	}
	return v.intern(n, (its|other)&hiddenBit)
}

// intern returns the state of a node, which hides or not.
func (v *visibility) intern(n visNode, hidden uint32) uint32 {
	mask := uint32(len(v.table) - 1)
	i := n.hash() & mask
	for ; v.table[i] != 0; i = (i + 1) & mask {
		if v.nodes[v.table[i]] == n {
			return v.table[i]<<1 | hidden
		}
	}
	num := uint32(len(v.nodes))
	if last := len(v.free) - 1; last >= 0 {
		num, v.free = v.free[last], v.free[:last]
		v.nodes[num] = n
	} else {
		v.nodes = append(v.nodes, n)
	}
	v.table[i] = num
	if v.used++; 2*v.used > len(v.table) {
		v.rehash(2 * len(v.table))
	}
	return num<<1 | hidden
}

func (n *visNode) hash() uint32 {
	const odd = 0x9e3779b97f4a7c15
	h := (uint64(n.key)<<32 | uint64(n.bit)) * odd
	h = (h ^ h>>32 ^ uint64(n.left)<<32 ^ uint64(n.right)) * odd
	return uint32(h >> 32)
}

// rehash makes the table anew, of the nodes in use.
func (v *visibility) rehash(size int) {
	v.table = make([]uint32, size)
	mask := uint32(size - 1)
	for num := 1; num < len(v.nodes); num++ {
		n := &v.nodes[num]
		if *n == (visNode{}) {
			continue // free
		}
		i := n.hash() & mask
		for v.table[i] != 0 {
			i = (i + 1) & mask
		}
		v.table[i] = uint32(num)
	}
}

// sweep frees the nodes of all states but those that each calls back with.
func (v *visibility) sweep(each func(keep func(state uint32))) {
	kept := make([]bool, len(v.nodes))
	v.used = 0
	var keep func(state uint32)
	keep = func(state uint32) {
		num := state >> 1
		if num == 0 || kept[num] {
			return
		}
		kept[num] = true
		v.used++
		if n := &v.nodes[num]; n.bit != 0 {
			keep(n.left)
			keep(n.right)
		}
	}
	each(keep)
	v.free = v.free[:0]
	for num := len(kept) - 1; num > 0; num-- {
		if !kept[num] {
			v.nodes[num] = visNode{}
			v.free = append(v.free, uint32(num))
		}
	}
	v.rehash(len(v.table))
	clear(v.recent[:])
	v.limit = max(sweepFirst, 2*v.used)
}

// tidy frees states that no span has any more, when there may be many. No state but those of spans may be in use.
func (d *Doc) tidy() {
	if d.vis.used <= d.vis.limit {
		return
	}
	d.vis.sweep(func(keep func(state uint32)) {
		for i := range d.tree.leaves {
			l := d.tree.leaves[i].p
			for _, s := range l.spans[:l.n] {
				keep(s.state)
			}
		}
	})
}

package rga

// seqIndex finds the leaf that holds an element of one replica. It is an interval map: an entry says
// that the elements from its start up to the next entry's start lie in its leaf; the last entry has
// no end. Neighbouring entries name different leaves. Only a run that starts in another leaf than
// the one before it, and splits of leaves, change the map.
//
// Entries stand in blocks of at most indexBlock, so that a change moves few of them. No block is empty.
type seqIndex struct {
	blocks [][]indexEntry
}

type indexEntry struct {
	start uint32
	leaf  int32
}

const indexBlock = 128

// leafOf returns the leaf of the element seq, which must exist.
func (x *seqIndex) leafOf(seq uint32) int32 {
	b, i := x.search(seq)
	return x.blocks[b][i].leaf
}

// search finds the last entry that starts at or before seq; (0, -1) when there is none.
func (x *seqIndex) search(seq uint32) (b, i int) {
	lo, hi := 0, len(x.blocks)
	if hi == 0 {
		return 0, -1
	}
	if x.blocks[hi-1][0].start <= seq {
		lo = hi - 1
	} else {
		for hi-lo > 1 {
			m := int(uint(lo+hi) / 2)
			if x.blocks[m][0].start <= seq {
				lo = m
			} else {
				hi = m
			}
		}
	}
	blk := x.blocks[lo]
	i, end := -1, len(blk)
	for end-i > 1 {
		m := int(uint(i+end) / 2)
		if blk[m].start <= seq {
			i = m
		} else {
			end = m
		}
	}
	return lo, i
}

// assign says that the elements [from, to) are in leaf. total is the number of elements of the
// replica, these included: nothing is known behind it.
func (x *seqIndex) assign(from, to, total uint32, leaf int32) {
	if n := len(x.blocks); to == total && n > 0 {
		last := &x.blocks[n-1][len(x.blocks[n-1])-1]
		if last.start <= from && last.leaf == leaf {
			return
		}
	}
	after := noNode
	if to < total {
		after = x.leafOf(to)
	}
	b, i := x.clear(from, to)
	// (b, i) is the first entry that starts at or behind to, if there is one.
	starts := b < len(x.blocks) && i < len(x.blocks[b]) && x.blocks[b][i].start == to
	switch {
	case starts && x.blocks[b][i].leaf == leaf:
		x.remove(b, i)
	case !starts && after != noNode && after != leaf:
		x.insert(b, i, indexEntry{to, after})
	}
	b, i = x.search(from)
	if i >= 0 && x.blocks[b][i].leaf == leaf {
		return
	}
	x.insert(b, i+1, indexEntry{from, leaf})
}

// clear removes the entries that start in [from, to) and returns the place behind them.
func (x *seqIndex) clear(from, to uint32) (b, i int) {
	if from == 0 {
		b, i = 0, 0
	} else {
		b, i = x.search(from - 1)
		i++
	}
	for b < len(x.blocks) {
		if i == len(x.blocks[b]) {
			if b+1 == len(x.blocks) {
				return b, i
			}
			b, i = b+1, 0
			continue
		}
		if x.blocks[b][i].start >= to {
			return b, i
		}
		b, i = x.remove(b, i)
	}
	return b, i
}

// remove takes out one entry and returns the place of the one that followed it.
func (x *seqIndex) remove(b, i int) (int, int) {
	blk := x.blocks[b]
	blk = append(blk[:i], blk[i+1:]...)
	x.blocks[b] = blk
	if len(blk) > 0 {
		return b, i
	}
	x.blocks = append(x.blocks[:b], x.blocks[b+1:]...)
	if b > 0 {
		return b - 1, len(x.blocks[b-1])
	}
	return 0, 0
}

func (x *seqIndex) insert(b, i int, e indexEntry) {
	if len(x.blocks) == 0 {
		x.blocks = append(x.blocks, append(make([]indexEntry, 0, 4), e))
		return
	}
	blk := x.blocks[b]
	if len(blk) == indexBlock {
		half := indexBlock / 2
		if b == len(x.blocks)-1 && i == len(blk) {
			half = indexBlock - 1
		}
		right := append(make([]indexEntry, 0, indexBlock), blk[half:]...)
		x.blocks = append(x.blocks, nil)
		copy(x.blocks[b+2:], x.blocks[b+1:])
		x.blocks[b], x.blocks[b+1] = blk[:half:cap(blk)], right
		if i > half {
			b, i = b+1, i-half
		}
		blk = x.blocks[b]
	}
	blk = append(blk, indexEntry{})
	copy(blk[i+1:], blk[i:])
	blk[i] = e
	x.blocks[b] = blk
}

package session

import (
	"crypto/sha256"
	"fmt"
	"slices"

	"coedit/rga"
)

// A snapshot says what everybody wrote, on its maker's word alone. Who had all that it covers before it came compares: a
// snapshot that says something else is told and counted, and never confirmed, so that the relay keeps what it replaced. Who has
// something from a snapshot of the same maker only is no second witness. What is here already stays as it is in any case: of
// a snapshot only what is not here yet is taken.

// snapshotItem is a snapshot to be compared with what is here.
type snapshotItem struct {
	maker      rga.ReplicaID // 0: the room is plain
	generation uint64
	version    rga.Version
	text       [sha256.Size]byte // a hash of the text at the version
}

func (snapshotItem) weight() int { return 0 }

// textHash hashes the text of a view.
func textHash(v *rga.View) (sum [sha256.Size]byte) {
	h := sha256.New()
	for piece := range v.Chunks(0, v.Len()) {
		h.Write(piece)
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// comparison is a snapshot being compared: hashing a long text takes longer than a key may wait, so that another goroutine does it.
type comparison struct {
	of       snapshotItem
	believed bool      // something of its maker was here on the maker's word, when it came
	read     *readItem // the room was read with it meanwhile; nil: not
}

// comparedItem is how a comparison came out.
type comparedItem struct {
	comparison *comparison
	same       bool
}

func (comparedItem) weight() int { return 0 }

// compareSnapshot begins to compare a snapshot with what is here.
func (p *Participant) compareSnapshot(it snapshotItem) {
	doc := p.ed.Doc()
	if !doc.Version().Includes(it.version) || it.maker == p.id {
		return
	}
	past, err := doc.At(it.version)
	if err != nil {
		return
	}
	c, inbox, view := &comparison{of: it, believed: p.believes(it.maker)}, p.inbox, past.View()
	p.comparisons = append(p.comparisons, c)
	p.comparing.do(func() { inbox.offer(comparedItem{c, textHash(view) == it.text}, true) })
}

// compared notes that a snapshot says what is here, or tells of one that does not, unless its room was left meanwhile.
func (p *Participant) compared(it comparedItem) {
	c := it.comparison
	i := slices.Index(p.comparisons, c)
	if i < 0 {
		return
	}
	p.comparisons = slices.Delete(p.comparisons, i, i+1)
	switch {
	case !it.same:
		p.integrity.BadSnapshots++
		p.spoilt = true
		p.notice(Tampered, c.of.maker, fmt.Sprintf("%s left a snapshot of this room that says something else than what was written; what you have stays.", p.nameOf(c.of.maker)))
	case !c.believed:
		p.judged = c.of.generation
	}
	if c.read != nil {
		p.roomRead(*c.read)
	}
}

// awaited keeps what was read of a room until the snapshot in it is compared, if it is being; else it returns false.
func (p *Participant) awaited(it readItem) bool {
	for _, c := range p.comparisons {
		if c.of.generation == it.generation {
			c.read = &it
			return true
		}
	}
	return false
}

// mayConfirm says whether this participant is a witness for a snapshot that lacks nothing: it knew what is in it. In a
// room that is not encrypted everybody is.
func (p *Participant) mayConfirm(maker rga.ReplicaID, generation uint64) bool {
	return maker != p.id && (maker == 0 || p.judged == generation)
}

// believes says whether something is here on somebody's word only.
func (p *Participant) believes(maker rga.ReplicaID) bool {
	for _, v := range p.vouched {
		if v.maker == maker {
			return true
		}
	}
	return false
}

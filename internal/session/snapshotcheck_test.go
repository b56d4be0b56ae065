package session

import (
	"testing"

	"coedit/rga"
)

// pushed gives the owner items, and steps until no snapshot is being compared.
func pushed(t *testing.T, p *Participant, items ...item) []Notice {
	t.Helper()
	for _, it := range items {
		p.inbox.offer(it, true)
	}
	r, more := p.Step(epoch, Budget{})
	all := r.Notices
	for more || len(p.comparisons) > 0 {
		check(t, p.inbox.wait(t.Context()))
		r, more = p.Step(epoch, Budget{})
		all = append(all, r.Notices...)
	}
	return all
}

// What follows from a room that was read waits until its snapshot is compared, which happens beside the owner.
func TestReadingWaitsForTheComparison(t *testing.T) {
	const maker rga.ReplicaID = 5
	for name, c := range map[string]struct {
		spoil    func(p *Participant, it *snapshotItem)
		between  []item
		judged   uint64
		restores bool
		notices  int // of which one says that something is put back
	}{
		"the same":  {judged: 3, restores: true, notices: 1},
		"another":   {spoil: func(_ *Participant, it *snapshotItem) { it.text[0] ^= 1 }, restores: true, notices: 2},
		"its own":   {spoil: func(p *Participant, it *snapshotItem) { p.vouched[7] = voucher{maker, 9} }, restores: true, notices: 1},
		"cut off":   {between: []item{offlineItem{errNobody}, onlineItem{incarnation: 1}}, judged: 3},
		"not known": {spoil: func(_ *Participant, it *snapshotItem) { it.version[9] = 9 }, restores: true, notices: 1},
	} {
		t.Run(name, func(t *testing.T) {
			p := settled(t, "text")
			it := snapshotItem{maker: maker, generation: 3, version: p.ed.Doc().Version().Clone(), text: textHash(p.ed.View())}
			if c.spoil != nil {
				c.spoil(p, &it)
			}
			read := readItem{generation: 3, maker: maker, atRelay: p.ed.Doc().Version().Clone(), lacks: true}
			notices := pushed(t, p, append([]item{it, read}, c.between...)...)
			restored := false
			for _, n := range notices {
				restored = restored || n.Kind == Unreadable
			}
			if p.judged != c.judged || restored != c.restores || len(notices) != c.notices {
				t.Errorf("judged %d, put back: %v, notices %v", p.judged, restored, notices)
			}
		})
	}
}

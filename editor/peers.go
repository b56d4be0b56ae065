package editor

import (
	"coedit/presence"
	"coedit/rga"
)

// Peer is another participant's carets resolved to offsets.
type Peer struct {
	State      presence.State
	Head, Tail int         // of the caret that the user added last
	Others     []Selection // further ones
}

// Anchors returns this editor's primary caret, the selection's other end, and the place of the first line shown, whose offset is
// top, as anchors that survive edits.
func (e *Editor) Anchors(top int) (head, tail, topAnchor rga.Anchor) {
	p := e.anchored(e.Selection())
	bias := rga.Before // the line that is shown stays when another is inserted above it
	top = e.scan.floor(top)
	if top == e.view.Len() {
		bias = rga.After
	}
	return p.head, p.tail, e.doc.AnchorAt(top, bias)
}

// Peers resolves the states of others that can be shown now: present, with a caret at an element this document knows.
// The cost is that of the states, not of the document.
func (e *Editor) Peers(states []presence.State) []Peer {
	peers := make([]Peer, 0, len(states))
	for _, s := range states {
		if s.Replica == e.doc.Replica() || s.Left {
			continue
		}
		head, ok := e.doc.Resolve(s.Head)
		if !ok {
			continue
		}
		p := Peer{State: s, Head: e.scan.ceil(head)}
		p.Tail = e.tail(s.Tail, head)
		for _, r := range s.Ranges {
			if head, ok := e.doc.Resolve(r.Head); ok {
				p.Others = append(p.Others, Selection{Anchor: e.tail(r.Tail, head), Head: e.scan.ceil(head)})
			}
		}
		peers = append(peers, p)
	}
	return peers
}

// tail resolves the other end of a selection; the caret where it is not known yet.
func (e *Editor) tail(a rga.Anchor, head int) int {
	if tail, ok := e.doc.Resolve(a); ok {
		return e.scan.ceil(tail)
	}
	return e.scan.ceil(head)
}

// PeerTop is the place of the first row that a participant sees, for who follows it; false where that is not known here.
func (e *Editor) PeerTop(s presence.State) (off int, ok bool) {
	off, ok = e.doc.Resolve(s.Top)
	return e.scan.floor(min(off, e.view.Len())), ok
}

// FurtherAnchors returns the carets beside the primary one, the first of them up to a limit, as anchors; nil: there are none.
func (e *Editor) FurtherAnchors(limit int) []presence.Range {
	if len(e.carets) == 1 {
		return nil
	}
	out := make([]presence.Range, 0, min(len(e.carets)-1, limit))
	for i := range e.carets {
		if i == e.primary {
			continue
		}
		if len(out) == limit {
			break
		}
		p := e.anchored(e.carets[i].Selection)
		out = append(out, presence.Range{Head: p.head, Tail: p.tail})
	}
	return out
}

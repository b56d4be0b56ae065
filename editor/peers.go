package editor

import (
	"coedit/presence"
	"coedit/rga"
)

// Peer is another participant's caret resolved to offsets.
type Peer struct {
	State      presence.State
	Head, Tail int
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
		tail, ok := e.doc.Resolve(s.Tail)
		if !ok {
			tail = head
		}
		peers = append(peers, Peer{State: s, Head: e.scan.ceil(head), Tail: e.scan.ceil(tail)})
	}
	return peers
}

package session

import (
	"fmt"
	"time"

	"coedit/presence"
	"coedit/rga"
)

// Presence forgets who left, and the history does not: whoever edits writes a name into the document's metadata, once,
// behind the first edits. A name counts only where its own replica wrote it.

// authorKey is the metadata register with a replica's name.
func authorKey(id rga.ReplicaID) string { return fmt.Sprintf("author/%016x", uint64(id)) }

// AuthorName is the name under which a replica edited; ok is false where it left none.
func AuthorName(doc *rga.Doc, id rga.ReplicaID) (name string, ok bool) {
	key := authorKey(id)
	if name, ok = doc.Meta(key); !ok || doc.MetaBy(key) != id {
		return "", false
	}
	return presence.SanitizeName(name), true
}

// signName writes the own name into the document, once there are own edits to sign.
func (p *Participant) signName(now time.Time) {
	doc := p.ed.Doc()
	if p.signed || doc.Clock() == 0 {
		return
	}
	p.signed = true
	if p.o.Name == "" {
		return
	}
	ticks, err := doc.SetMeta(now.UnixMilli(), authorKey(p.id), presence.SanitizeName(p.o.Name))
	if n := len(p.out.edits); err == nil && n > 0 {
		p.out.edits[n-1] = ticks.To // what the user is told to wait for is the edit
	} else if err == nil {
		p.out.note(ticks.To)
	}
}

// Rename tells the others the document's name, which the host has changed.
func (p *Participant) Rename(now time.Time, name string) {
	ticks, err := p.ed.Doc().SetMeta(now.UnixMilli(), MetaName, name)
	if err != nil {
		return // a name too long for the document: it keeps the one it has
	}
	p.out.note(ticks.To)
}

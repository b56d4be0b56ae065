package session

import (
	"testing"

	"coedit/rga"
)

// TestAuthorName: only a replica itself says what its name is.
func TestAuthorName(t *testing.T) {
	ann, bob := rga.New(1), rga.New(2)
	if _, err := ann.SetMeta(1, authorKey(1), "ann\x1b[2J"); err != nil {
		t.Fatal(err)
	}
	if _, err := bob.SetMeta(1, authorKey(3), "mallory"); err != nil {
		t.Fatal(err)
	}
	if _, err := ann.Merge(bob.Encode()); err != nil {
		t.Fatal(err)
	}
	if name, ok := AuthorName(ann, 1); !ok || name == "" || name == "ann\x1b[2J" {
		t.Errorf("ann is %q, %v", name, ok)
	}
	for _, id := range []rga.ReplicaID{2, 3} {
		if name, ok := AuthorName(ann, id); ok || name != "" {
			t.Errorf("%d is %q", id, name)
		}
	}
}

// A host's new name of the document is an edit on its way like any other.
func TestRename(t *testing.T) {
	p := settled(t, "text")
	p.Rename(epoch, "new.txt")
	if name, _ := p.ed.Doc().Meta(MetaName); name != "new.txt" || p.Status(epoch).Unacked == 0 {
		t.Errorf("name %q, %d edits on the way", name, p.Status(epoch).Unacked)
	}
	p.Flush(epoch)
	if p.me.state.File != "new.txt" {
		t.Errorf("the others hear %q", p.me.state.File)
	}
}

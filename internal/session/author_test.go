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

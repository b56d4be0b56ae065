package session

import (
	"testing"

	"coedit/rga"
	"coedit/transport/seal"
)

// A guest who has the beginning of the document, its name included, is not ready: `cat` would print an old text.
func TestGuestIsReadyWithTheWholeRoom(t *testing.T) {
	p, err := New(Options{Link: seal.Link{Room: "room", Secret: seal.Secret{Right: seal.Write}}, Dial: noDial})
	check(t, err)
	host := typed(t, 5, "the beginning")
	_, err = host.SetMeta(epoch.UnixMilli(), MetaName, "file.txt")
	check(t, err)
	_, err = p.Editor().Apply(batchOf(host, 0))
	check(t, err)
	if p.Ready() {
		t.Error("ready before all that the room holds was here")
	}
	p.caughtUp(caughtUpItem{atRelay: rga.Version{5: host.Clock()}})
	if !p.Ready() {
		t.Error("not ready although everything is here")
	}
}

package tui

import (
	"strings"
	"testing"

	"coedit/presence"
	"coedit/rga"
)

// A guest whose host went is told, and asked before quitting while the text was not saved there.
func TestTheHostVanishes(t *testing.T) {
	kept := ""
	f := newFixture(t, "text\n", shared, func(_ *fixture, o *Options) {
		o.Copy = func(*rga.View, string) func() error { return func() error { return nil } }
		o.KeepCopy = func(v *rga.View) func() error { return func() error { kept = v.String(); return nil } }
	})
	ann := presence.State{Replica: another, Name: "ann", Host: true}
	is := func(peers ...presence.State) {
		f.session.state.Peers = peers
		f.send(newsMsg{})
	}
	is(ann)
	is()
	if !strings.Contains(f.status(), "ann, who has the file, is gone") {
		t.Errorf("status %q", f.status())
	}
	if cmd := f.press("ctrl+q"); f.m.question != nil || cmd == nil {
		t.Error("she is asked though everything was saved")
	}
	f.m.quitting = false
	f.write("x")
	f.press("ctrl+q")
	if f.m.question == nil || !strings.Contains(f.shown(), "was not saved there") {
		t.Fatalf("the screen:\n%s", f.shown())
	}
	f.send(await[copiedMsg](t, f.press("k")))
	if kept != "xtext\n" {
		t.Errorf("kept %q", kept)
	}
	f.m.quitting, f.m.question = false, nil
	is(ann)
	f.press("ctrl+q")
	if f.m.question != nil {
		t.Error("she is asked though the host is back")
	}
	// A lost connection says nothing about who is there.
	f.m.quitting = false
	f.m.message = message{}
	f.session.state.State = Offline
	is()
	if strings.Contains(f.status(), "is gone") {
		t.Errorf("offline: %q", f.status())
	}
}

package main

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"coedit/transport/seal"
)

func someLink(t *testing.T) string {
	t.Helper()
	owner, err := seal.NewOwner(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	room, err := owner.RoomID()
	if err != nil {
		t.Fatal(err)
	}
	secret, err := owner.Derive(seal.Write)
	if err != nil {
		t.Fatal(err)
	}
	return seal.Link{Base: "http://127.0.0.1:7000", Room: room, Secret: secret}.String()
}

// TestLinkFrom: a link is found as files hold it and as people paste it from a terminal that wraps lines.
func TestLinkFrom(t *testing.T) {
	link := someLink(t)
	half := len(link) - 20
	for _, in := range []string{
		link,
		link + "\n",
		"\n\n  " + link + "  \n",
		link + "\n" + someLink(t) + "\n",
		link[:half] + "\n" + link[half:] + "\n",
		link[:30] + "\r\n " + link[30:half] + "\r\n " + link[half:] + "\r\n",
	} {
		got, err := linkFrom(strings.NewReader(in))
		if err != nil || got.String() != link {
			t.Errorf("%q: %v", in, err)
		}
	}
}

// TestLinkFromTerminal: a complete link is taken at Enter, without waiting for more.
func TestLinkFromTerminal(t *testing.T) {
	link := someLink(t)
	in := iotest.OneByteReader(strings.NewReader(link + "\nwhat is typed into the editor"))
	got, err := linkFrom(in)
	if err != nil || got.String() != link {
		t.Error(err)
	}
}

func TestNoLinkFrom(t *testing.T) {
	link := someLink(t)
	for _, in := range []string{
		"", "\n \n", "nonsense\n", link[:len(link)-5] + "\n", link[:len(link)-5] + "\n\n" + link[len(link)-5:],
		link[:40] + "\n" + someLink(t) + "\n", strings.Repeat("x", 2*maxLinkLine),
	} {
		if got, err := linkFrom(strings.NewReader(in)); err == nil {
			t.Errorf("%.60q is taken for %s", in, got.Redacted())
		} else if e := explain(err); e.code != exitUsage && e.code != exitFailure || strings.Contains(e.what, link[60:]) {
			t.Errorf("%.60q: %+v", in, e)
		}
	}
	broken := errors.New("cable")
	if _, err := linkFrom(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("a broken input: %v", err)
	}
}

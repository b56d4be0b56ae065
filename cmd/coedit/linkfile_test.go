package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestLinkFileWaitsForTheRelay: whoever waits for the link file can join at once.
func TestLinkFileWaitsForTheRelay(t *testing.T) {
	s, _ := hostOfFile(t, "text\n")
	path := filepath.Join(t.TempDir(), "links")
	w, err := newLinkWriter(path)
	if err != nil {
		t.Fatal(err)
	}
	w.watch(s.part)
	if err := w.wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the links are there, and no relay has the document")
	}
}

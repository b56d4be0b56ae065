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
	w, err := newLinkWriter(path, s.file)
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

// TestLinkFileIsNotTheSharedFile: it would be removed before anybody has edited it.
func TestLinkFileIsNotTheSharedFile(t *testing.T) {
	dir := t.TempDir()
	path, link, fresh := filepath.Join(dir, "main.go"), filepath.Join(dir, "link"), filepath.Join(dir, "new.go")
	if err := os.WriteFile(path, []byte("precious\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("main.go", link); err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{{path, path}, {link, path}, {path, link}, {filepath.Join(dir, ".", "new.go"), fresh}} {
		file, _, err := openFile(c[1])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := newLinkWriter(c[0], file); explain(err).code != exitUsage {
			t.Errorf("--link-file %s for %s: %v", c[0], c[1], err)
		}
	}
	if got := content(t, path); got != "precious\n" {
		t.Errorf("the file holds %q", got)
	}
}

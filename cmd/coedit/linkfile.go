package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"coedit/internal/session"
)

// linkWriter writes the link file once the relay holds the document, so that whoever waits for the file can join at once.
// It is used by the participant's owner; the writing itself happens elsewhere, because the owner never waits for a disk.
type linkWriter struct {
	path string
	due  bool       // there are links to be written
	done chan error // holds the result of writing; nil: nothing is being written
}

// newLinkWriter removes a file left by an earlier session, whose links are dead. An empty path gives nil, which does nothing.
// shared is the file that is shared, or nil: the links must not take its place.
func newLinkWriter(path string, shared *diskFile) (*linkWriter, error) {
	if path == "" {
		return nil, nil
	}
	if shared != nil && shared.is(path) {
		return nil, usageError("choose another place for --link-file", "--link-file %s is the file that is to be shared", path)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, failure(err, "choose another place for --link-file", "cannot replace %s: %s", path, cause(err))
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
		return nil, failure(err, "make it first, or choose another place for --link-file", "there is no folder %s", filepath.Dir(path))
	}
	return &linkWriter{path: path, due: true}, nil
}

// watch begins to write when everything shared is durable, and again when the room has moved.
func (w *linkWriter) watch(part *session.Participant) {
	if w == nil || !w.due || w.done != nil || !part.Drained() || part.Status(time.Now()).State != session.Online {
		return
	}
	write, read := part.Links()
	done := make(chan error, 1)
	w.due, w.done = false, done
	go func() { done <- writePrivate(w.path, write+"\n"+read+"\n") }()
}

// moved has the new links written.
func (w *linkWriter) moved() {
	if w != nil {
		w.due = true
	}
}

// failed returns the error of writing, once.
func (w *linkWriter) failed() error {
	if w == nil || w.done == nil {
		return nil
	}
	select {
	case err := <-w.done:
		w.done = nil
		return err
	default:
		return nil
	}
}

// wait returns when the file is written, if that has begun.
func (w *linkWriter) wait() error {
	if w == nil || w.done == nil {
		return nil
	}
	err := <-w.done
	w.done = nil
	return err
}

package main

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"coedit/internal/session"
	"coedit/internal/textfile"
	"coedit/rga"
	"coedit/transport/seal"
)

// hostOfFile is a host of a file with this content, without a network, whose text was then changed.
func hostOfFile(t *testing.T, content string) (s *hosted, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	file, text, err := openFile(path)
	if err != nil {
		t.Fatal(err)
	}
	owner, err := seal.NewOwner(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s = &hosted{file: file}
	s.part, err = session.New(session.Options{Link: seal.Link{Base: "http://127.0.0.1:1"}, Owner: &owner, Text: text, Meta: s.meta()})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.part.Editor().Replace(0, rga.Edit{Insert: "new "}); err != nil {
		t.Fatal(err)
	}
	return s, path
}

func content(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestHeadlessSave(t *testing.T) {
	s, path := hostOfFile(t, "text\r\n")
	if said := s.save(time.Now()); said != "saved "+path {
		t.Error(said)
	}
	if got := content(t, path); got != "new text\r\n" {
		t.Errorf("the file holds %q", got)
	}
	if s.part.Editor().Dirty() {
		t.Error("still unsaved")
	}
}

// TestHeadlessSaveKeepsOthersChanges: what another program wrote meanwhile is not overwritten, because nobody can be asked.
func TestHeadlessSaveKeepsOthersChanges(t *testing.T) {
	s, path := hostOfFile(t, "text\n")
	const others = "by another program\n"
	if err := os.WriteFile(path, []byte(others), 0o644); err != nil {
		t.Fatal(err)
	}
	if said := s.save(time.Now()); !strings.HasPrefix(said, "not saved: ") || !strings.Contains(said, "changed on disk") {
		t.Error(said)
	}
	if got := content(t, path); got != others {
		t.Errorf("the file holds %q", got)
	}
	if !s.part.Editor().Dirty() {
		t.Error("counts as saved")
	}
}

// TestHeadlessMerges: what another program wrote is an edit of the text that the file held, where that is known.
func TestHeadlessMerges(t *testing.T) {
	s, path := hostOfFile(t, "one\ntwo\n")
	if said := s.save(time.Now()); said != "saved "+path {
		t.Fatal(said)
	}
	ed := s.part.Editor()
	for round, want := range []string{"a new one\nzwei\n", "ba new one\n2\n"} {
		if err := ed.Replace(0, rga.Edit{Insert: []string{"a ", "b"}[round]}); err != nil {
			t.Fatal(err)
		}
		others := strings.NewReplacer("two", "zwei", "zwei", "2").Replace(content(t, path))
		if err := os.WriteFile(path, []byte(others), 0o644); err != nil {
			t.Fatal(err)
		}
		if said := s.save(time.Now()); !strings.HasPrefix(said, "merged with") || !strings.HasSuffix(said, "and saved "+path) {
			t.Error(said)
		}
		if got := content(t, path); got != want || ed.View().String() != want || ed.Dirty() {
			t.Errorf("the file holds %q, the text is %q, unsaved %v", got, ed.View(), ed.Dirty())
		}
	}
	// A file that is no text any more is left alone.
	if err := ed.Replace(0, rga.Edit{Insert: "c"}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("\x00"), 0o644); err != nil {
		t.Fatal(err)
	}
	if said := s.save(time.Now()); !strings.HasPrefix(said, "not saved: ") || content(t, path) != "\x00" {
		t.Errorf("%s; the file holds %q", said, content(t, path))
	}
}

func TestHeadlessWithoutFile(t *testing.T) {
	s, _ := hostOfFile(t, "")
	s.file = nil
	if said := s.save(time.Now()); !strings.Contains(said, "no file") {
		t.Error(said)
	}
}

// TestRescue: text that was not saved when a signal ends the program is kept beside the file, readable by its owner only.
func TestRescue(t *testing.T) {
	s, path := hostOfFile(t, "\ufefftext\r\n")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ed := s.part.Editor()
	err := endedFromOutside(ctx, s.file, ed.View(), ed.Dirty(), ctx.Err())
	e := explain(err)
	if e.code != exitFailure || !strings.Contains(e.what, "before "+path+" was saved") || !strings.Contains(e.hint, path+unsavedSuffix) {
		t.Errorf("%+v", e)
	}
	if got := content(t, path+unsavedSuffix); got != "\ufeffnew text\r\n" {
		t.Errorf("kept: %q", got)
	}
	if got := content(t, path); got != "\ufefftext\r\n" {
		t.Errorf("the file holds %q", got)
	}
	if err := ed.Insert(1, "more "); err != nil {
		t.Fatal(err)
	}
	again := explain(endedFromOutside(ctx, s.file, ed.View(), ed.Dirty(), ctx.Err()))
	if !strings.Contains(again.hint, path+unsavedSuffix+"-2") {
		t.Errorf("where the second copy is: %q", again.hint)
	}
	if got := content(t, path+unsavedSuffix); got != "\ufeffnew text\r\n" {
		t.Errorf("the copy that an earlier session left was overwritten: %q", got)
	}
	if got := content(t, path+unsavedSuffix+"-2"); got != "\ufeffmore new text\r\n" {
		t.Errorf("kept the second time: %q", got)
	}
	if err := endedFromOutside(ctx, s.file, ed.View(), false, ctx.Err()); err != nil {
		t.Errorf("nothing was unsaved: %v", err)
	}
	if err := endedFromOutside(ctx, nil, ed.View(), true, ctx.Err()); err != nil {
		t.Errorf("there is no file: %v", err)
	}
}

// TestSaveHasTheDocumentsFormat: what `put` made of line endings and byte order mark is what `cat` prints and what is saved.
func TestSaveHasTheDocumentsFormat(t *testing.T) {
	dos := textfile.Format{CRLF: true, BOM: true}
	for name, save := range map[string]func(*hosted) error{
		"headless": func(s *hosted) error {
			if said := s.save(time.Now()); !strings.HasPrefix(said, "saved") {
				return errors.New(said)
			}
			return nil
		},
		"on a screen": func(s *hosted) error {
			screen := screenSession{part: s.part, file: s.file}
			screen.Flush(time.Now())
			return s.file.Save(s.part.Editor().View(), false)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, path := hostOfFile(t, "text\n")
			if err := dos.Set(s.part.Editor().Doc(), 1); err != nil {
				t.Fatal(err)
			}
			if err := save(s); err != nil {
				t.Fatal(err)
			}
			if got := content(t, path); got != "\ufeffnew text\r\n" {
				t.Errorf("saved %q", got)
			}
		})
	}
}

// TestRereadFormatIsTheDocuments: another program's line endings are those of the document, for everybody.
func TestRereadFormatIsTheDocuments(t *testing.T) {
	s, path := hostOfFile(t, "text\n")
	if err := os.WriteFile(path, []byte("text\r\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	ed := s.part.Editor()
	_, accept, err := s.file.Changes(ed.OnDisk(), ed.View(), ed.Doc().Version())
	if err != nil {
		t.Fatal(err)
	}
	accept()
	screen := screenSession{part: s.part, file: s.file}
	screen.Flush(time.Now())
	if got := textfile.FormatOf(s.part.Editor().Doc()); !got.CRLF {
		t.Errorf("the document has %+v", got)
	}
	if got := s.file.form(); !got.CRLF {
		t.Errorf("the file is written with %+v", got)
	}
}

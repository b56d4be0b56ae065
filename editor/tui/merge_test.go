package tui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"coedit/editor"
	"coedit/internal/textfile"
	"coedit/rga"

	tea "charm.land/bubbletea/v2"
)

// diskOf is a file that other programs write to.
type diskOf struct {
	text    string // on disk
	seen    string // when it was last read or written by the program under test
	missing bool
	bad     error // reading it fails
	denied  bool
	saves   int
	before  func() // another program is faster than a save
}

func (d *diskOf) Name() string { return "main.go" }

func (d *diskOf) Save(v *rga.View, force bool) error {
	if d.before != nil {
		d.before()
	}
	switch {
	case d.denied:
		return fmt.Errorf("main.go: %w", ErrDenied)
	case d.missing && !force:
		return fmt.Errorf("main.go: %w", ErrGone)
	case d.text != d.seen && !force:
		return fmt.Errorf("main.go: %w", ErrChanged)
	}
	d.text, d.seen, d.missing = v.String(), v.String(), false
	d.saves++
	return nil
}

func (d *diskOf) Changes(was editor.Disk, shown *rga.View, version rga.Version) (editor.DiskChange, func(), error) {
	if d.missing {
		return editor.DiskChange{}, nil, fmt.Errorf("main.go: %w", ErrGone)
	}
	if d.bad != nil {
		return editor.DiskChange{}, nil, d.bad
	}
	old, now := was.Bytes(), d.text
	c := editor.DiskChange{Base: was.Version, Edits: textfile.Diff(old, []byte(now))}
	if len(c.Edits) > 0 {
		c.Text = []byte(now)
	}
	if was.Text != nil {
		c.Base, c.Edits = version, textfile.Rebase(c.Edits, textfile.Diff(old, []byte(shown.String())))
	}
	return c, func() { d.seen = now }, nil
}

func (d *diskOf) Watch(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

// onDisk is a program that has read a file.
func onDisk(t *testing.T, text string, settings ...setting) (*fixture, *diskOf) {
	d := &diskOf{text: text, seen: text}
	f := newFixture(t, text, append(settings, func(f *fixture, o *Options) {
		f.ed.MarkSaved(f.ed.Doc().Version())
		o.File = d
	})...)
	return f, d
}

// elsewhere is another program writing the file, and the program under test hearing of it.
func (f *fixture) elsewhere(d *diskOf, text string) {
	f.t.Helper()
	d.text, d.missing = text, false
	f.hears(d)
}

func (f *fixture) hears(d *diskOf) {
	f.t.Helper()
	f.send(await[rereadMsg](f.t, f.send(watchMsg{d})))
}

func (f *fixture) saves() { f.t.Helper(); f.send(await[savedMsg](f.t, f.press("ctrl+s"))) }

func TestAnotherProgramsChangeIsMerged(t *testing.T) {
	f, d := onDisk(t, "one\ntwo\nthree\n")
	f.elsewhere(d, "one\nTWO\nthree\n")
	if f.text() != "one\nTWO\nthree\n" || f.ed.Dirty() {
		t.Fatalf("text %q, unsaved %v", f.text(), f.ed.Dirty())
	}
	if got := f.status(); !strings.Contains(got, "changed by another program and is merged: 1 change") {
		t.Errorf("status %q", got)
	}
	f.write("x")
	f.elsewhere(d, "one\nTWO\nTHREE\n")
	if f.text() != "xone\nTWO\nTHREE\n" || !f.ed.Dirty() {
		t.Fatalf("with own changes: %q, unsaved %v", f.text(), f.ed.Dirty())
	}
	f.elsewhere(d, "one\nTWO\nTHREE\nfour\n") // the file holds no version of the document by now
	f.write("y")
	f.elsewhere(d, "ONE\nTWO\nTHREE\nfour\n")
	if f.text() != "xyONE\nTWO\nTHREE\nfour\n" {
		t.Fatalf("twice more: %q", f.text())
	}
	f.saves()
	if d.text != f.text() || f.ed.Dirty() {
		t.Errorf("saved %q", d.text)
	}
	f.hears(d) // of the own write
	if f.text() != d.text || f.ed.Dirty() {
		t.Errorf("after the own write: %q", f.text())
	}
}

// Merging is a step of its own for undo: taking it back leaves what was typed, and the file as the other program wrote it.
func TestAMergeIsUndone(t *testing.T) {
	f, d := onDisk(t, "one\ntwo\n")
	f.write("x")
	f.elsewhere(d, "one\nzwei\n")
	f.press("ctrl+z")
	if f.text() != "xone\ntwo\n" || d.text != "one\nzwei\n" || !f.ed.Dirty() {
		t.Errorf("undone: %q, on disk %q", f.text(), d.text)
	}
	f.saves()
	if d.text != "xone\ntwo\n" {
		t.Errorf("saved %q", d.text)
	}
}

// A save that finds another program's change merges it and goes on, also when it is faster than the news.
func TestASaveMerges(t *testing.T) {
	f, d := onDisk(t, "one\ntwo\n")
	f.write("x")
	d.text = "one\nzwei\n"
	reading := f.send(await[savedMsg](t, f.press("ctrl+s")))
	f.send(await[savedMsg](t, f.send(await[rereadMsg](t, reading))))
	if d.text != "xone\nzwei\n" || f.ed.Dirty() || f.m.question != nil {
		t.Errorf("saved %q; the screen:\n%s", d.text, f.shown())
	}
}

// Another program that writes without end is asked about in the end.
func TestASaveDoesNotMergeForEver(t *testing.T) {
	f, d := onDisk(t, "one\n")
	f.write("x")
	n := 0
	d.before = func() { n++; d.text = strings.Repeat("again\n", n) }
	cmd := f.press("ctrl+s")
	for range mergesInOneSave {
		cmd = f.send(await[rereadMsg](t, f.send(await[savedMsg](t, cmd))))
	}
	f.send(await[savedMsg](t, cmd))
	if f.m.question == nil || !strings.Contains(f.shown(), "O: overwrite") {
		t.Fatalf("nobody is asked:\n%s", f.shown())
	}
	d.before = nil
	f.send(await[savedMsg](t, f.press("o")))
	if d.text != f.text() || d.saves != 1 {
		t.Errorf("saved %q", d.text)
	}
}

// What cannot be merged is said once, and is not overwritten unasked.
func TestWhatCannotBeMerged(t *testing.T) {
	f, d := onDisk(t, "one\n")
	d.bad = errors.New("main.go is not UTF-8")
	f.elsewhere(d, "\xff\xfe")
	if got := f.status(); !strings.Contains(got, "Not merged: main.go is not UTF-8") {
		t.Errorf("status %q", got)
	}
	f.press("esc")
	f.hears(d)
	if strings.Contains(f.status(), "Not merged") {
		t.Error("the same again is said again")
	}
	f.write("x")
	f.send(await[rereadMsg](t, f.send(await[savedMsg](t, f.press("ctrl+s")))))
	if !strings.Contains(f.shown(), "O: overwrite") || d.saves != 0 {
		t.Errorf("the screen:\n%s", f.shown())
	}
	f.press("esc")
	d.bad = nil
	f.elsewhere(d, "one\ntwo\n")
	if f.text() != "xone\ntwo\n" {
		t.Errorf("once it is a text again: %q", f.text())
	}
}

func TestWhereARenamedFileWentIsSaid(t *testing.T) {
	f, _ := onDisk(t, "one\n", shared)
	err := &Renamed{To: "other\x1b.go", Err: errors.New("renamed")}
	if !errors.Is(err, ErrGone) {
		t.Fatal("it is not ErrGone")
	}
	f.send(tea.WindowSizeMsg{Width: 140, Height: 24})
	f.m.diskTrouble(err, nobody)
	if got := f.status(); !strings.Contains(got, "main.go is gone: another program renamed it to other^[.go") {
		t.Errorf("status %q", got)
	}
	f.m.diskTrouble(err, byUser)
	f.send(tickMsg{})
	if got := f.shown(); !strings.Contains(got, "renamed it to other^[.go. Write it anew?") {
		t.Errorf("the question is\n%s", got)
	}
}

func TestAFileThatIsGone(t *testing.T) {
	f, d := onDisk(t, "one\n", shared)
	d.missing = true
	f.hears(d)
	if got := f.status(); !strings.Contains(got, "is gone") || !strings.Contains(f.row(23), "gone") {
		t.Errorf("status %q", got)
	}
	f.send(tickMsg{})
	if !f.session.presence.Dirty {
		t.Error("the others believe that the text is on disk")
	}
	f.press("ctrl+q")
	if f.m.question == nil {
		t.Error("quitting does not ask")
	}
	f.press("esc")
	f.saves()
	if d.saves != 0 || !strings.Contains(f.shown(), "write it anew.") {
		t.Fatalf("the screen:\n%s", f.shown())
	}
	f.send(await[savedMsg](t, f.press("w")))
	if d.text != "one\n" || d.saves != 1 || f.m.gone {
		t.Errorf("%d saves, %q", d.saves, d.text)
	}
	d.missing = true
	f.hears(d)
	f.elsewhere(d, "back\n")
	if f.text() != "back\n" || f.m.gone || strings.Contains(f.status(), "not on disk") {
		t.Errorf("back again: %q, status %q", f.text(), f.status())
	}
}

func TestAFileThatMayNotBeWritten(t *testing.T) {
	other := &diskOf{}
	f, d := onDisk(t, "one\n", func(_ *fixture, o *Options) {
		o.SaveAs = func(name string) (File, error) { return other, nil }
	})
	d.denied = true
	f.write("x")
	f.saves()
	if !strings.Contains(f.shown(), "A: save under another name") {
		t.Fatalf("the screen:\n%s", f.shown())
	}
	f.press("a")
	f.write("b.go")
	f.send(await[savedMsg](t, f.send(await[namedMsg](t, f.press("enter")))))
	if other.text != "xone\n" || f.ed.Dirty() || f.m.file != File(other) {
		t.Errorf("saved %q", other.text)
	}
	d.text = "no longer ours\n"
	if cmd := f.m.diskNews(watchMsg{d}); cmd != nil {
		t.Error("the former file is still looked at")
	}
}

func TestSaveACopy(t *testing.T) {
	copies := map[string]string{}
	f, d := onDisk(t, "one\n", func(_ *fixture, o *Options) {
		o.Copy = func(v *rga.View, name string) func() error {
			return func() error {
				if copies[name] != "" {
					return errors.New(name + " exists already")
				}
				copies[name] = v.String()
				return nil
			}
		}
	})
	f.write("x")
	for range 2 {
		f.press("alt+s")
		f.write("copy")
		f.send(await[keptMsg](t, f.press("enter")))
	}
	if copies["copy"] != "xone\n" || d.saves != 0 || !f.ed.Dirty() || !strings.Contains(f.status(), "exists already") {
		t.Errorf("copies %q, status %q", copies, f.status())
	}
}

func TestAutosave(t *testing.T) {
	f, d := onDisk(t, "one\n", func(_ *fixture, o *Options) { o.Autosave = 3 * time.Second })
	second := func() tea.Cmd {
		f.clock.advance(time.Second)
		return f.m.autosave()
	}
	second()
	f.write("x")
	for range 3 {
		if second() != nil {
			t.Fatal("saved before the text has rested")
		}
	}
	f.send(await[savedMsg](t, second()))
	if d.text != "xone\n" || strings.Contains(f.status(), "Saved main.go") {
		t.Errorf("saved %q, status %q", d.text, f.status())
	}
	saved := false
	for range 40 { // somebody who never rests
		f.write("y")
		if cmd := second(); cmd != nil {
			f.send(await[savedMsg](t, cmd))
			saved = true
			break
		}
	}
	if !saved {
		t.Error("a text that never rests is never saved")
	}
	// After a failure the user has a say first.
	d.denied = true
	f.write("z")
	for range 10 {
		if cmd := second(); cmd != nil {
			f.send(await[savedMsg](t, cmd))
		}
	}
	if !strings.Contains(f.status(), "Not saved") || f.m.question != nil || !f.m.autosaves.Failed {
		t.Errorf("status %q", f.status())
	}
	// Another program's change is merged first.
	d.denied = false
	f.saves()
	d.text += "two\n"
	f.write("!")
	for range 10 {
		if cmd := second(); cmd != nil {
			f.send(await[savedMsg](t, f.send(await[rereadMsg](t, f.send(await[savedMsg](t, cmd))))))
		}
	}
	if !strings.HasSuffix(d.text, "one\ntwo\n") || f.ed.Dirty() {
		t.Errorf("saved %q", d.text)
	}
}

// Whatever order typing, other programs' writes, saves and news come in, nothing that either side inserted is lost, and a save
// leaves both in the file.
func TestMergingLosesNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f, d := onDisk(t, "a\nb\nc\n")
		words := 0
		word := func() string { words++; return fmt.Sprintf("<%d>", words) }
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			switch rapid.IntRange(0, 3).Draw(rt, "step") {
			case 0:
				at := rapid.IntRange(0, f.ed.View().Len()).Draw(rt, "at")
				f.ed.Select(at, at)
				f.write(word())
			case 1:
				at := rapid.IntRange(0, strings.Count(d.text, "\n")-1).Draw(rt, "line")
				lines := strings.SplitAfter(d.text, "\n")
				lines[at] = word() + lines[at]
				d.text = strings.Join(lines, "")
			case 2:
				f.hears(d)
			case 3:
				cmd := f.press("ctrl+s")
				for f.m.saving || f.m.reading {
					if f.m.saving {
						cmd = f.send(await[savedMsg](t, cmd))
					} else {
						cmd = f.send(await[rereadMsg](t, cmd))
					}
				}
			}
		}
		f.hears(d)
		for i := range words {
			if w := fmt.Sprintf("<%d>", i+1); strings.Count(f.text(), w) > 1 || !scattered(f.text(), w) {
				rt.Fatalf("%s is lost or doubled in %q, on disk %q", w, f.text(), d.text)
			}
		}
	})
}

// scattered says whether the letters of a word are all there in order: another word was typed inside it.
func scattered(text, word string) bool {
	for _, r := range word {
		i := strings.IndexRune(text, r)
		if i < 0 {
			return false
		}
		text = text[i+1:]
	}
	return true
}

// TestAGuestsSaveAsksNothing: who types at that moment would answer a question that comes up by itself.
func TestAGuestsSaveAsksNothing(t *testing.T) {
	f, d := onDisk(t, "text\n", shared)
	f.session.state.Host = true
	for name, trouble := range map[string]func(){
		"gone":          func() { d.missing = true },
		"not mergeable": func() { d.missing, d.text, d.bad = false, "other", errors.New("it is binary") },
	} {
		trouble()
		f.write("x")
		f.session.requested, f.session.failed = true, nil
		msg := await[savedMsg](t, f.send(newsMsg{}))
		if cmd := f.send(msg); d.bad != nil && !d.missing {
			f.send(await[rereadMsg](t, cmd))
		}
		if f.m.question != nil || len(f.session.failed) != 1 {
			t.Errorf("%s: a question %+v, told to the guest %v:\n%s", name, f.m.question, f.session.failed, f.shown())
		}
		cmd := f.send(await[savedMsg](t, f.press("ctrl+s")))
		if d.bad != nil && !d.missing {
			f.send(await[rereadMsg](t, cmd))
		}
		if f.m.question == nil {
			t.Errorf("%s: the user who saves is not asked:\n%s", name, f.shown())
		}
		f.press("esc")
	}
}

// TestAGuestsSaveWhileTheFileIsReadAsksNothing: the watcher reads just when the file has gone.
func TestAGuestsSaveWhileTheFileIsReadAsksNothing(t *testing.T) {
	f, d := onDisk(t, "text\n", shared)
	f.session.state.Host = true
	f.write("x")
	d.missing = true
	read := f.send(watchMsg{d})
	f.session.requested = true
	f.send(newsMsg{})
	f.send(await[rereadMsg](t, read))
	if f.m.question != nil || len(f.session.failed) == 0 {
		t.Errorf("a question %+v, told to the guest %v:\n%s", f.m.question, f.session.failed, f.shown())
	}
	f.send(await[savedMsg](t, f.press("ctrl+s")))
	if f.m.question == nil {
		t.Errorf("who saves is not asked:\n%s", f.shown())
	}
}

// TestSomebodyWhoLeavesAnswersNoQuestion: the host asked to quit, was asked about bob, and did not answer.
func TestSomebodyWhoLeavesAnswersNoQuestion(t *testing.T) {
	f := newFixture(t, "", shared, hosting, func(_ *fixture, o *Options) { o.EndsSession = true })
	f.peer("bob", 0, 0, 0)
	f.press("ctrl+q")
	f.session.state.Peers = nil
	f.send(newsMsg{})
	if f.m.quitting || f.m.question != nil {
		t.Errorf("it quits by itself, or asks about nobody:\n%s", f.shown())
	}
	f.write("x")
	if f.text() != "x" {
		t.Errorf("text %q", f.text())
	}
	f.ed.MarkSaved(f.ed.Doc().Version())
	if !quits(f.press("ctrl+q")) {
		t.Errorf("it does not quit:\n%s", f.shown())
	}
}

// TestTheLinkThatIsShownIsCopied: also when a new one took its place while it was shown.
func TestTheLinkThatIsShownIsCopied(t *testing.T) {
	f := newFixture(t, "", shared)
	f.session.state.Link = "http://old/r/x#w.y"
	f.send(newsMsg{})
	f.press("f2")
	f.session.state.Link = "http://new/r/x#w.y"
	f.send(newsMsg{})
	cmd, done := f.m.sheetKey(tea.KeyPressMsg{Code: 'c', Mod: tea.ModCtrl})
	if got := fmt.Sprint(cmd()); !done || !strings.Contains(got, "http://new/") {
		t.Errorf("%q is copied", got)
	}
}

// TestAutosaveThatCannotMergeIsTriedOnce, and again when another program has put the file right.
func TestAutosaveThatCannotMergeIsTriedOnce(t *testing.T) {
	f, d := onDisk(t, "text\n", shared, func(_ *fixture, o *Options) { o.Autosave = time.Second })
	d.text, d.bad = "other", errors.New("it is binary")
	f.write("x")
	f.send(tickMsg{})
	tries := 0
	for range 5 {
		f.clock.advance(time.Second)
		cmd := f.send(tickMsg{})
		if f.m.saving {
			tries++
			f.send(await[rereadMsg](t, f.send(await[savedMsg](t, cmd))))
		}
	}
	if tries != 1 || f.m.question != nil {
		t.Errorf("tried %d times, question %+v", tries, f.m.question)
	}
	d.bad = nil
	f.elsewhere(d, "text\ny\n")
	f.send(tickMsg{})
	f.clock.advance(time.Second)
	f.send(await[savedMsg](t, f.send(tickMsg{})))
	if d.text != "xtext\ny\n" {
		t.Errorf("the file holds %q", d.text)
	}
}

// TestSaveAndQuitWithAnotherProgramsChange: the question was answered, and is not put again while the change is merged.
func TestSaveAndQuitWithAnotherProgramsChange(t *testing.T) {
	f, d := onDisk(t, "text\n", shared)
	f.write("x")
	d.text = "text\ny\n"
	f.press("ctrl+q")
	cmd := f.send(await[savedMsg](t, f.press("s")))
	f.send(flushMsg{})
	if f.m.question != nil {
		t.Errorf("asked again while the file is read:\n%s", f.shown())
	}
	if cmd = f.send(await[rereadMsg](t, cmd)); !quits(f.send(await[savedMsg](t, cmd))) || d.text != "xtext\ny\n" {
		t.Errorf("does not quit; the file holds %q:\n%s", d.text, f.shown())
	}
}

// TestAGuestsSaveLeavesTheHostsQuestion: it fails, and what the host was asked stays open.
func TestAGuestsSaveLeavesTheHostsQuestion(t *testing.T) {
	f, d := onDisk(t, "text\n", shared)
	f.session.state.Host = true
	f.write("x")
	f.press("ctrl+q")
	d.missing, f.session.requested = true, true
	f.send(await[savedMsg](t, f.send(newsMsg{})))
	if f.m.question == nil || !f.m.quitting {
		t.Errorf("the host's question is gone:\n%s", f.shown())
	}
}

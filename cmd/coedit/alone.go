package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"time"

	"coedit/editor"
	"coedit/editor/tui"
	"coedit/internal/journal"
	"coedit/internal/session"
	"coedit/internal/textfile"
	"coedit/rga"

	tea "charm.land/bubbletea/v2"
)

// editAlone edits a file with nobody else.
func (p *program) editAlone(ctx context.Context, path, recovery string) (err error) {
	read := p.whileSlow("Reading " + path + " ...")
	file, text, err := openFile(path)
	read()
	if err != nil {
		return err
	}
	if err := p.needTerminal("coedit "+path, false, "run it in a terminal"); err != nil {
		return err
	}
	about := journal.About{Role: roleAlone, File: file.file.Real, Name: file.Name(), Started: time.Now().UnixMilli()}
	last, notice, err := p.lastOf(ctx, file, text, recovery)
	if err != nil {
		return err
	}
	place := placed(file)
	options := tui.Options{
		File: file, Name: file.Name(), Notice: notice, Autosave: p.settings.autosave,
		Copy: copies(func() textfile.Format { return place.place().form() }),
	}
	var kept aloneJournal
	if last != nil {
		options.Editor, options.Disk, options.Notice, kept, err = p.aloneAgain(last, about, file, text)
	} else {
		options.Editor, kept, err = p.aloneAnew(about, file, text)
	}
	if err != nil {
		return err
	}
	options.Trouble = kept.problem
	options.SaveAs = func(name string) (tui.File, error) {
		named, err := place.saveAs(name)
		if err == nil {
			about.File, about.Name = place.place().file.Real, named.Name()
			kept.rename(about)
		}
		return named, err
	}
	err = p.edit(ctx, options, place.place)
	return errors.Join(err, kept.end(!errors.Is(err, errNotRescued)))
}

// aloneJournal is the journal of who edits alone.
type aloneJournal interface {
	problem() string      // why nothing is kept; "" all is well
	rename(journal.About) // it is of another file from now on
	end(done bool) error  // closes it: for good where nothing is left to be done
}

// aloneAnew is the editor of a file as it is. Its journal begins with the first edit.
func (p *program) aloneAnew(about journal.About, file *diskFile, text []byte) (*editor.Editor, aloneJournal, error) {
	late := &lateJournal{about: about, create: func(about journal.About) (*journal.Writer, error) {
		p.cleanJournals(journal.KeyOf(about))
		return p.journals().Create(journalOptions, about)
	}}
	self, err := newIdentity()
	if err != nil {
		return nil, nil, err
	}
	at := time.Now().UnixMilli()
	doc, keeper, err := session.Begin(late, self, at, text)
	if err == nil {
		err = errors.Join(file.form().Set(doc, at), editor.MarkLoaded(doc, at, len(text)))
	}
	if err != nil {
		return nil, nil, err
	}
	keeper.Own()
	tuneMemory(len(text))
	keeper.Saved(doc.Version())
	ed := keptEditor(doc, keeper, doc.Version())
	ed.OnChange(func([]rga.Change) { late.start() })
	return ed, late, nil
}

// aloneAgain is the editor of what a session left, merged with what the file holds now.
func (p *program) aloneAgain(last *journal.Taken, about journal.About, file *diskFile, text []byte) (
	ed *editor.Editor, disk editor.Disk, notice string, kept aloneJournal, err error,
) {
	r := p.goOnAnew(last, about)
	defer func() {
		if err != nil {
			err = errors.Join(err, r.end(false))
		}
	}()
	self, err := newIdentity()
	if err != nil {
		return nil, disk, "", nil, err
	}
	doc, keeper, err := session.Continue(r.journal(), last.State, self)
	if err != nil {
		return nil, disk, "", nil, err
	}
	saved, err := session.SavedVersion(last.State)
	if err != nil {
		return nil, disk, "", nil, err
	}
	ed = keptEditor(doc, keeper, saved)
	if notice, disk, err = mergeFile(ed, keeper, last.State, text, file); err != nil {
		return nil, disk, "", nil, err
	}
	r.holds(about)
	return ed, disk, notice, r, nil
}

// keptEditor is an editor whose edits go into a journal, of a file that holds the text of a version.
func keptEditor(doc *rga.Doc, keeper *session.Keeper, saved rga.Version) *editor.Editor {
	ed := editor.New(doc)
	ed.MarkSaved(saved)
	ed.OnChange(func([]rga.Change) { keeper.Own() })
	ed.OnSave(keeper.Saved)
	ed.OnMerge(keeper.MergedText)
	return ed
}

// recovered is what the user is told when text that was not saved is here again.
const recovered = "what was not saved last time is here again; Ctrl+S saves it"

// mergeFile merges what the file holds into a recovered document: what another program changed since it was saved last. The
// document then differs from the file, whose text is disk's; the notice says what to know about that.
func mergeFile(ed *editor.Editor, keeper *session.Keeper, s *journal.State, text []byte, file *diskFile) (
	notice string, disk editor.Disk, err error,
) {
	saved, err := session.SavedVersion(s)
	if err != nil {
		return "", disk, err
	}
	sum := sha256.Sum256(text)
	switch {
	case s.Merged != nil && bytes.Equal(s.Merged, sum[:]):
		return recovered, editor.Disk{Text: text}, nil
	case s.Merged != nil || saved == nil:
		return recovered + ", over what another program has written into the file since", disk, nil
	}
	before := ed.Doc().Clock()
	if err := merge(ed, time.Now().UnixMilli(), saved, text, file.form()); err != nil {
		return "", disk, fmt.Errorf("merge %s with what was recovered: %w", file.file.Path, err)
	}
	if ed.Doc().Clock() == before {
		return recovered, editor.Disk{Text: text}, nil
	}
	keeper.Own()
	keeper.Merged(sum[:]) // this text is that of no version, from which it could be merged again
	return recovered + ", merged with what another program has written", editor.Disk{Text: text}, nil
}

// lastOf looks whether a session of this file ended without its text being saved, and asks whether to go on with that; nil:
// not. The notice is what else there is to know.
func (p *program) lastOf(ctx context.Context, file *diskFile, text []byte, recovery string) (last *journal.Taken, notice string, err error) {
	about := journal.About{File: file.file.Real}
	last, inUse := p.takeLast(journal.KeyOf(about), func(s *journal.State) bool { return unsavedIn(s, text) })
	if inUse {
		notice = file.Name() + " is open in another coedit on this machine"
	}
	if last == nil {
		return nil, notice, nil
	}
	what := fmt.Sprintf("The last session of %s ended before its text was saved (%s).", file.file.Path, ago(endOf(p.journals(), last.Name())))
	if yes, err := p.offer(ctx, recovery, last, what); !yes || err != nil {
		return nil, notice, err
	}
	return last, notice, nil
}

// unsavedIn says whether a journal has a text that is not the file's.
func unsavedIn(s *journal.State, text []byte) bool {
	sum, err := session.Summarize(s)
	return err == nil && sum.Unsaved && !hasText(sum.Doc.View(), text)
}

// hasText says whether a view's text is this one, which may be long.
func hasText(v *rga.View, text []byte) bool {
	if v.Len() != len(text) {
		return false
	}
	for piece := range v.Chunks(0, v.Len()) {
		if !bytes.Equal(piece, text[:len(piece)]) {
			return false
		}
		text = text[len(piece):]
	}
	return true
}

// endOf is when a journal was last written.
func endOf(dir journal.Dir, name string) time.Time {
	entries, err := dir.List(name)
	if err != nil || len(entries) == 0 {
		return time.Now()
	}
	return entries[0].Modified
}

// edit runs the editor on the terminal until the user quits. place says where unsaved text is kept when the program is ended
// from outside or by a bug; nil: nowhere, the file is somebody else's.
func (p *program) edit(ctx context.Context, o tui.Options, place func() *diskFile) error {
	if err := p.settings.setAmbiguous(); err != nil {
		return err
	}
	options := []tea.ProgramOption{tea.WithOutput(p.screen()), tea.WithoutSignalHandler()}
	o.Looks, o.Tab, o.Widths = p.settings.looks(), p.settings.tab, tui.Widths(p.settings.width)
	o.Looks.ASCII = o.Looks.ASCII || p.onConsole()
	o.Author = func(id rga.ReplicaID) (string, bool) { return session.AuthorName(o.Editor.Doc(), id) }
	if f, ok := p.stdin.(*os.File); ok && terminal(f) {
		options = append(options, tea.WithInput(tui.NewWholeInput(f)))
	}
	if place != nil && o.Notice == "" {
		if file := place(); file != nil {
			o.Notice = file.notice()
		}
	}
	var err error
	if p.settings.accessible {
		err = p.editLines(ctx, o)
	} else {
		err = tui.Run(ctx, o, options...)
	}
	if err == nil && ctx.Err() == nil {
		return nil
	}
	if crash, ok := errors.AsType[*tui.Crash](err); ok && p.getenv("COEDIT_DEBUG") != "" {
		fmt.Fprintf(p.stderr, "%s\n", crash.Stack)
	}
	var file *diskFile
	if place != nil {
		file = place()
	}
	return endedFromOutside(ctx, file, o.Editor.View(), o.Editor.Dirty(), err)
}

package main

import (
	"errors"
	"fmt"
	"strings"

	"coedit/editor"
	"coedit/editor/tui"
	"coedit/presence"
)

// write saves: under another name where there is one, and over what another program made of the file where force says so.
func (e *lineEditor) write(name string, force bool) error {
	if name != "" {
		return e.saveAs(name)
	}
	if e.o.File == nil && e.o.Session != nil {
		if e.ed.ReadOnly() {
			return errors.New("you joined by a read-only link, and nobody saves for that")
		}
		e.o.Session.AskSave()
		e.tell("Asked the host to save.")
		return nil
	}
	if e.o.File == nil {
		return errors.New("there is no file to save to: w NAME makes one")
	}
	e.save(force)
	return nil
}

// saveAs gives the text a file of another name, or keeps a copy of somebody else's text.
func (e *lineEditor) saveAs(name string) error {
	if e.o.SaveAs == nil {
		if e.o.Copy == nil {
			return errors.New("no other file can be written here")
		}
		if err := e.o.Copy(e.ed.View(), name)(); err != nil {
			return err
		}
		e.tell("A copy is in %s.", name)
		return nil
	}
	file, err := e.o.SaveAs(name)
	if err != nil {
		return err
	}
	e.o.File, e.o.Name, e.disk = file, file.Name(), editor.Disk{}
	if e.o.Session != nil {
		e.o.Session.Named(e.o.Name)
	}
	e.save(false)
	return nil
}

// save writes the file, merged with what another program made of it, and tells everybody how that went.
func (e *lineEditor) save(force bool) {
	err := e.o.File.Save(e.ed.View(), force)
	for tries := 0; errors.Is(err, tui.ErrChanged) && tries < maxMerges; tries++ {
		merged := e.merge()
		if merged != nil {
			err = fmt.Errorf("%w, and that cannot be merged: %w", err, merged)
			break
		}
		err = e.o.File.Save(e.ed.View(), force)
	}
	if err != nil {
		e.notSaved(err)
		return
	}
	e.disk = e.ed.OnDisk()
	e.ed.MarkSaved(e.disk.Version)
	if e.o.Session != nil {
		e.o.Session.Saved()
	}
	e.tell("Saved %s: %s.", e.o.Name, many(e.ed.View().Lines(), "line"))
}

// maxMerges are tried in one save: another program may write faster than we read.
const maxMerges = 3

func (e *lineEditor) notSaved(err error) {
	e.tell("Not saved: %v. w NAME saves under another name, w! over what is there.", err)
	if e.o.Session != nil {
		e.o.Session.SaveFailed(err)
	}
}

// merge makes what another program made of the file an edit of the text.
func (e *lineEditor) merge() error {
	file, ok := e.o.File.(tui.Rereader)
	if !ok {
		return errors.New("it cannot be read again")
	}
	edits, err := takeChanges(file, e.ed, &e.disk, e.now())
	if edits > 0 {
		e.tell("Merged what another program changed in %s: %s. u takes that back.", e.o.Name, many(edits, "change"))
	}
	return err
}

// mayQuit says whether nothing is lost by it, or that was told already.
func (e *lineEditor) mayQuit() bool {
	var why []string
	if e.unsaved() {
		why = append(why, e.o.Name+" has changes that are not saved.")
	}
	if s := e.o.Session; s != nil && s.Status(e.now()).Unacked > 0 {
		why = append(why, "Some of your edits have not reached the others yet.")
	}
	if s := e.o.Session; s != nil && e.o.EndsSession {
		if names := e.present(s.Status(e.now())); len(names) > 0 {
			why = append(why, "Quitting ends the session for "+strings.Join(names, ", ")+".")
		}
	}
	if len(why) == 0 || e.leaving {
		return true
	}
	e.leaving = true
	e.tell("%s Type q again to quit all the same.", strings.Join(why, " "))
	return false
}

func (e *lineEditor) unsaved() bool { return e.o.File != nil && e.ed.Dirty() && !e.o.Scratch }

// inputEnded leaves as quitting does when everything is saved; else it is no quitting, also behind a q that was told what speaks
// against it, and the text is to be kept.
func (e *lineEditor) inputEnded() error {
	if e.adding != nil {
		e.add(".")
		e.turn()
	}
	if e.unsaved() {
		return errInputEnded
	}
	return nil
}

// present are the names of the others who are here.
func (e *lineEditor) present(s tui.Status) (names []string) {
	for _, p := range s.Peers {
		if p.Replica != s.Self.Replica && !p.Left {
			names = append(names, presence.SanitizeName(p.Name))
		}
	}
	return names
}

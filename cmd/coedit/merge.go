package main

import (
	"bytes"
	"errors"

	"coedit/editor"
	"coedit/internal/textfile"
	"coedit/rga"
)

// merge makes of the document what it would be had the text come from an edit of its version base: what was changed
// since stays. Line endings and byte order mark follow the text where it differs in them from that version.
func merge(ed *editor.Editor, at int64, base rga.Version, text []byte, format textfile.Format) error {
	doc := ed.Doc()
	past, err := doc.At(base)
	if err != nil {
		return unknownVersion(err)
	}
	if err := mergeFormat(doc, at, textfile.FormatOf(past), text, format); err != nil {
		return err
	}
	if edits := textfile.Diff([]byte(past.View().String()), text); len(edits) > 0 {
		return ed.ReplaceAt(at, base, edits...)
	}
	return nil
}

// mergeFormat changes what of the format is not as it was.
func mergeFormat(doc *rga.Doc, at int64, was textfile.Format, text []byte, format textfile.Format) error {
	now := textfile.FormatOf(doc)
	if format.BOM != was.BOM {
		now.BOM = format.BOM
	}
	if format.CRLF != was.CRLF && bytes.Contains(text, []byte("\n")) { // a text of one line says nothing about line endings
		now.CRLF = format.CRLF
	}
	if now == textfile.FormatOf(doc) {
		return nil
	}
	return now.Set(doc, at)
}

// unknownVersion explains that a version is none of this document.
func unknownVersion(err error) error {
	if !errors.Is(err, rga.ErrVersion) {
		return err
	}
	return failure(err, "print the document anew with `coedit cat --version-file`, and compare",
		"the document has no such version: the version file is of an edit that this room has not, or has lost")
}

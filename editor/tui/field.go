package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
)

// field is one line of text that is typed into a bar, with a caret of its own.
type field struct {
	text  string
	caret int  // byte offset, between clusters
	all   bool // all of it is selected: what is typed takes its place
}

// fieldLimit is the longest text of a field in bytes.
const fieldLimit = 1024

// set puts text in the place of what is there.
func (f *field) set(text string) {
	text, _, _ = strings.Cut(text, "\n")
	f.text = ""
	f.caret = 0
	f.insert(text)
}

// selectAll lets what is typed next take the place of what is there.
func (f *field) selectAll() { f.all, f.caret = f.text != "", len(f.text) }

// insert puts text at the caret; only its first line, and nothing that would make the field too long.
func (f *field) insert(text string) {
	text, _, _ = strings.Cut(strings.ReplaceAll(text, "\r", "\n"), "\n")
	text = strings.ToValidUTF8(text, "\uFFFD")
	if f.all {
		f.cut(0, len(f.text))
	}
	if len(f.text)+len(text) > fieldLimit {
		return
	}
	f.text = f.text[:f.caret] + text + f.text[f.caret:]
	f.caret += len(text)
	f.snap()
}

// snap moves the caret out of a cluster, behind it: an edit can have joined what stood beside it.
func (f *field) snap() {
	at := 0
	for rest := []byte(f.text); len(rest) > 0 && at < f.caret; {
		var cluster []byte
		cluster, rest = nextCluster(rest)
		at += len(cluster)
	}
	f.caret = at
}

// key takes a key; false: it is none of a field's.
func (f *field) key(k tea.KeyPressMsg) bool {
	all := f.all
	switch keystroke(k) {
	case "left":
		f.caret = f.prev()
	case "right":
		f.caret = f.next()
	case "home", "ctrl+a":
		f.caret = 0
	case "end", "ctrl+e":
		f.caret = len(f.text)
	case "backspace", "ctrl+h", "shift+backspace":
		if f.cut(f.prev(), f.caret); all {
			f.cut(0, len(f.text))
		}
	case "delete":
		if f.cut(f.caret, f.next()); all {
			f.cut(0, len(f.text))
		}
	case "ctrl+w", "ctrl+backspace", "alt+backspace":
		head := strings.TrimRight(f.text[:f.caret], " ")
		f.cut(strings.LastIndexByte(head, ' ')+1, f.caret)
	case "ctrl+u":
		f.cut(0, f.caret)
	default:
		if k.Text == "" || k.Mod.Contains(tea.ModCtrl) {
			return false
		}
		f.insert(k.Text)
	}
	f.all = false
	return true
}

func (f *field) cut(from, to int) {
	f.all = false
	f.text = f.text[:from] + f.text[to:]
	f.caret = from
	f.snap()
}

// next is the boundary behind the caret.
func (f *field) next() int {
	if f.caret == len(f.text) {
		return f.caret
	}
	cluster, _ := nextCluster([]byte(f.text[f.caret:]))
	return f.caret + len(cluster)
}

// prev is the boundary before the caret.
func (f *field) prev() int {
	at := 0
	for rest := []byte(f.text); len(rest) > 0; {
		var cluster []byte
		if cluster, rest = nextCluster(rest); at+len(cluster) >= f.caret {
			break
		}
		at += len(cluster)
	}
	return at
}

// shown is the part of the field around the caret that limit cells hold, and the cell of the caret in it.
func (m *Model) shown(f *field, limit int) (text string, caret int) {
	metrics := m.ed.Metrics()
	start := 0
	for {
		_, cells, whole := fit(metrics, f.text[start:max(start, f.caret)], max(limit-1, 0))
		if whole || start >= f.caret {
			text, _, _ = fit(metrics, f.text[start:], limit)
			return text, cells
		}
		cluster, _ := nextCluster([]byte(f.text[start:]))
		start += len(cluster)
	}
}

package tui

import (
	"slices"
	"strings"
	"time"
)

// What happens without the user's doing is said in the status line first: who came and went, what another program did to the file. Somebody
// who types takes it away with the next key, or an answer to a key takes its place. It then goes on as a toast: a few rows above
// the status line that end by themselves, or by Esc.

// topic is what a message is about that goes on as a toast.
type topic int

const (
	topicOwn    topic = iota // what the user did: it does not go on
	topicOthers              // the others and the connection
	topicDisk                // the file; a save makes it old
)

// toast is a message that goes on beside the text.
type toast struct {
	text  string
	topic topic
	alert bool
	until time.Time
}

// Sizes of toasts: how many are shown, in how many rows each at most, and in how many cells.
const (
	toastsShown = 3
	toastRows   = 3
	toastWidth  = 56
)

// displaced makes a toast of the message in the status line, which is about to go, if it is worth it and was not there for its time.
func (m *Model) displaced() {
	old, now := m.message, m.now()
	if old.text == "" || old.topic == topicOwn || !now.Before(old.until) {
		return
	}
	t := toast{old.text, old.topic, old.alert, now.Add(readingTime(old.text))}
	m.toasts = slices.DeleteFunc(m.toasts, func(o toast) bool { return o.text == t.text })
	m.toasts = append(m.toasts, t)
	m.toasts = m.toasts[max(len(m.toasts)-toastsShown, 0):]
}

// endToasts takes away those whose time is over.
func (m *Model) endToasts() {
	now := m.now()
	m.toasts = slices.DeleteFunc(m.toasts, func(t toast) bool { return !now.Before(t.until) })
}

// forget takes away what was said about something that has changed since.
func (m *Model) forget(about topic) {
	m.toasts = slices.DeleteFunc(m.toasts, func(t toast) bool { return t.topic == about })
	if m.message.topic == about {
		m.message = message{}
	}
}

// toastArea is where the toasts are: rows from top on, in the last cells of the screen.
type toastArea struct {
	rows []string
	top  int
	left int // first column
}

// row is the toasts' part of a row of the screen; false: there is none.
func (a toastArea) row(y int) (string, bool) {
	if y < a.top || y >= a.top+len(a.rows) {
		return "", false
	}
	return a.rows[y-a.top], true
}

// placeToasts puts the toasts, the newest lowest, above a sheet or the status line. They keep off the caret: then they are above its row, or below
// it, and the older ones are left out where there is no room.
func (m *Model) placeToasts() toastArea {
	width := min(toastWidth, m.width-m.gutterWidth()-4)
	if len(m.toasts) == 0 || width < 8 {
		return toastArea{}
	}
	bottom := m.view.height - m.overlayRows()
	widest := 0
	for _, t := range m.toasts {
		for _, line := range m.toastText(t, width) {
			_, n, _ := fit(m.ed.Metrics(), line, width)
			widest = max(widest, n+2)
		}
	}
	width = widest
	a := toastArea{left: m.width - width}
	caret := m.caret()
	free := func(top, bottom int) bool {
		return caret == nil || caret.X < a.left-1 || caret.Y < top || caret.Y >= bottom
	}
	for skip := range m.toasts {
		a.rows = a.rows[:0]
		for _, t := range m.toasts[skip:] {
			a.rows = append(a.rows, m.toastLines(t, width)...)
		}
		n := len(a.rows)
		if n > m.view.height/2 {
			continue
		}
		if a.top = bottom - n; a.top >= 0 && free(a.top, bottom) {
			return a
		}
		if caret == nil || caret.Y > bottom {
			continue
		}
		if a.top = caret.Y - n; a.top >= 0 {
			return a
		}
		if a.top = caret.Y + 1; a.top+n <= bottom {
			return a
		}
	}
	return toastArea{}
}

// toastText breaks one toast into rows. What may be lost has a mark that is seen without colours.
func (m *Model) toastText(t toast, width int) []string {
	metrics, text := m.ed.Metrics(), t.text
	if t.alert {
		text = "! " + text
	}
	lines := wrap(metrics, text, width-2)
	if len(lines) > toastRows {
		lines[toastRows-1], _ = plain(metrics, strings.Join(lines[toastRows-1:], " "), width-2)
		lines = lines[:toastRows]
	}
	return lines
}

// toastLines draws one toast.
func (m *Model) toastLines(t toast, width int) []string {
	metrics, look, lines := m.ed.Metrics(), m.theme.sheetTitle, m.toastText(t, width)
	if t.alert {
		look = m.theme.bad
	}
	for i, line := range lines {
		shown, n, _ := fit(metrics, line, width-2)
		lines[i] = string(look) + " " + shown + strings.Repeat(" ", width-1-n) + sgrReset
	}
	return lines
}

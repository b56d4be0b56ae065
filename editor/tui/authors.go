package tui

import (
	"fmt"
	"strings"
	"time"

	"coedit/editor"
	"coedit/presence"
	"coedit/rga"

	tea "charm.land/bubbletea/v2"
)

// Who wrote what: a letter in its author's colour beside the number of each line that somebody changed since the file was opened, and
// in the status line who changed the caret's line last, and when.

// authorMark is what stands beside a line's number; the zero value: nothing.
type authorMark struct {
	letter string
	colour uint8
}

// origins remembers who wrote the lines on the screen, for one revision of the text.
type origins struct {
	revision uint64
	lines    map[int]lineOrigin
}

type lineOrigin struct {
	editor.Origin
	known bool
}

func authorCommands() []command {
	return []command{
		{groupPeople, "show who wrote what, or not", []string{"f8"}, nil, (*Model).toggleAuthors},
		{groupPeople, "who wrote this line", nil, nil, (*Model).sayAuthor},
	}
}

func (m *Model) toggleAuthors() tea.Cmd {
	m.people.authors = !m.people.authors
	m.cache.drop()
	if m.people.authors {
		m.say("Letters beside the lines say who changed them last. F8 hides them.")
	} else {
		m.say("It is not shown any more who wrote what.")
	}
	return nil
}

// origin is who wrote a line.
func (m *Model) origin(line int) lineOrigin {
	o := &m.people.origins
	if rev := m.ed.Revision(); o.lines == nil || o.revision != rev || len(o.lines) > 4096 {
		o.revision, o.lines = rev, make(map[int]lineOrigin, m.view.height)
	}
	found, ok := o.lines[line]
	if !ok {
		found.Origin, found.known = m.ed.Origin(line)
		o.lines[line] = found
	}
	return found
}

// authorMark is the mark beside a line's number.
func (m *Model) authorMark(line int) authorMark {
	if !m.people.authors {
		return authorMark{}
	}
	o := m.origin(line)
	if !o.known || o.Loaded {
		return authorMark{}
	}
	name, colour := m.authorOf(o.Replica)
	letter := m.people.letters[o.Replica]
	if letter == "" { // of somebody who is gone: small, because somebody here may have the same
		letter = strings.ToLower(nameLetters([]named{{o.Replica, name}})[o.Replica])
	}
	return authorMark{letter, colour}
}

// authorOf is the name and colour of a replica, also of one that is gone.
func (m *Model) authorOf(id rga.ReplicaID) (name string, colour uint8) {
	if id == m.ed.Doc().Replica() {
		return "you", m.status.Self.Colour
	}
	if s, here := m.person(id); here {
		return presence.SanitizeName(s.Name), s.Colour
	}
	if m.author != nil {
		if name, ok := m.author(id); ok {
			return presence.SanitizeName(name), uint8(id % rga.ReplicaID(len(peerColours)))
		}
	}
	return presence.NoName, uint8(id % rga.ReplicaID(len(peerColours)))
}

// numberTail is the cell behind a line's number.
func (m *Model) numberTail(mark authorMark, scoped bool) string {
	if mark.letter == "" && scoped {
		return string(m.theme.edge) + "|" + sgrReset
	}
	if mark.letter == "" {
		return " "
	}
	return string(m.theme.peer(mark.colour).label) + mark.letter + sgrReset
}

// blame says who changed the caret's line last, and when; empty: nobody has.
func (m *Model) blame() string {
	o := m.origin(m.ed.View().LineAt(m.ed.Selection().Head))
	switch {
	case !o.known:
		return ""
	case o.Loaded:
		return "from the file"
	}
	name, _ := m.authorOf(o.Replica)
	if n := len(o.Others); n > 0 {
		name += fmt.Sprintf(" (+%d)", n)
	}
	if o.At == 0 {
		return name
	}
	return name + ", " + ago(m.now().Sub(time.UnixMilli(o.At)), o.At)
}

// sayAuthor says in a sentence who wrote the caret's line.
func (m *Model) sayAuthor() tea.Cmd {
	line := m.ed.View().LineAt(m.ed.Selection().Head)
	o := m.origin(line)
	switch {
	case !o.known:
		m.say("There is nothing in this line.")
		return nil
	case o.Loaded:
		m.say(fmt.Sprintf("Line %d is as it was when the file was opened.", line+1))
		return nil
	}
	name, _ := m.authorOf(o.Replica)
	text := fmt.Sprintf("Line %d was changed last by %s", line+1, name)
	if o.At != 0 {
		text += ", " + ago(m.now().Sub(time.UnixMilli(o.At)), o.At)
	}
	var others []string
	for _, id := range o.Others {
		name, _ := m.authorOf(id)
		others = append(others, name)
	}
	if len(others) > 0 {
		text += "; before by " + strings.Join(others, ", ")
	}
	m.say(text + m.onWhoseWord(o) + ".")
	return nil
}

// voucher is a Session that knows on whose word something is here: it came in that participant's snapshot, and not signed
// by its author.
type voucher interface {
	VouchedBy(author rga.ReplicaID, tick uint64) (maker rga.ReplicaID, ok bool)
}

// onWhoseWord says who vouches for what an author did not sign.
func (m *Model) onWhoseWord(o lineOrigin) string {
	v, ok := m.session.(voucher)
	if !ok {
		return ""
	}
	maker, ok := v.VouchedBy(o.Replica, o.Tick)
	if !ok {
		return ""
	}
	name, _ := m.authorOf(maker)
	return ", on the word of " + name
}

// blameSegment is the blame in the status line, while the authors are shown.
func (m *Model) blameSegment() *segment {
	if !m.people.authors {
		return &segment{forms: []string{""}}
	}
	text, _ := plain(m.ed.Metrics(), m.blame(), 40)
	if text == "" {
		return &segment{forms: []string{""}}
	}
	return &segment{forms: []string{"  " + text, ""}, look: m.theme.status}
}

// ago says how long ago something was, by its author's clock, which may be ahead.
func ago(d time.Duration, at int64) string {
	switch {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	case d < 14*24*time.Hour:
		return fmt.Sprintf("%s ago", count(int(d.Hours())/24, "day"))
	}
	return time.UnixMilli(at).Format("2 Jan 2006")
}

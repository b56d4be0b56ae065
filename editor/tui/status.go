package tui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"coedit/editor"
	"coedit/presence"
	"coedit/rga"
)

// slowLink is the round trip from which on it is shown.
const slowLink = 150 * time.Millisecond

// segment is one statement of the status line in forms from long to short; the last may be empty. Forms are plain text.
type segment struct {
	forms []string
	look  style
	level int           // form shown
	who   rga.ReplicaID // whose name it is; 0: nobody's
}

func (s *segment) text() string { return s.forms[s.level] }

// statusLine draws the last row: file and position at the left, people and connection at the right, in the longest forms
// that fit. A message stands between the two.
func (m *Model) statusLine(limit int) string {
	if m.message.text != "" {
		return m.messageLine(limit)
	}
	right, steps := m.rightSegments()
	left, more := m.leftSegments()
	shrink(m.ed.Metrics(), slices.Concat(left, right), append(steps, more...), limit)
	return m.bar(left, right, limit)
}

// messageLine is the status line with a message: for its sake the position goes first, then the others, then the file's name; that
// something is not saved and the state of the connection stay, if in short, and the message is cut instead.
func (m *Model) messageLine(limit int) string {
	metrics := m.ed.Metrics()
	left, _ := m.leftSegments()
	name, saved, position, blame := left[0], left[1], left[2], left[3]
	people := m.peerSegments()
	link, linkSteps := m.linkSegments()
	steps := [][]*segment{{position}, {blame}, {position}, people, people}
	steps = append(steps, linkSteps...)
	steps = append(steps, people, []*segment{link[len(link)-1]}, []*segment{name}, []*segment{name})
	for range saved.forms[1:] {
		steps = append(steps, []*segment{saved})
	}
	text, cells := plain(metrics, "  "+m.message.text, 4*limit)
	right := slices.Concat(people, link, []*segment{{forms: []string{" "}, look: m.theme.status}})
	shrink(metrics, slices.Concat(left, right, []*segment{{forms: []string{text}}}), steps, limit)
	if room := max(limit-measure(metrics, left)-measure(metrics, right), 0); cells > room {
		text, _ = plain(metrics, "  "+m.message.text, room)
	}
	if measure(metrics, left) == 0 {
		text = strings.TrimPrefix(text, " ")
	}
	left = append(left, &segment{forms: []string{text}, look: m.theme.status})
	return m.bar(left, right, limit)
}

// shrink takes shorter forms, in the order of steps, until everything fits in less than limit cells, then takes back what
// turns out not to have been needed. The segments of one step shrink together.
func shrink(metrics editor.Metrics, segments []*segment, steps [][]*segment, limit int) {
	fits := func() bool { return measure(metrics, segments) < limit }
	var done [][]*segment
	for _, step := range steps {
		if fits() {
			break
		}
		var shrunk []*segment
		for _, s := range step {
			if s.level+1 < len(s.forms) {
				s.level++
				shrunk = append(shrunk, s)
			}
		}
		done = append(done, shrunk)
	}
	for i := len(done) - 1; i >= 0; i-- {
		for _, s := range done[i] {
			s.level--
		}
		if !fits() {
			for _, s := range done[i] {
				s.level++
			}
		}
	}
}

// bar draws the segments over the whole width; what does not fit even in its shortest form is cut.
func (m *Model) bar(left, right []*segment, limit int) string {
	metrics := m.ed.Metrics()
	var sb strings.Builder
	used := 0
	m.people.hits = m.people.hits[:0]
	put := func(s *segment) {
		text, n, _ := fit(metrics, s.text(), limit-used)
		if n == 0 {
			return
		}
		m.people.hits = append(m.people.hits, nameHit{used, used + n, s.who})
		used += n
		sb.WriteString(string(s.look))
		sb.WriteString(text)
		sb.WriteString(sgrReset)
	}
	for _, s := range left {
		put(s)
	}
	if gap := limit - used - measure(metrics, right); gap > 0 {
		put(&segment{forms: []string{strings.Repeat(" ", gap)}, look: m.theme.status})
	}
	for _, s := range right {
		put(s)
	}
	return sb.String()
}

// measure is the number of cells of segments.
func measure(metrics editor.Metrics, segments []*segment) int {
	total := 0
	for _, s := range segments {
		total += width(metrics, s.text())
	}
	return total
}

// width is the number of cells of a text made plain.
func width(metrics editor.Metrics, text string) int {
	if isASCII(text) {
		return len(text)
	}
	_, n, _ := fit(metrics, text, 1<<30)
	return n
}

// leftSegments are the file, whether it is saved, and the position. steps is the order in which they shrink.
func (m *Model) leftSegments() (segments []*segment, steps [][]*segment) {
	t := &m.theme
	line, column := m.ed.Position(m.ed.Selection().Head)
	full, _ := plain(m.ed.Metrics(), m.name, 40)
	short, _ := plain(m.ed.Metrics(), m.name, 12)
	name := &segment{forms: []string{" " + full, " " + short, ""}, look: t.status}
	saved := m.saveSegment()
	position := &segment{forms: []string{fmt.Sprintf("  Ln %d, Col %d", line+1, column+1), fmt.Sprintf(" %d:%d", line+1, column+1), ""}, look: t.status}
	blame := m.blameSegment()
	return []*segment{name, saved, position, blame}, [][]*segment{{position}, {blame}, {name}, {saved}, {position}, {name}, {saved}}
}

// saveSegment says whether the file on disk holds the text shown.
func (m *Model) saveSegment() *segment {
	t := &m.theme
	host, hosted := m.host()
	by, _ := plain(m.ed.Metrics(), presence.SanitizeName(host.Name), 12)
	switch {
	case m.hosts() && m.saving:
		return &segment{forms: []string{"  saving...", ""}, look: t.status}
	case m.gone:
		return &segment{forms: []string{"  not on disk any more", " gone", " *"}, look: t.bad}
	case m.hosts() && m.ed.Dirty():
		return &segment{forms: []string{"  unsaved", " *"}, look: t.warn}
	case m.file != nil:
		return &segment{forms: []string{"  saved", ""}, look: t.good}
	case hosted && host.Dirty && host.Problem != presence.SaveWorked:
		return &segment{forms: []string{"  not saved at " + by + "'s: " + host.Problem.String(), "  not saved at " + by + "'s", "  not saved", " *"}, look: t.bad}
	case hosted && host.Dirty:
		return &segment{forms: []string{"  unsaved at " + by + "'s", "  unsaved", " *"}, look: t.warn}
	case hosted && host.Saves > 0:
		return &segment{forms: []string{"  saved by " + by, "  saved", ""}, look: t.good}
	}
	return &segment{forms: []string{""}}
}

// peersShown is how many participants the status line names.
const peersShown = 8

// rightSegments are the participants, edits on their way and the connection. steps is the order in which they shrink.
func (m *Model) rightSegments() (segments []*segment, steps [][]*segment) {
	link, linkSteps := m.linkSegments()
	people := m.peerSegments()
	steps = append(steps, linkSteps...)
	follow := m.followSegment()
	steps = append(steps, people, []*segment{link[len(link)-1]}, people, []*segment{follow}, people)
	link = append([]*segment{follow}, link...)
	end := &segment{forms: []string{" "}, look: m.theme.status}
	return append(append(people, link...), end), steps
}

// peerSegments are the others: name and line, name, first letter, nothing.
func (m *Model) peerSegments() []*segment {
	var out []*segment
	text := m.ed.View()
	for i, s := range m.status.Peers {
		look := m.theme.peer(s.Colour).label
		if i == peersShown {
			out = append(out, &segment{forms: []string{fmt.Sprintf(" +%d", len(m.status.Peers)-i), ""}, look: m.theme.status})
			break
		}
		name, _ := plain(m.ed.Metrics(), presence.SanitizeName(s.Name), 12)
		letter := m.people.letters[s.Replica]
		where := ""
		for j := range m.peers {
			if m.peers[j].State.Replica == s.Replica {
				where = ":" + strconv.Itoa(text.LineAt(m.peers[j].Head)+1)
			}
		}
		if s.Idle {
			where = " idle"
		}
		out = append(out, &segment{forms: []string{" " + name + where + " ", " " + name + " ", letter, ""}, look: look, who: s.Replica})
	}
	return out
}

// linkSegments are the edits on their way, a slow link, who can read along, and, as the last, the state of the connection
// in words.
func (m *Model) linkSegments() (segments []*segment, steps [][]*segment) {
	t, s := &m.theme, &m.status
	link := m.stateSegment()
	segments = []*segment{link}
	steps = [][]*segment{{link}}
	if m.session == nil {
		return segments, steps
	}
	put := func(look style, forms ...string) *segment {
		g := &segment{forms: forms, look: look}
		segments = append([]*segment{g}, segments...)
		return g
	}
	if s.State == Offline {
		steps = append(steps, []*segment{link})
	}
	if s.Warning != "" && (s.State == Connecting || s.State == Online) { // in full beside the link; connection loss comes first
		what, _, _ := strings.Cut(s.Warning, ":")
		what, _ = plain(m.ed.Metrics(), what, 40)
		steps = append(steps, []*segment{put(t.warn, "  "+what, "")})
	}
	if s.RTT >= slowLink {
		rtt := put(t.status, fmt.Sprintf("  %d ms", s.RTT.Milliseconds()), "")
		steps = append([][]*segment{{rtt}}, steps...)
	}
	if s.Unacked > 0 {
		where := " on the way"
		if s.State == Offline || s.State == Refused {
			where = " not sent"
		}
		edits := "  " + count(s.Unacked, "edit") + where
		sent := put(t.warn, edits+" (a key or a paste each)", edits, fmt.Sprintf("  %d unsent", s.Unacked))
		steps = append(append([][]*segment{{sent}}, steps...), []*segment{sent})
	}
	if s.ReadOnly {
		put(t.warn, "  read-only")
	}
	return segments, steps
}

// stateSegment is the state of the connection in words.
func (m *Model) stateSegment() *segment {
	t, s := &m.theme, &m.status
	if m.session == nil {
		return &segment{forms: []string{"  alone", ""}, look: t.status}
	}
	switch s.State {
	case Connecting:
		return &segment{forms: []string{"  connecting...", " connecting"}, look: t.warn}
	case Online:
		if len(s.Peers) == 0 {
			return &segment{forms: []string{"  online, nobody else here yet", "  online", " online"}, look: t.good}
		}
		return &segment{forms: []string{"  online", " online"}, look: t.good}
	case Offline:
		return &segment{forms: m.offline(), look: t.bad}
	case Refused:
		why, _ := plain(m.ed.Metrics(), s.Detail, 40)
		return &segment{forms: []string{"  refused: " + why, " refused"}, look: t.bad}
	}
	return &segment{forms: []string{"  alone", ""}, look: t.status}
}

// offline says that the connection is gone, when it is tried again, and what happens to the text, which is said longest.
func (m *Model) offline() []string {
	again := ""
	if in := m.status.RetryIn; in > 0 {
		again = fmt.Sprintf(", trying again in %d s", int((in+time.Second-1)/time.Second))
	}
	kept := "; your edits are kept"
	if m.keepCopy != nil && !m.hosts() && m.lost() {
		kept = "; the session may have ended: Ctrl+Q keeps a copy"
	}
	return []string{"  offline" + again + kept, "  offline" + kept, "  offline" + again, " offline"}
}

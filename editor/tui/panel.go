package tui

import (
	"fmt"
	"strconv"
	"strings"

	"coedit/presence"
	"coedit/rga"

	tea "charm.land/bubbletea/v2"
)

// panel lists who is here, over the last rows of the text. Its keys act on the chosen one.
type panel struct {
	chosen rga.ReplicaID
	top    int // first participant listed, where there are more than rows
	rows   int // listed when it was drawn last
	words  int // rows below these, of words to compare aloud
}

// panelHelp says what the panel's keys do, from long to short.
var panelHelp = []string{
	"Enter: go there.  F: follow.  B: ask everybody to come here.  T: say something.  Esc: close.",
	"Enter: go there.  F: follow.  B: bring everybody.  T: say.  Esc: close.",
	"Enter: go.  F: follow.  B: bring all.  T: say.  Esc",
	"Enter, F, B, T, Esc",
}

// togglePanel opens or closes the list of who is here.
func (m *Model) togglePanel() tea.Cmd {
	if m.people.panel != nil {
		m.people.panel = nil
		return nil
	}
	if m.session == nil {
		m.others() // says why
		return nil
	}
	m.sheet = nil
	m.people.panel = &panel{}
	if m.people.followed != 0 {
		m.people.panel.chosen = m.people.followed
	}
	return nil
}

// chosenAt is the index of the chosen one among those who are here; they come and go while the panel is open.
func (m *Model) chosenAt() int {
	for i := range m.status.Peers {
		if m.status.Peers[i].Replica == m.people.panel.chosen {
			return i
		}
	}
	return 0
}

// choose moves the choice by n.
func (m *Model) choose(n int) {
	if all := m.status.Peers; len(all) > 0 {
		m.people.panel.chosen = all[min(max(m.chosenAt()+n, 0), len(all)-1)].Replica
	}
}

// panelKey takes a key while the panel is open. done is false for keys that close it and then do their usual work.
func (m *Model) panelKey(k tea.KeyPressMsg) (cmd tea.Cmd, done bool) {
	who := rga.ReplicaID(0)
	if len(m.status.Peers) > 0 {
		who = m.status.Peers[m.chosenAt()].Replica
	}
	switch key := keystroke(k); key {
	case "up":
		m.choose(-1)
	case "down":
		m.choose(1)
	case "pgup", "home":
		m.choose(-len(m.status.Peers))
	case "pgdown", "end":
		m.choose(len(m.status.Peers))
	case "enter", "f":
		m.people.panel = nil
		if who != 0 && key == "enter" {
			return m.jump(who), true
		} else if who != 0 {
			return m.follow(who), true
		}
	case "b":
		m.people.panel = nil
		return m.callAll(), true
	case "t", "ctrl+t":
		m.people.panel = nil
		return m.askSay(), true
	case "x":
		m.people.panel = nil
		if who != 0 {
			m.askRemove(who)
		}
	case "esc", "f6", "q":
		m.people.panel = nil
	default:
		m.people.panel = nil
		return nil, false
	}
	return nil, true
}

// panelClick takes a click into a row of the screen; false where the panel is not there.
func (m *Model) panelClick(y int) (cmd tea.Cmd, done bool) {
	p := m.people.panel
	row := y - (m.view.height - p.words - p.rows - 1) - 1
	if row < -1 || y >= m.view.height {
		return nil, false
	}
	i := p.top + row
	if row < 0 || row >= p.rows || i >= len(m.status.Peers) {
		return nil, true
	}
	p.chosen = m.status.Peers[i].Replica
	return m.clickPerson(p.chosen), true
}

// clickPerson goes to a participant whose name was clicked; the second click follows.
func (m *Model) clickPerson(who rga.ReplicaID) tea.Cmd {
	if m.people.clicked == who {
		m.people.clicked, m.people.panel = 0, nil
		return m.follow(who)
	}
	cmd := m.jump(who)
	m.people.clicked = who
	return cmd
}

// nameHit is where a participant's name stands in the status line.
type nameHit struct {
	from, to int // cells
	who      rga.ReplicaID
}

// statusClick takes a click into the status line.
func (m *Model) statusClick(x int) tea.Cmd {
	for _, h := range m.people.hits {
		if h.who != 0 && x >= h.from && x < h.to {
			return m.clickPerson(h.who)
		}
	}
	return nil
}

// drawPanel puts the list into the last of rows.
func (m *Model) drawPanel(rows []string) {
	p := m.people.panel
	height := len(rows)
	if height < 2 {
		p.rows = 0
		return
	}
	lines := len(m.status.Peers) + 1 // the own one is the last
	at := m.chosenAt()
	words := m.wordRows(at)
	if len(words) > height-2 {
		words = nil
	}
	p.words = len(words)
	p.rows = min(lines, height-1-p.words)
	p.top = max(min(p.top, at), at-p.rows+1, 0)
	p.top = min(p.top, lines-p.rows)
	over := []string{m.padded(m.theme.sheetTitle, "", m.panelTitle())}
	for i := p.top; i < p.top+p.rows; i++ {
		if i == len(m.status.Peers) {
			over = append(over, m.personRow(-1, &m.status.Self, false))
		} else {
			over = append(over, m.personRow(i, &m.status.Peers[i], i == at))
		}
	}
	m.overlay(rows, append(over, words...))
}

// wordRows are the words that stand for the keys of the chosen participant and for the own ones: two who read them to each other
// know that nobody is between them.
func (m *Model) wordRows(chosen int) (rows []string) {
	keyed, ok := m.session.(Identified)
	if !ok {
		return nil
	}
	row := func(whose string, s *presence.State) {
		if words := keyed.Words(s.Replica); words != "" {
			rows = append(rows, m.padded(m.theme.sheet, "", "   "+whose+": "+words))
		}
	}
	if chosen < len(m.status.Peers) {
		s := &m.status.Peers[chosen]
		name, _ := plain(m.ed.Metrics(), presence.SanitizeName(s.Name), nameWidth)
		row("to compare aloud, keys of "+name, s)
	}
	row("your keys", &m.status.Self)
	return rows
}

// panelTitle is the panel's first row.
func (m *Model) panelTitle() string {
	title := " " + count(len(m.status.Peers)+1, "participant")
	if m.status.Suite != "" && m.width >= 100 {
		title += ", " + m.status.Suite
	}
	if len(m.status.Peers) == 0 {
		return title + ": nobody else is here yet.  Esc: close."
	}
	for _, help := range panelHelp {
		if _, owner := m.session.(Owner); owner && m.status.Host {
			help = strings.Replace(help, "Esc", "X: remove.  Esc", 1)
		}
		if len(title)+3+len(help) < m.width {
			return title + ".  " + help
		}
	}
	return title
}

// personRow is one participant: number to jump to, letter in its colour, name, and what there is to know.
func (m *Model) personRow(i int, s *presence.State, chosen bool) string {
	look, mark := m.theme.sheet, "  "
	if chosen {
		look, mark = m.theme.sheetTitle, "> "
	}
	number := " "
	if i >= 0 && i < 9 {
		number = strconv.Itoa(i + 1)
	}
	cells, gap := 14, "  "
	if m.width < 60 {
		cells, gap = 10, " "
	}
	name, _ := plain(m.ed.Metrics(), presence.SanitizeName(s.Name), cells)
	if i < 0 {
		name, _ = plain(m.ed.Metrics(), "you: "+presence.SanitizeName(s.Name), cells)
	}
	text := " " + padTo(m, name, cells)
	for _, column := range m.personColumns(i, s) {
		text += gap + padTo(m, column.text, column.cells)
	}
	text, _ = plain(m.ed.Metrics(), strings.TrimRight(text+"  "+m.personNotes(s), " "), max(m.width-len(mark)-len(number)-4, 0))
	label := m.theme.peer(s.Colour).label
	if m.width < len(mark)+len(number)+4 {
		return m.padded(look, "", mark+number)
	}
	head := string(look) + mark + number + " " + sgrReset + string(label) + " " + m.people.letters[s.Replica] + " " + sgrReset
	used := len(mark) + len(number) + 4
	rest := max(m.width-used-width(m.ed.Metrics(), text), 0)
	return head + string(look) + text + strings.Repeat(" ", rest) + sgrReset
}

// panelCell is one column of a participant's row.
type panelCell struct {
	text  string
	cells int
}

// personColumns are the columns that stand below each other: role, place, round trip.
func (m *Model) personColumns(i int, s *presence.State) []panelCell {
	role := "guest"
	switch {
	case s.Host:
		role = "host"
	case s.ReadOnly:
		role = "reads"
	}
	place := ""
	if i < 0 {
		place = fmt.Sprintf("line %d", m.ed.View().LineAt(m.ed.Selection().Head)+1)
	} else if p := m.peer(s.Replica); p != nil {
		place = fmt.Sprintf("line %d", m.ed.View().LineAt(p.Head)+1)
	}
	trip := ""
	if s.RTT > 0 {
		trip = fmt.Sprintf("%d ms", min(s.RTT, 99999))
	}
	return []panelCell{{role, 5}, {place, 9}, {trip, 6}}
}

// personNotes is what else there is to say of a participant now.
func (m *Model) personNotes(s *presence.State) string {
	var notes []string
	if s.Host && s.Dirty {
		notes = append(notes, "unsaved")
	}
	if s.Idle {
		notes = append(notes, "idle")
	}
	follows := s.Follows
	if s.Replica == m.ed.Doc().Replica() {
		follows = m.people.followed
	}
	if follows != 0 {
		notes = append(notes, "follows "+m.nameOf(follows))
	}
	if n := len(s.Ranges); n > 0 {
		notes = append(notes, count(n+1, "caret"))
	}
	if said := presence.SanitizeChat(s.Says); said != "" {
		notes = append(notes, "said: "+said)
	}
	return strings.Join(notes, ", ")
}

// padTo fills a text up to a number of cells.
func padTo(m *Model, text string, cells int) string {
	return text + strings.Repeat(" ", max(cells-width(m.ed.Metrics(), text), 0))
}

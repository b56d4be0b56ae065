package tui

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode"

	"coedit/editor"
	"coedit/presence"
	"coedit/rga"

	tea "charm.land/bubbletea/v2"
)

// people is what the program remembers about the others beside what they say of themselves.
type people struct {
	stroke   string        // the key pressed last
	panel    *panel        // nil: not open
	followed rga.ReplicaID // whose view is followed; 0: nobody's
	jumped   rga.ReplicaID // whose caret was visited last
	clicked  rga.ReplicaID // whose name was clicked since the last key: another click follows
	hits     []nameHit     // names in the status line as it was drawn last
	host     lastHost
	authors  bool // who wrote what is shown
	origins  origins
	caller   rga.ReplicaID            // who asked last to come; 0: nobody, or that is over
	calledAt time.Time                // when
	said     map[rga.ReplicaID]said   // newest line of chat of each
	letters  map[rga.ReplicaID]string // a mark for each, the own one included
	lettered []named                  // whom letters is for
}

// named is a participant with the name that its letter was chosen by.
type named struct {
	id   rga.ReplicaID
	name string
}

// peopleCommands are those about the others.
func peopleCommands() []command {
	return []command{
		{groupPeople, "who is here", []string{"f6"}, nil, (*Model).togglePanel},
		{groupPeople, "follow who asked you, or the next participant", []string{"f7"}, nil, (*Model).followNext},
		{groupPeople, "ask everybody to come here", []string{"shift+f7"}, nil, (*Model).callAll},
		{groupPeople, "say something to everybody", []string{"ctrl+t"}, nil, (*Model).askSay},
		{
			groupPeople, "go to participant 1 (Alt+2 to Alt+9: the others)",
			[]string{"alt+1"},
			[]string{"alt+2", "alt+3", "alt+4", "alt+5", "alt+6", "alt+7", "alt+8", "alt+9"},
			(*Model).jumpByKey,
		},
	}
}

// callTime is how long F7 goes to who asked everybody to come.
const callTime = time.Minute

// others says whether somebody else can be here, and tells the user if not.
func (m *Model) others() bool {
	switch {
	case m.session == nil:
		m.say("Nobody else can be here: this document is not shared. Start with: coedit share " + m.name)
	case len(m.status.Peers) == 0:
		m.say("Nobody else is here yet.")
	default:
		return true
	}
	return false
}

// peer is the place of a participant's caret; nil where it is not known here.
func (m *Model) peer(id rga.ReplicaID) *editor.Peer {
	for i := range m.peers {
		if m.peers[i].State.Replica == id {
			return &m.peers[i]
		}
	}
	return nil
}

// person is what a participant who is here says of itself.
func (m *Model) person(id rga.ReplicaID) (presence.State, bool) {
	i := slices.IndexFunc(m.status.Peers, func(s presence.State) bool { return s.Replica == id })
	if i < 0 {
		return presence.State{}, false
	}
	return m.status.Peers[i], true
}

// nameOf is a participant's name as it may be shown; the own one is "you".
func (m *Model) nameOf(id rga.ReplicaID) string {
	if id == m.ed.Doc().Replica() {
		return "you"
	}
	s, _ := m.person(id)
	return presence.SanitizeName(s.Name)
}

// jumpByKey goes to the participant whose number was pressed, in the order of the status line. Asked for otherwise it shows
// the list to choose from.
func (m *Model) jumpByKey() tea.Cmd {
	if !m.others() {
		return nil
	}
	digit, numbered := strings.CutPrefix(m.people.stroke, "alt+")
	n, err := strconv.Atoi(digit)
	switch {
	case !numbered || err != nil:
		return m.togglePanel()
	case n > len(m.status.Peers):
		m.say(fmt.Sprintf("There is no participant %d: %s here.", n, m.names()))
		return nil
	}
	return m.jump(m.status.Peers[n-1].Replica)
}

// jump places the own caret at somebody's.
func (m *Model) jump(id rga.ReplicaID) tea.Cmd {
	p := m.peer(id)
	if p == nil {
		m.say("Where " + m.nameOf(id) + " is, is not known here yet.")
		return nil
	}
	m.people.followed, m.people.jumped = 0, id
	m.ed.Select(p.Head, p.Head)
	m.show(p.Head)
	m.say(fmt.Sprintf("You are where %s is: line %d.", m.nameOf(id), m.ed.View().LineAt(p.Head)+1))
	return nil
}

// show scrolls to a place, which comes into the middle unless it is on the screen already.
func (m *Model) show(off int) {
	text := m.ed.View()
	if line := text.LineAt(off); !m.view.contains(line) {
		m.view.scrollTo(text, line-m.view.height/2)
	}
	m.reveal()
}

// nameLetters gives everybody a letter of its own, which tells people apart where there are no colours: the first of its name
// that nobody before it has, in the order of replicas, so that all screens agree.
func nameLetters(all []named) map[rga.ReplicaID]string {
	all = slices.Clone(all)
	sort.Slice(all, func(i, j int) bool { return all[i].id < all[j].id })
	letters := make(map[rga.ReplicaID]string, len(all))
	taken := map[rune]bool{}
	for _, more := range []string{"", "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"} { // first what names hold, then whatever is left
		for _, who := range all {
			if letters[who.id] != "" {
				continue
			}
			for _, r := range who.name + more {
				r = unicode.ToUpper(r)
				if r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) && !taken[r] {
					taken[r] = true
					letters[who.id] = string(r)
					break
				}
			}
		}
	}
	for _, who := range all {
		if letters[who.id] == "" {
			letters[who.id] = "?" // there are more people than letters
		}
	}
	return letters
}

// meet takes note of who is here; it follows a change of the status.
func (m *Model) meet() {
	p := &m.people
	same := len(p.lettered) == len(m.status.Peers)+1
	for i := 0; same && i <= len(m.status.Peers); i++ {
		same = p.lettered[i] == m.namedAt(i)
	}
	if !same {
		p.lettered = p.lettered[:0]
		for i := range len(m.status.Peers) + 1 {
			p.lettered = append(p.lettered, m.namedAt(i))
		}
		p.letters = nameLetters(p.lettered)
	}
	m.hear()
	m.missHost()
	if _, here := m.person(p.caller); !here || m.now().Sub(p.calledAt) > callTime {
		p.caller = 0
	}
}

// namedAt is one of those who are here; behind the others stands the own one.
func (m *Model) namedAt(i int) named {
	s := &m.status.Self
	if i < len(m.status.Peers) {
		s = &m.status.Peers[i]
	}
	return named{s.Replica, s.Name}
}

// called notes that somebody asked everybody to come.
func (m *Model) called(id rga.ReplicaID) {
	if _, here := m.person(id); !here {
		return
	}
	m.people.caller, m.people.calledAt = id, m.now()
	m.notice(topicOthers, m.nameOf(id)+" asks you to come: F7 follows them")
}

// callAll asks everybody to come here.
func (m *Model) callAll() tea.Cmd {
	if m.others() {
		m.session.Call()
		m.say("Asked everybody to come here.")
	}
	return nil
}

// caretsIn marks the carets of others in the line [start, end], in the order in which they stand there: so names beside the
// line are told apart without colours.
func (m *Model) caretsIn(start, end int) {
	first := len(m.marks)
	for i := range m.peers {
		p := &m.peers[i]
		look := m.theme.peer(p.State.Colour)
		if p.Head >= start && p.Head <= end {
			c := mark{from: p.Head - start, look: look.caret, caret: true, tag: look.label}
			c.label, c.short = m.caretLabel(&p.State), m.people.letters[p.State.Replica]
			m.marks = append(m.marks, c)
		}
		for _, s := range p.Others {
			if s.Head >= start && s.Head <= end {
				m.marks = append(m.marks, mark{from: s.Head - start, look: look.caret, caret: true})
			}
		}
	}
	slices.SortStableFunc(m.marks[first:], func(a, b mark) int { return cmp.Compare(a.from, b.from) })
}

// sayWidth is the longest part of a line of chat beside the text, in cells.
const sayWidth = 60

// caretLabel is what stands beside the line of a caret: the name, and what its owner just said.
func (m *Model) caretLabel(s *presence.State) string {
	name, _ := plain(m.ed.Metrics(), presence.SanitizeName(s.Name), nameWidth)
	if says := m.saying(s); says != "" {
		says, _ = plain(m.ed.Metrics(), says, sayWidth)
		return name + ": " + says
	}
	return name
}

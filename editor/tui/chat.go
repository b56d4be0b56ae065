package tui

import (
	"time"

	"coedit/presence"
	"coedit/rga"

	tea "charm.land/bubbletea/v2"
)

// said is the newest line of chat of a participant.
type said struct {
	line uint64 // its number; 0: nothing was said
	at   time.Time
	old  bool // it was said before this program came: not shown beside the caret
}

// How long a line of chat stands beside its author's caret: long enough to be read twice.
const (
	chatTime    = 8 * time.Second
	chatPerByte = 60 * time.Millisecond
)

// askSay asks for a line to say to everybody.
func (m *Model) askSay() tea.Cmd {
	if !m.others() {
		return nil
	}
	m.people.panel = nil
	m.input = &lineInput{
		prompt: "Say to everybody: ",
		accept: func(m *Model, text string) tea.Cmd {
			if text = presence.SanitizeChat(text); text != "" {
				m.session.Say(text)
				m.say("You: " + text)
			}
			return nil
		},
	}
	return nil
}

// hear takes note of who said something new, and forgets those who are gone.
func (m *Model) hear() {
	p := &m.people
	if p.said == nil {
		p.said = map[rga.ReplicaID]said{}
	}
	for i := range m.status.Peers {
		s := &m.status.Peers[i]
		last, known := p.said[s.Replica]
		if !known || s.Lines != last.line { // it begins anew when they start again
			p.said[s.Replica] = said{line: s.Lines, at: m.now(), old: !known}
		}
	}
	if len(p.said) > 2*len(m.status.Peers)+16 {
		for id := range p.said {
			if _, here := m.person(id); !here {
				delete(p.said, id)
			}
		}
	}
}

// saying is the line to show beside a participant's caret now; empty: none.
func (m *Model) saying(s *presence.State) string {
	last := m.people.said[s.Replica]
	if s.Says == "" || last.old || last.line == 0 {
		return ""
	}
	text := presence.SanitizeChat(s.Says)
	if m.now().Sub(last.at) > chatTime+time.Duration(len(text))*chatPerByte {
		return ""
	}
	return text
}

package tui

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"coedit/presence"
	"coedit/rga"

	tea "charm.land/bubbletea/v2"
)

// author is somebody else who changed the text under a name: one who is here, or was.
type author struct {
	name string
	ids  []rga.ReplicaID // who came back has several; the one that changed something last comes first
}

// authors are the others who changed the text, by name.
func (m *Model) authors() []author {
	byName := map[string]*author{}
	for id := range m.ed.Doc().Version() {
		name := m.authorName(id)
		if id == m.ed.Doc().Replica() || name == "" {
			continue
		}
		if byName[name] == nil {
			byName[name] = &author{name: name}
		}
		byName[name].ids = append(byName[name].ids, id)
	}
	var out []author
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		a := byName[name]
		slices.SortFunc(a.ids, func(x, y rga.ReplicaID) int {
			return cmp.Or(cmp.Compare(m.lastChange(y), m.lastChange(x)), cmp.Compare(x, y))
		})
		out = append(out, *a)
	}
	return out
}

// authorName is the name of a participant who is here, or was; empty: it is not known.
func (m *Model) authorName(id rga.ReplicaID) string {
	if p, ok := m.person(id); ok {
		return presence.SanitizeName(p.Name)
	}
	if m.author == nil {
		return ""
	}
	name, _ := m.author(id)
	return presence.SanitizeName(name)
}

// lastChange is when a replica changed something last.
func (m *Model) lastChange(id rga.ReplicaID) int64 {
	_, at, _ := m.ed.Doc().LastChange(id, 1<<63)
	return at
}

// askRevert asks whose last change is to be taken back, if there are several who made one.
func (m *Model) askRevert() tea.Cmd {
	authors := m.authors()
	switch len(authors) {
	case 0:
		m.say("Nobody else has changed anything here. Undo takes back your own edits.")
		return nil
	case 1:
		return m.revert(authors[0])
	}
	var names []string
	for _, a := range authors {
		names = append(names, a.name)
	}
	m.input = &lineInput{
		prompt: "Revert the last change of (" + strings.Join(names, ", ") + "): ",
		accept: func(m *Model, text string) tea.Cmd { return m.revertNamed(text) },
	}
	return nil
}

// revertNamed reverts the last change of the one whose name begins with text.
func (m *Model) revertNamed(text string) tea.Cmd {
	var found []author
	for _, a := range m.authors() {
		name := strings.ToLower(a.name)
		if want := strings.ToLower(strings.TrimSpace(text)); name == want {
			return m.revert(a)
		} else if strings.HasPrefix(name, want) {
			found = append(found, a)
		}
	}
	switch len(found) {
	case 0:
		m.say("Nobody of that name has changed anything here.")
		return nil
	case 1:
		return m.revert(found[0])
	}
	m.say("Several names begin like that: write more of it.")
	return nil
}

func (m *Model) revert(a author) tea.Cmd {
	for _, id := range a.ids {
		made, done, err := m.ed.Revert(m.at(), id)
		if err != nil {
			return m.edited(err)
		}
		if !done {
			continue
		}
		when := ""
		if ago := m.now().Sub(time.UnixMilli(made)).Round(time.Second); made > 0 && ago >= time.Second {
			when = ", made " + ago.String() + " ago"
		}
		m.say("Reverted the last change of " + a.name + when + ". Undo brings it back.")
		return m.edited(nil)
	}
	m.say("There is no change of " + a.name + "'s left to take back.")
	return nil
}

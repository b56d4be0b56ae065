package tui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// palette lists the commands that match what is typed into it, over the first rows of the text.
type palette struct {
	query field
	found []*command // best first
	at    int        // the one that Enter runs
	top   int        // first one shown
}

// paletteRows is the most commands shown at once.
const paletteRows = 12

// paletteWide is the width in cells from which on a command is listed with its group and all its keys.
const paletteWide = 60

// recentLimit is how many commands are remembered to be shown first.
const recentLimit = 8

func paletteCommands() []command {
	return []command{
		{groupFile, "find a command by its name", []string{"ctrl+p"}, []string{"ctrl+shift+p"}, (*Model).openPalette},
		{groupFile, "leave the mouse to the terminal, or not", nil, nil, (*Model).toggleMouse},
		{groupFile, "suspend; fg in the shell comes back", nil, nil, (*Model).suspend},
	}
}

func (m *Model) openPalette() tea.Cmd {
	m.palette = &palette{}
	m.palette.search(m.recent)
	return nil
}

// toggleMouse gives the mouse to the terminal, which selects and copies by itself then, or takes it back.
func (m *Model) toggleMouse() tea.Cmd {
	m.mouseOff = !m.mouseOff
	m.clicks.dragging = false
	if m.mouseOff {
		m.say("The mouse is the terminal's now: it selects and copies what is on the screen.")
	} else {
		m.say("The mouse is back: it places carets, selects and scrolls.")
	}
	return nil
}

// suspend gives the terminal back to the shell until that continues the program.
func (m *Model) suspend() tea.Cmd { return tea.Suspend }

// alsoCalled are words by which people look for a command beside those of its name.
var alsoCalled = map[string]string{
	"say something to everybody":                         "chat message talk",
	"who wrote this line":                                "blame annotate author",
	"show who wrote what, or not":                        "blame annotate authors",
	"who is here":                                        "participants people panel",
	"remove somebody":                                    "kick ban",
	"make new links; the old ones end":                   "relink rotate",
	"show the link to share":                             "invite url",
	"the next theme, of dark, light and others":          "colours colors",
	"find and replace":                                   "substitute",
	"select the word, then its next occurrence":          "multiple cursors",
	"ask everybody to come here":                         "summon gather",
	"revert somebody's last change":                      "undo others",
	"quit; asks when something is not safe yet":          "exit close leave",
	"save under another name":                            "rename",
	"upper and lower case: by the query, exact, ignored": "case sensitive",
}

// calls says whether words of a query begin words by which a command is looked for, and are no mere letters.
func calls(query, words string) bool {
	for part := range strings.FieldsSeq(strings.ToLower(query)) {
		if len(part) < 3 || !strings.Contains(" "+words, " "+part) {
			return false
		}
	}
	return words != ""
}

// title is how a command is listed where its group is not above it.
func (c *command) title() string { return c.group + ": " + c.name }

// search finds the commands for the query. Without one, those used last come first.
func (p *palette) search(recent []*command) {
	p.found, p.at, p.top = p.found[:0], 0, 0
	query := strings.TrimSpace(p.query.text)
	if query == "" {
		p.found = append(p.found, recent...)
	}
	scores := map[*command]int{}
	for _, c := range listed() {
		score, ok := fuzzy(query, c.title())
		if !ok && calls(query, alsoCalled[c.name]) {
			score, ok = fuzzy(query, alsoCalled[c.name])
			score -= 200 // the name counts more
		}
		if !ok || query == "" && slices.Contains(recent, c) {
			continue
		}
		scores[c] = score
		p.found = append(p.found, c)
	}
	if query == "" {
		return
	}
	for i, c := range recent { // of equal ones the one used last
		if _, ok := scores[c]; ok {
			scores[c] += len(recent) - i
		}
	}
	slices.SortStableFunc(p.found, func(a, b *command) int { return scores[b] - scores[a] })
}

// used remembers a command that was run from the palette.
func (m *Model) used(c *command) {
	m.recent = slices.DeleteFunc(m.recent, func(r *command) bool { return r == c })
	m.recent = slices.Insert(m.recent, 0, c)
	m.recent = m.recent[:min(len(m.recent), recentLimit)]
}

func (m *Model) paletteKey(k tea.KeyPressMsg) tea.Cmd {
	p := m.palette
	page := max(p.rows(m)-1, 1)
	switch keystroke(k) {
	case "esc", "ctrl+p":
		m.palette = nil
	case "enter":
		return m.runFound(p.at)
	case "up":
		p.move(-1)
	case "down":
		p.move(1)
	case "pgup":
		p.move(-page)
	case "pgdown":
		p.move(page)
	case "ctrl+q":
		m.palette = nil
		return m.quit()
	default:
		if before := p.query.text; p.query.key(k) && p.query.text != before {
			p.search(m.recent)
		}
	}
	return nil
}

// move moves the choice, within what was found.
func (p *palette) move(by int) { p.at = max(min(p.at+by, len(p.found)-1), 0) }

// runFound closes the palette and runs what it found.
func (m *Model) runFound(i int) tea.Cmd {
	if i >= len(m.palette.found) {
		return nil
	}
	c := m.palette.found[i]
	m.palette = nil
	m.used(c)
	return c.run(m)
}

// rows is the number of commands that can be shown.
func (p *palette) rows(m *Model) int {
	return max(min(paletteRows, m.height-2), 0)
}

// drawPalette draws the palette over the first rows.
func (m *Model) drawPalette(rows []string) {
	p := m.palette
	const prompt = " Command: "
	text, caret := m.shown(&p.query, max(m.width-len(prompt)-1, 0))
	rows[0] = m.padded(m.theme.sheetTitle, "", prompt+text)
	m.frame.Cursor = tea.NewCursor(min(len(prompt)+caret, m.width-1), 0)
	n := min(p.rows(m), len(rows)-1)
	p.top = min(max(p.top, p.at-n+1), p.at)
	for i := range n {
		rows[i+1] = m.paletteRow(p.top + i)
	}
	if len(p.found) == 0 && n > 0 {
		rows[1] = m.padded(m.theme.sheet, "", "   no command matches; Esc closes")
	}
}

// paletteRow is one command: its name, and its first keys at the right. The chosen one has a mark, and another look.
func (m *Model) paletteRow(i int) string {
	p := m.palette
	if i >= len(p.found) {
		return m.padded(m.theme.sheet, "", "")
	}
	c, look, name := p.found[i], m.theme.sheet, "   "
	if i == p.at {
		look, name = m.theme.sheetTitle, " > "
	}
	keys := keyNames(c.keys)
	if m.width < paletteWide {
		name += c.name
		keys = keys[:min(len(keys), 1)]
	} else {
		name += c.title()
	}
	return m.titled(look, name, strings.Join(keys, ", "))
}

// titled is a name, and keys at the right where there is room.
func (m *Model) titled(look style, name, keys string) string {
	room := m.width - len(keys) - 3
	if room < 12 {
		return m.padded(look, "", name)
	}
	name, cells := plain(m.ed.Metrics(), name, room)
	return m.padded(look, "", name+strings.Repeat(" ", room-cells+1)+keys)
}

// paletteMouse takes a click: on a command it runs it, elsewhere it closes the palette.
func (m *Model) paletteMouse(mouse tea.Mouse) tea.Cmd {
	i := mouse.Y - 1
	if i < 0 || i >= m.palette.rows(m) {
		m.palette = nil
		return nil
	}
	return m.runFound(m.palette.top + i)
}

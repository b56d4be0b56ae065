package tui

import (
	"cmp"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// sheet lies over the text: the help over all of it, the link over its last rows.
type sheet struct {
	title string
	lines func(m *Model, width int) []sheetLine
	full  bool                  // covers the text; keys scroll it
	top   int                   // first line shown
	copy  func(m *Model) string // what Ctrl+C copies instead of the selection: as it is then; nil: nothing
}

// sheetLine is one row of a sheet: a part in the look of keys, and the rest.
type sheetLine struct {
	key, text string
}

func (m *Model) showHelp() tea.Cmd {
	m.sheet = &sheet{title: "Keys", lines: helpLines, full: true}
	return nil
}

// helpLines lists the commands.
func helpLines(m *Model, width int) []sheetLine {
	const keys = 27 // cells of the first column
	var out []sheetLine
	group := ""
	for _, c := range append(Commands(), mouseHelp...) {
		if c.Group != group {
			if group != "" {
				out = append(out, sheetLine{})
			}
			group = c.Group
			out = append(out, sheetLine{key: group})
		}
		name, indent := " "+strings.Join(c.Keys, ", "), keys
		if len(c.Keys) == 0 {
			name = " (from Ctrl+P)"
		}
		if width < 2*keys {
			indent = 3
		}
		if len(name) >= indent {
			for _, row := range wrap(m.ed.Metrics(), name, width) {
				out = append(out, sheetLine{key: row})
			}
			name = ""
		}
		for _, row := range wrap(m.ed.Metrics(), c.Name, width-indent) {
			out = append(out, sheetLine{key: name + strings.Repeat(" ", indent-len(name)), text: row})
			name = ""
		}
	}
	return out
}

func (m *Model) showLink() tea.Cmd {
	if m.status.Link == "" && m.status.ReadLink == "" {
		m.say("There is no link: this document is not shared. Start with: coedit share " + m.name)
		return nil
	}
	m.sheet = m.linkSheet()
	return nil
}

// linkSheet shows the links. The links stand alone in their rows, so that they can be selected with the mouse.
func (m *Model) linkSheet() *sheet {
	return &sheet{title: "Share this link; who has it can join", copy: (*Model).linkToShare, lines: linkLines}
}

// linkToShare is the link that lets others do most; a new one may have taken its place while it was shown.
func (m *Model) linkToShare() string { return cmp.Or(m.status.Link, m.status.ReadLink) }

// introSheet is what to read first.
func (m *Model) introSheet() *sheet {
	return &sheet{title: "Welcome", lines: func(m *Model, width int) []sheetLine {
		var out []sheetLine
		for _, row := range wrap(m.ed.Metrics(), m.intro, width) {
			out = append(out, sheetLine{text: row})
		}
		return out
	}}
}

func linkLines(m *Model, width int) []sheetLine {
	var out []sheetLine
	broken := false
	add := func(what, link string) {
		if link == "" {
			return
		}
		out = append(out, sheetLine{text: what})
		rows := wrap(m.ed.Metrics(), link, max(m.width, 1)) // to the last column: a link in one row can be selected with the mouse
		broken = broken || len(rows) > 1
		for _, row := range rows {
			out = append(out, sheetLine{key: row})
		}
	}
	if m.status.Link != "" {
		add("To edit together:  coedit join LINK", m.status.Link)
	}
	add("Only to read along:", m.status.ReadLink)
	if m.status.Warning != "" {
		for _, row := range wrap(m.ed.Metrics(), m.status.Warning, width) {
			out = append(out, sheetLine{text: row})
		}
	}
	how := "Ctrl+C copies the link, if your terminal allows that. Any key closes this; F2 shows it again."
	if broken {
		how += " Selected over several rows it works, too: paste it between quotes, or to: coedit join -"
	}
	for _, row := range wrap(m.ed.Metrics(), how, width) {
		out = append(out, sheetLine{text: row})
	}
	return out
}

// sheetKey takes a key while a sheet is open. done is false for keys that close it and then do their usual work.
func (m *Model) sheetKey(k tea.KeyPressMsg) (cmd tea.Cmd, done bool) {
	s, key := m.sheet, keystroke(k)
	if !s.full {
		m.sheet = nil
		switch {
		case key == "ctrl+c" && s.copy != nil:
			m.say("The link was sent to your terminal's clipboard, if the terminal allows that.")
			return tea.SetClipboard(s.copy(m)), true
		case key == "esc" || key == "enter" || key == "f2" && s.copy != nil:
			return nil, true
		}
		return nil, false
	}
	page := max(m.view.height-2, 1)
	switch key {
	case "esc", "enter", "f1", "q":
		m.sheet = nil
	case "up":
		s.top--
	case "down":
		s.top++
	case "pgup":
		s.top -= page
	case "pgdown", "space":
		s.top += page
	case "home":
		s.top = 0
	case "end":
		s.top = 1 << 20
	case "ctrl+q":
		return m.quit(), true
	}
	return nil, true
}

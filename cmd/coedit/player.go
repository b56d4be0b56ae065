package main

import (
	"fmt"
	"strings"
	"time"

	"coedit/editor"
	"coedit/rga"

	tea "charm.land/bubbletea/v2"
)

// player shows a history step by step on the terminal.
type player struct {
	h    history
	line *timeline

	// What was played.
	done  int // steps
	step  rga.Step
	text  *editor.Editor // of the text now; its selection is where the last step ended
	speed float64
	held  bool // paused

	// The screen.
	width, height int
	top, left     int // the first line and cell shown

	round int // numbers the ticks, so that an old one is known
}

// Bounds of the speed.
const (
	slowest = 0.25
	fastest = 1024.0
)

// playMsg says that the next step is due.
type playMsg struct{ round int }

func newPlayer(h history, speed float64) *player {
	return &player{h: h, line: newTimeline(h.doc), text: editor.New(rga.New(1)), speed: speed}
}

func (m *player) close() { m.line.stop() }

// Init begins to play.
func (m *player) Init() tea.Cmd { return m.later() }

// Update takes a key or plays the next step.
func (m *player) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
		m.follow()
	case playMsg:
		if msg.round == m.round && !m.held {
			m.forward()
			return m, m.later()
		}
	case tea.KeyPressMsg:
		return m, m.key(msg.String())
	}
	return m, nil
}

func (m *player) key(key string) tea.Cmd {
	switch key {
	case "q", "esc", "ctrl+c", "ctrl+q":
		return tea.Quit
	case "space", " ":
		m.held = !m.held
	case "right":
		m.held = true
		m.forward()
	case "+", "=":
		m.speed = min(m.speed*2, fastest)
	case "-":
		m.speed = max(m.speed/2, slowest)
	case "r":
		m.line.begin()
		m.done, m.step, m.text, m.held = 0, rga.Step{}, editor.New(rga.New(1)), false
		m.follow()
	default:
		return nil
	}
	return m.later()
}

// later returns the command that plays the next step when it is due.
func (m *player) later() tea.Cmd {
	m.round++
	if m.held || m.done >= len(m.line.times) {
		return nil
	}
	due := playMsg{m.round}
	return tea.Tick(m.line.gap(m.done-1, m.speed), func(time.Time) tea.Msg { return due })
}

// forward plays steps up to the next one that changes the text.
func (m *player) forward() {
	for {
		step, doc, ok := m.line.next()
		if !ok {
			return
		}
		m.done++
		if n := len(step.Changes); n > 0 || m.done == len(m.line.times) {
			m.step, m.text = step, editor.New(doc)
			if n > 0 {
				caret := step.Changes[n-1].Offset + len(step.Changes[n-1].Inserted)
				m.text.Select(caret, caret)
			}
			m.follow()
			return
		}
	}
}

// follow scrolls to where the last step ended.
func (m *player) follow() {
	line, column := m.text.Position(m.text.Selection().Head)
	if rows := m.height - 1; rows > 0 && (line < m.top || line >= m.top+rows) {
		m.top = max(line-rows/2, 0)
	}
	if column < m.left || column >= m.left+m.width {
		m.left = max(column-m.width/2, 0)
	}
}

// View draws the text around the last change, and a line about it.
func (m *player) View() tea.View {
	v := tea.View{AltScreen: true, WindowTitle: "history - coedit"}
	if m.width <= 0 || m.height <= 0 {
		return v
	}
	rows := make([]string, 0, m.height)
	for i := range m.height - 1 {
		row := ""
		if line := m.top + i; line < m.text.View().Lines() {
			row = m.row(line)
		}
		rows = append(rows, row)
	}
	v.Content = strings.Join(append(rows, m.status()), "\n")
	line, column := m.text.Position(m.text.Selection().Head)
	if x, y := column-m.left, line-m.top; x >= 0 && x < m.width && y >= 0 && y < m.height-1 {
		v.Cursor = tea.NewCursor(x, y)
	}
	return v
}

// row draws the part of a line that is on the screen; nothing in it reaches the terminal as a control character.
func (m *player) row(line int) string {
	var b strings.Builder
	metrics := m.text.Metrics()
	m.text.Clusters(line, m.left, func(_ int, cluster []byte, column int) bool {
		shown, cells := metrics.Display(cluster, column)
		if column+cells > m.left+m.width {
			return false
		}
		if column >= m.left {
			b.WriteString(shown)
		}
		return true
	})
	return b.String()
}

// status says who made the last step, when, and how far the replay is.
func (m *player) status() string {
	state := fmt.Sprintf("%gx", m.speed)
	switch {
	case m.done >= len(m.line.times):
		state = "end"
	case m.held:
		state = "paused"
	}
	text := fmt.Sprintf("%d/%d %s", m.done, len(m.line.times), state)
	if m.step.Replica != 0 {
		text += fmt.Sprintf("  %s  %s", clock(m.step.At), harmless(m.h.name(m.step.Replica)))
	}
	text += "  space: pause  + -: speed  q: quit"
	return m.cut(text)
}

// cut shortens a text to the width of the screen.
func (m *player) cut(text string) string {
	line := editor.New(rga.New(1))
	if err := line.Insert(0, text); err != nil {
		return ""
	}
	return text[:line.OffsetAt(0, m.width)]
}

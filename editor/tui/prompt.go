package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
)

// question asks for one of a few keys, in the last rows of the screen.
type question struct {
	text    string
	choices []choice
	cancel  func(*Model) // on Esc; may be nil
	passes  bool         // about quitting: when nothing speaks against it any more it is done, without an answer
}

// choice is one answer. The key esc is always among them and closes the question.
type choice struct {
	key  string // as Bubble Tea names it
	what string
	run  func(*Model) tea.Cmd // nil: only closes
}

// answer takes a key while a question is open. Other keys than those named do nothing.
func (m *Model) answer(k tea.KeyPressMsg) tea.Cmd {
	q := m.question
	key := strings.ToLower(k.String())
	for i := range q.choices {
		c := &q.choices[i]
		if c.key != key {
			continue
		}
		m.question = nil
		if key == "esc" {
			m.message = message{} // it told why this was asked
		}
		if key == "esc" && q.cancel != nil {
			q.cancel(m)
		}
		if c.run == nil {
			return nil
		}
		return c.run(m)
	}
	return nil
}

// line is the question as one paragraph.
func (q *question) line() string {
	parts := []string{q.text}
	for _, c := range q.choices {
		parts = append(parts, keyName(c.key)+": "+c.what+".")
	}
	return strings.Join(parts, "  ")
}

// lineInput reads one short text in the last row of the screen.
type lineInput struct {
	prompt string
	text   string
	accept func(m *Model, text string) tea.Cmd
	cancel func(*Model) // on Esc; may be nil
}

// inputLimit is the longest input in bytes.
const inputLimit = 1024

func (in *lineInput) add(text string) {
	text, _, _ = strings.Cut(text, "\n")
	if len(in.text)+len(text) <= inputLimit {
		in.text += text
	}
}

func (m *Model) inputKey(k tea.KeyPressMsg) tea.Cmd {
	in := m.input
	key := keystroke(k)
	switch {
	case key == "enter" && in.text != "":
		m.input = nil
		return in.accept(m, in.text)
	case key == "enter" || key == "esc":
		m.input = nil
		if in.cancel != nil {
			in.cancel(m)
		}
		return nil
	}
	switch key {
	case "backspace", "ctrl+h":
		if r := []rune(in.text); len(r) > 0 {
			in.text = string(r[:len(r)-1])
		}
	case "ctrl+q":
		return m.quit()
	default:
		in.add(k.Text)
	}
	return nil
}

package tui

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"coedit/presence"

	tea "charm.land/bubbletea/v2"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

var update = flag.Bool("update", false, "write the golden screens anew")

const goldenText = `package main

import "fmt"

// 日本語 and 한국어, full-width ＡＢＣ, half-width ｱｲｳ
// e` + "\u0301" + ` o` + "\u0308\u0323" + ` नमस्ते ไทยกำ
// emoji: 👍 👍🏽 ❤️ 👩‍👩‍👧‍👦 🇳🇱 1️⃣ 🏳️‍🌈
// controls: ` + "\x00 \x1b[31mred\x1b[m \x7f \u0085 \u009b1m \u202eevil\u202c \u200b" + `end
func main() {
	x :=	1	// tabs	between
	fmt.Println("a line that is longer than most of the screens it is going to be shown on, so that it is cut at the edge", x)
}
`

// TestGoldenScreens compares what a terminal shows with testdata: each screen as text, and a map of its styles.
func TestGoldenScreens(t *testing.T) {
	at := func(s string) int { return strings.Index(goldenText, s) }
	scenes := []struct {
		name  string
		setup func(f *fixture)
	}{
		{"plain", func(*fixture) {}},
		{"selection", func(f *fixture) { f.ed.Select(at("import"), at("emoji")+3); f.send(tickMsg{}) }},
		{"carets", func(f *fixture) {
			f.ed.Select(at("import"), at("import"))
			f.press("alt+n", "alt+shift+down")
			f.ed.AddSelection(at("fmt.Print"), at("Println"))
			f.ed.ToggleCaret(at("\nimport"))
			f.peer("ann", 0, at("main"), at("main"))
		}},
		{"peers", func(f *fixture) {
			f.peer("ann", 0, at("main"), at("main"))
			f.peer("Zoë 日本", 1, at("fmt.Print"), at("func main"))
			f.peer("bob\x1b[31m\n", 2, at("\nimport"), at("\nimport"))
			f.peer("carl", 4, at("	x :="), at("	x :="))
			f.session.state.Unacked = 2
			f.session.state.RTT = 220 * time.Millisecond
			f.send(tickMsg{})
		}},
		{"scrolled", func(f *fixture) {
			f.ed.Select(at("fmt.Print"), at("fmt.Print"))
			f.press("end", "up", "down")
			f.peer("ann", 0, at(", x)"), at("so that"))
		}},
		{"question", func(f *fixture) { f.write("x"); f.peer("ann", 3, 4, 4); f.press("ctrl+q") }},
		{"link", func(f *fixture) {
			f.session.state.Host = true
			f.session.state.Link = "http://192.0.2.17:7000/r/q3vB8nXw2L5pRt6k#w.0123456789abcdefABCDEF0123456789abcdefABCDEF01234"
			f.session.state.ReadLink = "http://192.0.2.17:7000/r/q3vB8nXw2L5pRt6k#r.fedcba9876543210FEDCBAfedcba9876543210FEDCBA01234"
			f.session.state.Warning = "not encrypted: the relay and the network can read the text"
			f.send(newsMsg{})
		}},
		{"find", func(f *fixture) { f.press("ctrl+f"); f.write("main"); f.press("enter"); f.m.stopCount() }},
		{"replace", func(f *fixture) {
			f.press("ctrl+r", "alt+r", "alt+c")
			f.write(`(full|half)-`)
			f.press("tab")
			f.write("$1 ")
			f.send(countedMsg{pattern: f.m.find.pattern, revision: f.ed.Revision(), starts: []int{at("full-"), at("half-")}})
		}},
		{"toasts", func(f *fixture) {
			f.told("Zoë 日本 has left")
			f.clock.advance(2 * time.Second)
			f.press("down")
			f.m.diskTrouble(&Renamed{To: "other.go", Err: ErrGone}, nobody)
			f.m.say("Nothing to redo.")
		}},
		{"palette", func(f *fixture) { f.press("ctrl+p"); f.write("undo"); f.press("down") }},
		{"help", func(f *fixture) { f.press("f1", "down") }},
		{"offline", func(f *fixture) {
			f.session.state.State, f.session.state.RetryIn = Offline, 2500*time.Millisecond
			f.session.state.Peers = []presence.State{{Replica: 7, Name: "ann", Idle: true}}
			f.session.state.Unacked = 17
			f.send(newsMsg{})
		}},
	}
	for _, scene := range scenes {
		for _, width := range []int{20, 40, 80, 120} {
			for _, method := range []ansi.Method{ansi.WcWidth, ansi.GraphemeWidth} {
				if method == ansi.GraphemeWidth && scene.name != "plain" && scene.name != "scrolled" {
					continue
				}
				name := fmt.Sprintf("%s-%d-%s", scene.name, width, map[ansi.Method]string{ansi.WcWidth: "wc", ansi.GraphemeWidth: "grapheme"}[method])
				t.Run(name, func(t *testing.T) {
					f := newFixture(t, goldenText, shared, hosting)
					f.ed.MarkSaved(f.ed.Doc().Version())
					f.send(tea.WindowSizeMsg{Width: width, Height: 16})
					if method == ansi.GraphemeWidth {
						f.send(tea.ModeReportMsg{Mode: ansi.ModeUnicodeCore, Value: ansi.ModeReset})
					}
					scene.setup(f)
					f.m.widths.method = ansi.WcWidth // until the terminal answers
					tm := startTerminal(t, f, width, 16)
					if method == ansi.GraphemeWidth {
						tm.program.Send(tea.ModeReportMsg{Mode: ansi.ModeUnicodeCore, Value: ansi.ModeReset})
						tm.until("the widths are the terminal's", func(m *Model) bool { return m.widths.method == method })
					}
					tm.settle()
					tm.look(func(m *Model) {
						golden(t, name, tm.picture(cursorText(m.View().Cursor)))
					})
				})
			}
		}
	}
}

// golden compares with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: the screen is\n%s\nwant (go test -update after a look)\n%s", path, got, want)
	}
}

// picture is the emulator's screen: text, a map of styles by letters, what the letters mean, and the cursor.
func (tm *terminal) picture(cursor string) string {
	tm.mu.Lock()
	defer tm.mu.Unlock()
	return pictureOf(tm.em, tm.em.Width(), tm.em.Height(), cursor)
}

func pictureOf(screen cells, width, height int, cursor string) string {
	var sb strings.Builder
	letters := map[string]byte{}
	var legend []string
	sb.WriteString(dump(screen, width, height))
	sb.WriteString(strings.Repeat("-", width) + "\n")
	for y := range height {
		var row []byte
		for x := range width {
			c := screen.CellAt(x, y)
			style := styleText(c)
			if style == "" {
				row = append(row, '.')
				continue
			}
			if letters[style] == 0 {
				letters[style] = 'a' + byte(len(letters))
				legend = append(legend, fmt.Sprintf("%c: %s", letters[style], style))
			}
			row = append(row, letters[style])
		}
		sb.WriteString(strings.TrimRight(string(row), ".") + "\n")
	}
	sb.WriteString(strings.Join(legend, "\n") + "\n" + cursor)
	return sb.String()
}

func styleText(c *uv.Cell) string {
	if c == nil {
		return ""
	}
	return strings.Trim(strings.TrimSuffix(strings.ReplaceAll(c.Style.String(), "\x1b[", ""), "m"), " ")
}

package tui_test

import (
	"fmt"
	"strings"

	"coedit/editor"
	"coedit/editor/tui"
	"coedit/rga"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// A model can be driven without a terminal: messages in, a screen out. Run does the same with a terminal around it.
func Example() {
	m := tui.New(tui.Options{Editor: editor.New(rga.New(1)), Name: "hello.txt"})
	m.Update(tea.WindowSizeMsg{Width: 40, Height: 4})
	m.Update(tea.PasteMsg{Content: "Hello, \x1b[31mworld\n日本語"})
	m.Update(tea.KeyPressMsg{Code: '!', Text: "!"})

	view := m.View()
	for row := range strings.SplitSeq(ansi.Strip(view.Content), "\n") {
		fmt.Println(strings.TrimRight(row, " "))
	}
	fmt.Println("cursor at", view.Cursor.X, view.Cursor.Y)
	// Output:
	//   1 Hello, ^[[31mworld
	//   2 日本語!
	//
	//  hello.txt  Ln 2, Col 8           alone
	// cursor at 11 1
}

package tui

import (
	"fmt"
	"strings"

	"coedit/editor"

	tea "charm.land/bubbletea/v2"
)

// Command is one thing the user can do, as listed in the help sheet and in the documentation.
type Command struct {
	ID    string // in the settings; empty: none, it is the mouse's
	Group string
	Name  string   // a few words
	Keys  []string // as people write them: "Ctrl+S"; none: it is run from the palette
}

// command is one row of the table that drives keys and help.
type command struct {
	group string
	name  string
	keys  []string // as Bubble Tea names them: "ctrl+s"; the first is the one to show; none: only in the palette
	also  []string // keys that work, too, but are not listed
	run   func(m *Model) tea.Cmd
}

// Groups of commands, in the order of the help sheet.
const (
	groupFile   = "File and session"
	groupEdit   = "Editing"
	groupMove   = "Moving"
	groupSelect = "Selecting"
	groupCarets = "Several carets"
	groupFind   = "Finding"
	groupLook   = "Looks"
	groupPeople = "Together"
)

// commands is filled in init, because the help sheet, which is a command, lists it.
var (
	commands []command
	bindings map[string]*command
)

func init() {
	commands = append(commands, fileCommands()...)
	commands = append(commands, keepCommands()...)
	commands = append(commands, editCommands()...)
	commands = append(commands, moveCommands()...)
	commands = append(commands, lineCommands()...)
	commands = append(commands, caretCommands()...)
	commands = append(commands, findCommands()...)
	commands = append(commands, paletteCommands()...)
	commands = append(commands, lookCommands()...)
	commands = append(commands, peopleCommands()...)
	commands = append(commands, authorCommands()...)
	commands = append(commands, ownerCommands()...)
	bindings = make(map[string]*command)
	for i := range commands {
		c := &commands[i]
		for _, k := range append(append([]string(nil), c.keys...), c.also...) {
			if bindings[k] != nil {
				panic(fmt.Sprintf("tui: key %s is bound twice: %s, %s", k, bindings[k].name, c.name))
			}
			bindings[k] = c
		}
	}
}

func fileCommands() []command {
	return []command{
		{groupFile, "save (a guest asks the host)", []string{"ctrl+s"}, nil, (*Model).save},
		{groupFile, "quit; asks when something is not safe yet", []string{"ctrl+q"}, nil, (*Model).quit},
		{groupFile, "show the link to share", []string{"f2"}, nil, (*Model).showLink},
		{groupFile, "this help", []string{"f1"}, nil, (*Model).showHelp},
		{groupFile, "close a sheet or question, drop carets and selection", []string{"esc"}, nil, (*Model).escape},
	}
}

func editCommands() []command {
	return []command{
		{groupEdit, "undo your own last step", []string{"ctrl+z"}, []string{"alt+u"}, (*Model).undo},
		{groupEdit, "redo", []string{"ctrl+y"}, []string{"ctrl+shift+z", "alt+e"}, (*Model).redo},
		{groupEdit, "copy the selection, or the line", []string{"ctrl+c"}, []string{"ctrl+insert"}, (*Model).copy},
		{groupEdit, "cut the selection, or the line", []string{"ctrl+x"}, []string{"shift+delete"}, (*Model).cut},
		{groupEdit, "paste what was copied here", []string{"ctrl+v"}, []string{"shift+insert"}, (*Model).pasteOwn},
		{groupEdit, "cut the line", []string{"ctrl+k"}, nil, (*Model).cutLine},
		{groupEdit, "new line, indented like this one", []string{"enter"}, []string{"shift+enter", "ctrl+j", "ctrl+enter"}, (*Model).newline},
		{groupEdit, "indent", []string{"tab"}, nil, (*Model).indent},
		{groupEdit, "indent less", []string{"shift+tab"}, nil, (*Model).outdent},
		{groupEdit, "delete backwards", []string{"backspace"}, []string{"ctrl+h", "shift+backspace"}, erase(false, false)},
		{groupEdit, "delete the word before", []string{"ctrl+backspace", "ctrl+w"}, []string{"alt+backspace"}, erase(false, true)},
		{groupEdit, "delete forwards", []string{"delete"}, nil, erase(true, false)},
		{groupEdit, "delete the word behind", []string{"ctrl+delete"}, []string{"alt+delete", "alt+d"}, erase(true, true)},
	}
}

func moveCommands() []command {
	c := []command{
		{groupMove, "scroll up", []string{"ctrl+up"}, nil, scroll(-1)},
		{groupMove, "scroll down", []string{"ctrl+down"}, nil, scroll(1)},
		{groupMove, "go to a line", []string{"ctrl+g"}, []string{"ctrl+l"}, (*Model).askLine},
		{groupSelect, "select everything", []string{"ctrl+a"}, nil, (*Model).selectAll},
	}
	for _, m := range []struct {
		name string
		keys []string
		m    editor.Motion
		also []string
	}{
		{"left", []string{"left"}, editor.Left, nil},
		{"right", []string{"right"}, editor.Right, nil},
		{"up", []string{"up"}, editor.LineUp, nil},
		{"down", []string{"down"}, editor.LineDown, nil},
		{"a word left", []string{"ctrl+left", "alt+left"}, editor.WordLeft, []string{"alt+b"}},
		{"a word right", []string{"ctrl+right", "alt+right"}, editor.WordRight, []string{"alt+f"}},
		{"start of the line", []string{"home"}, editor.LineStart, nil},
		{"end of the line", []string{"end"}, editor.LineEnd, nil},
		{"a page up", []string{"pgup"}, editor.PageUp, nil},
		{"a page down", []string{"pgdown"}, editor.PageDown, nil},
		{"start of the text", []string{"ctrl+home"}, editor.DocStart, nil},
		{"end of the text", []string{"ctrl+end"}, editor.DocEnd, nil},
	} {
		var extend []string
		for _, k := range m.keys {
			extend = append(extend, shifted(k))
		}
		c = append(c,
			command{groupMove, m.name, m.keys, m.also, move(m.m, false)},
			command{groupSelect, m.name, extend, nil, move(m.m, true)})
	}
	return c
}

// shifted inserts Shift where Bubble Tea puts it: behind Ctrl and Alt.
func shifted(key string) string {
	i := strings.LastIndexByte(key, '+') + 1
	return key[:i] + "shift+" + key[i:]
}

// listed are the commands in the order of the help sheet.
func listed() []*command {
	var out []*command
	for _, group := range []string{groupFile, groupEdit, groupMove, groupSelect, groupCarets, groupFind, groupPeople, groupLook} {
		for i := range commands {
			c := &commands[i]
			if c.group != group {
				continue
			}
			out = append(out, c)
		}
	}
	return out
}

// Commands lists every command in the order of the help sheet.
func Commands() []Command {
	var out []Command
	for _, c := range listed() {
		out = append(out, Command{ID: c.id(), Group: c.group, Name: c.name, Keys: keyNames(c.keys)})
	}
	return out
}

// keyNames writes keys as people do.
func keyNames(keys []string) []string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = keyName(k)
	}
	return names
}

// keyName writes a key as people do.
func keyName(key string) string {
	parts := strings.Split(key, "+")
	for i, p := range parts {
		switch p {
		case "pgup":
			parts[i] = "PgUp"
		case "pgdown":
			parts[i] = "PgDn"
		default:
			parts[i] = strings.ToUpper(p[:1]) + p[1:]
		}
	}
	return strings.Join(parts, "+")
}

// mouseHelp is shown below the keys.
var mouseHelp = []Command{
	{Group: "Mouse", Name: "place the caret", Keys: []string{"Click"}},
	{Group: "Mouse", Name: "select", Keys: []string{"Drag", "Shift+Click"}},
	{Group: "Mouse", Name: "select the word, the line", Keys: []string{"Double click", "Triple click"}},
	{Group: "Mouse", Name: "another caret, or one less", Keys: []string{"Ctrl+Click"}},
	{Group: "Mouse", Name: "scroll", Keys: []string{"Wheel"}},
	{Group: "Mouse", Name: "go to the participant whose name it is; again: follow", Keys: []string{"Click"}},
	{Group: "Mouse", Name: "select for the terminal's own clipboard", Keys: []string{"Shift+Drag"}},
}

// KeyTable is the table of keys in Markdown, for the documentation.
func KeyTable() string {
	var sb strings.Builder
	group := ""
	for _, c := range append(Commands(), mouseHelp...) {
		if c.Group != group {
			if group != "" {
				sb.WriteByte('\n')
			}
			group = c.Group
			fmt.Fprintf(&sb, "| %s | |\n| --- | --- |\n", group)
		}
		fmt.Fprintf(&sb, "| %s | %s |\n", strings.Join(c.Keys, ", "), c.Name)
	}
	return sb.String()
}

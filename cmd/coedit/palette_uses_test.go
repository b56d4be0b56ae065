package main

import (
	"strings"

	"coedit/internal/screen"
)

// use is how one command of the palette is used: before it the text is usesText, and the caret at its beginning.
type use struct {
	guest string // the guest types this first
	keys  string // pressed before
	ready state  // the screen after that; nil: the text as it was
	then  string // pressed after; often # to show where the caret is, or what was selected
	want  state  // the screen at last
	clean string // pressed after that
}

// state is a condition of the screen.
type state func(screen.Screen) bool

const usesText = "one two\n  three (x)\nfour"

// uses has an entry for each command of the palette, by group and name. To add a command, add its line.
var uses = map[string]use{
	"File and session: save (a guest asks the host)":                         {want: screen.Shows("Saved uses.go")},
	"File and session: show the link to share":                               {want: screen.Shows("Share this link")},
	"File and session: this help":                                            {want: screen.Shows("Keys   (Esc closes")},
	"File and session: close a sheet or question, drop carets and selection": {keys: screen.ShiftEnd, then: "#", want: text("one two#\n  three (x)\nfour")},
	"File and session: find a command by its name":                           {then: "qqqq", want: screen.Shows("no command matches")},
	"File and session: leave the mouse to the terminal, or not":              {want: screen.Shows("the terminal's now")},
	"File and session: suspend; fg in the shell comes back":                  {want: screen.Shows("to edit: ")}, // what stood there before the program; see TestPaletteUses
	"File and session: quit; asks when something is not safe yet":            {want: screen.Shows("quit without saving")},
	"File and session: save under another name":                              {then: "other.go\r", want: screen.Shows("Saved other.go")},
	"File and session: save a copy of your own":                              {then: "copy.go\r", want: screen.Shows("Saved a copy as copy.go")},
	"Editing: undo your own last step":                                       {keys: "#", ready: text("#" + usesText), want: text(usesText)},
	"Editing: redo":                                                          {keys: "#" + screen.Ctrl('z'), want: text("#" + usesText)},
	"Editing: copy the selection, or the line":                               {keys: screen.ShiftEnd, then: screen.End + screen.Ctrl('v'), want: first("one twoone two")},
	"Editing: cut the selection, or the line":                                {keys: screen.ShiftEnd, want: text("\n  three (x)\nfour")},
	"Editing: paste what was copied here":                                    {keys: screen.ShiftEnd + screen.Ctrl('c') + screen.End, want: first("one twoone two")},
	"Editing: cut the line":                                                  {want: text("  three (x)\nfour")},
	"Editing: new line, indented like this one":                              {keys: screen.Down + screen.End, then: "#", want: text("one two\n  three (x)\n  #\nfour")},
	"Editing: indent":                                                        {want: first("  one two")},
	"Editing: indent less":                                                   {keys: screen.Down, want: text("one two\nthree (x)\nfour")},
	"Editing: delete backwards":                                              {keys: screen.End, want: first("one tw")},
	"Editing: delete the word before":                                        {keys: screen.Down + screen.End, want: text("one two\n  three (x\nfour")},
	"Editing: delete forwards":                                               {want: first("ne two")},
	"Editing: delete the word behind":                                        {want: first(" two")},
	"Editing: move the line up":                                              {keys: screen.Down, want: text("  three (x)\none two\nfour")},
	"Editing: move the line down":                                            {want: text("  three (x)\none two\nfour")},
	"Editing: duplicate the line, or the selection":                          {want: text("one two\n" + usesText)},
	"Editing: join the line with the next":                                   {want: text("one two three (x)\nfour")},
	"Editing: comment, or not":                                               {want: first("// one two")},
	"Editing: upper case":                                                    {want: first("ONE two")},
	"Editing: lower case":                                                    {keys: "A", ready: first("Aone two"), want: first("aone two")},
	"Editing: remove blanks at the ends of all lines":                        {keys: screen.End + "  ", want: screen.Shows("Removed blanks at the ends of 1 line")},
	"Editing: revert somebody's last change":                                 {guest: "BOB", ready: screen.Shows("BOB"), want: text(usesText)},
	"Moving: scroll up":                                                      {keys: ctrlDown, ready: top("three"), want: top("one two")},
	"Moving: scroll down":                                                    {want: top("three")},
	"Moving: go to a line":                                                   {then: "3:2\r#", want: text("one two\n  three (x)\nf#our")},
	"Moving: left":                                                           {keys: screen.End, then: "#", want: first("one tw#o")},
	"Moving: right":                                                          {then: "#", want: first("o#ne two")},
	"Moving: up":                                                             {keys: screen.Down + screen.Down, then: "#", want: text("one two\n#  three (x)\nfour")},
	"Moving: down":                                                           {then: "#", want: text("one two\n#  three (x)\nfour")},
	"Moving: a word left":                                                    {keys: screen.End, then: "#", want: first("one #two")},
	"Moving: a word right":                                                   {then: "#", want: first("one# two")},
	"Moving: start of the line":                                              {keys: screen.End, then: "#", want: first("#one two")},
	"Moving: end of the line":                                                {then: "#", want: first("one two#")},
	"Moving: a page up":                                                      {keys: screen.Down + screen.Down, then: "#", want: first("#one two")},
	"Moving: a page down":                                                    {then: "#", want: text("one two\n  three (x)\n#four")},
	"Moving: start of the text":                                              {keys: screen.CtrlEnd, then: "#", want: first("#one two")},
	"Moving: end of the text":                                                {then: "#", want: text(usesText + "#")},
	"Moving: to the matching bracket":                                        {keys: screen.Down + screen.End, then: "#", want: text("one two\n  three (#x)\nfour")},
	"Selecting: select everything":                                           {then: "#", want: text("#")},
	"Selecting: left":                                                        {keys: screen.End, then: "#", want: first("one tw#")},
	"Selecting: right":                                                       {then: "#", want: first("#ne two")},
	"Selecting: up":                                                          {keys: screen.Down, then: "#", want: text("#  three (x)\nfour")},
	"Selecting: down":                                                        {then: "#", want: text("#  three (x)\nfour")},
	"Selecting: a word left":                                                 {keys: screen.End, then: "#", want: first("one #")},
	"Selecting: a word right":                                                {then: "#", want: first("# two")},
	"Selecting: start of the line":                                           {keys: screen.End, then: "#", want: text("#\n  three (x)\nfour")},
	"Selecting: end of the line":                                             {then: "#", want: text("#\n  three (x)\nfour")},
	"Selecting: a page up":                                                   {keys: screen.Down + screen.Down, then: "#", want: text("#four")},
	"Selecting: a page down":                                                 {then: "#", want: text("#four")},
	"Selecting: start of the text":                                           {keys: screen.CtrlEnd, then: "#", want: text("#")},
	"Selecting: end of the text":                                             {then: "#", want: text("#")},
	"Selecting: select the word":                                             {then: "#", want: first("# two")},
	"Selecting: select the line":                                             {then: "#", want: text("#  three (x)\nfour")},
	"Selecting: select more: word, line, between brackets":                   {then: "#", want: first("# two")},
	"Several carets: select the word, then its next occurrence":              {then: "#", want: first("# two")},
	"Several carets: another caret in the line above":                        {keys: screen.Down, then: "#", want: text("#one two\n#  three (x)\nfour")},
	"Several carets: another caret in the line below":                        {then: "#", want: text("#one two\n#  three (x)\nfour")},
	"Finding: find":                                                          {then: "two" + escape + "#", want: first("one #")},
	"Finding: find and replace":                                              {then: "two\tTWO\r", want: first("one TWO")},
	"Finding: next match":                                                    {keys: screen.Ctrl('f') + screen.Ctrl('u') + "e" + escape, then: "#", want: text("one two\n  thr#e (x)\nfour")},
	"Finding: match before":                                                  {keys: screen.Ctrl('f') + screen.Ctrl('u') + "e" + escape, then: "#", want: text("one two\n  thre# (x)\nfour")},
	"Finding: replace all matches":                                           {keys: screen.Ctrl('r') + screen.Ctrl('u') + "e\t" + screen.Ctrl('u') + "E", want: text("onE two\n  thrEE (x)\nfour")},
	"Finding: regular expressions, or not":                                   {want: screen.Shows("[x] regex"), clean: "\x1br"},
	"Finding: whole words, or not":                                           {want: screen.Shows("[x] word"), clean: "\x1bw"},
	"Finding: upper and lower case: by the query, exact, ignored":            {want: screen.Shows("[x] case"), clean: "\x1bc"},
	"Finding: in the selection only, or not":                                 {keys: screen.ShiftEnd, want: screen.Shows("[x] selection")},
	"Together: who is here":                                                  {want: screen.Shows("2 participants")},
	"Together: follow who asked you, or the next participant":                {want: screen.Shows("following bob")},
	"Together: show who wrote what, or not":                                  {want: screen.Shows("Letters beside the lines"), clean: "\x1b[19~"},
	"Together: who wrote this line":                                          {want: screen.Shows("Line 1 was changed last by you, just now")},
	"Together: remove somebody":                                              {want: screen.Shows("Remove bob?")},
	"Together: make new links; the old ones end":                             {want: screen.Shows("N: new links")},
	"Together: close the room for everybody":                                 {want: screen.Shows("C: close the room")},
	"Together: ask everybody to come here":                                   {want: screen.Shows("Asked")},
	"Together: say something to everybody":                                   {then: "hello bob\r", want: screen.Shows("hello bob")},
	"Together: go to participant 1 (Alt+2 to Alt+9: the others)":             {want: screen.Shows("2 participants")},
	"Looks: wrap long lines, or scroll them sideways":                        {want: screen.Shows("Long lines are wrapped.")},
	"Looks: colours of the language, or not":                                 {want: screen.Shows("Words are not coloured.")},
	"Looks: show spaces and tabs, or not":                                    {want: screen.Shows("one·two"), clean: anew("Looks: show spaces and tabs, or not")},
	"Looks: show guides for the indentation, or not":                         {want: screen.Shows("The indentation has guides.")},
	"Looks: highlight the caret's line, or not":                              {want: screen.Shows("The caret's line is highlighted.")},
	"Looks: hide line numbers, or show them":                                 {want: func(s screen.Screen) bool { return strings.HasPrefix(s.Row(0), "one two") }, clean: anew("Looks: hide line numbers, or show them")},
	"Looks: show the scrollbar, or not":                                      {want: screen.Shows("The scrollbar is hidden.")},
	"Looks: the next theme, of dark, light and others":                       {want: screen.Shows("Theme: dark.")},
}

// anew runs a command from the palette once more.
func anew(title string) string {
	return screen.Ctrl('p') + screen.Pasted(title) + screen.Enter
}

const (
	escape   = "\x1b[27u" // as newer terminals send it, so that what follows does not become Alt and that
	ctrlDown = "\x1b[1;5B"
)

// text is the state in which the screen shows exactly a text.
func text(want string) state { return shows(want) }

// first is the state in which the screen shows usesText with another first line.
func first(line string) state {
	_, rest, _ := strings.Cut(usesText, "\n")
	return text(line + "\n" + rest)
}

// top is the state in which the first row shows something.
func top(part string) state {
	return func(s screen.Screen) bool { return strings.Contains(s.Row(0), part) }
}

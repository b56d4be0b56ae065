// Package screen runs a command in a pseudo-terminal and keeps the screen that a person would see there, so that tests
// can type into a program, wait until the screen shows something, and look at cells, colours and the cursor.
//
//	t, err := screen.Start(screen.Options{Args: []string{"coedit", "main.go"}})
//	...
//	defer t.Close()
//	t.Type("hello" + screen.Enter)
//	s, err := t.WaitFor(10*time.Second, screen.Shows("hello"))
//
// Units: columns and rows are cells counted from 0 at the top left; a wide character takes two cells, the second of
// which has Width 0. Typed text is the bytes that a keyboard sends, as named by the constants [Up], [Ctrl] and so on.
//
// What it guarantees: [Terminal.WaitFor] looks at every state that the emulated screen stops at, from the one that is
// there when it is called, and wakes when output arrives; it never sleeps. [Terminal.Type] never blocks, so that a test
// cannot deadlock with a program that writes before it reads. Queries of the program (background colour, modes, device
// attributes) are answered as a terminal answers them. The emulated terminal knows 256 and true colours, bracketed
// paste, the mouse and grapheme clusters (mode 2027); it says so when asked.
//
// What it does not promise: a frame that is overwritten within one chunk of output may be missed; screens do not
// scroll back; a character that is wider than the cells left in a row is not wrapped as every terminal would. There are
// no pseudo-terminals on Windows: [Start] returns [ErrUnsupported] there.
package screen

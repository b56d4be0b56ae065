// Package tui is the terminal program: it draws one document, the people in it
// and the state of the connection, and turns keys and the mouse into calls on
// an [editor.Editor].
//
// # Ownership
//
// The Bubble Tea program owns the document. Everything that reads or changes
// the editor happens in [Model.Update] and [Model.View], which Bubble Tea calls
// from one goroutine, so there are no locks. What blocks runs in commands, on
// values taken beforehand: saving writes an immutable [rga.View], waiting for
// the network calls [Session.Wait], which touches no state of the program.
//
// # Frames
//
// Own keys are applied at once. What others did arrives through
// [Session.Step], called once a frame of 8 ms and given a [Budget] each time; what
// does not fit in is done after a rest of 3 ms, in which keys come. So the
// work of one Update is bounded whatever arrives.
//
// View draws only what is visible. Rows are cached and drawn anew when their
// bytes, their marks (selections, carets of others) or their columns changed;
// a frame in which nothing visible changed is the former frame.
//
// # Units
//
// Offsets are bytes, as everywhere in package editor. Columns are terminal
// cells counted from the start of a line; lines and rows count from 0, except
// where they are shown to people.
//
// The width of a grapheme cluster is decided by what the renderer will draw,
// see [editor.Metrics] and the type widths here. It can change once at the
// start, when the terminal answers.
//
// # What reaches the terminal
//
// Text reaches the screen only through [editor.Metrics.Display], names and
// messages too, so control characters from a document or from a peer are shown
// and never obeyed.
//
// # Finding
//
// A search looks at once through what a key may cost, and goes on in a command. Changes that come meanwhile are written down and the place
// found is moved along; if somebody edited that very place, it is looked for again. The matches on the screen are looked
// for with every frame that shows another text, the number of matches in a command, again after a pause while others edit.
// The scrollbar has a dash where matches are, as of the last count; a part of the text that is searched alone is marked.
//
// # Messages
//
// What there is to say stands in the status line: answers to keys until the next one, what others and other programs did for some
// seconds. If a key or another message takes the latter away sooner, it goes on as a toast above the status line, never over the caret,
// until its time is over or Esc is pressed.
//
// # What it does not do
//
// A line of 16 KiB and more is not wrapped but scrolled sideways. Reaching a column of a line of
// several megabytes costs time proportional to the column.
package tui

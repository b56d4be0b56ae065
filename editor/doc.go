// Package editor is the headless core of the text editor: one document, the carets and selections in it, undo, and
// the clipboard register. A terminal program, a bridge to another editor or a simulated participant puts a face on it.
//
// # Units
//
// Every offset is a byte offset into the text, which is UTF-8. A caret stands on a boundary between grapheme clusters
// (what a reader takes for one character: a letter with its accents, an emoji made of several code points). Newlines
// are LF; a LF is always a cluster of its own, so a CR before it is an ordinary control character. A cluster longer than
// about a kilobyte is cut, so that a text made of combining marks alone cannot make a key press expensive. Lines count
// from 0. Columns are terminal cells from the line's start; what a cluster occupies is decided by [Metrics], because
// terminals disagree.
//
// # Several carets
//
// There is one caret, or there are several, each with a selection. What a key does it does at each of them, as one atomic
// batch and one undo step. They stay in the order of the text; two that meet become one. The primary one, added last, is the one
// that others see.
//
// # Finding
//
// A [Query] is compiled into a [Pattern], which works on immutable views and belongs to nobody: a program lets it count, sweep and
// collect replacements beside its own goroutine, in parts between which it asks whether to go on. What was found in a view is
// edited with [Editor.Replace], or, where the text has gone on since, with [Editor.ReplaceAt].
//
// # Guarantees
//
//   - After every call the carets and the selections' other ends stand on cluster boundaries inside the text, and none meets another.
//   - Undo takes back this replica's own last edit, as far as it still stands, and nobody else's: what another
//     participant deleted as well stays deleted, what another typed inside stays.
//   - Edits of others never move a caret relative to the text around it. A caret at the very place of an insertion by
//     another stays before it; a selection does not grow over what others insert at its ends. Only a caret that was
//     sent to the end of a line right behind what another is typing goes along with that, until the next own edit or motion.
//   - The cost of a call depends on the distance moved or the text touched, not on the document. The column of a caret
//     needs a look at its line from the start: long lines are measured once, then remembered up to the place that changed.
//
// # What it does not promise
//
// An [Editor] is not safe for concurrent use: one goroutine owns it and the document in it. Views taken from it may be
// read anywhere. It starts no goroutine, reads no clock and does no I/O: times are arguments, in unix milliseconds. What
// [Editor.Undo] may take back is kept in memory only.
package editor

// Package syntax tells the parts of source text apart, for colouring it: keywords, strings, comments and so on.
//
//	lang := syntax.For("main.go", nil)
//	tokens, state := lang.Tokens(nil, line, syntax.Start)
//
// # Lines and states
//
// Text is read line by line. What a line leaves open, a comment or a string of several lines, is its [State], a small
// comparable value, which is given to the next line. So the tokens of any line follow from that line's bytes and the state
// before it, and after an edit it is enough to read on until the state of a line is what it was before: all that follows
// is as it was.
//
// Reading a line takes time proportional to its length, and no memory but the tokens. Any bytes can be read, UTF-8 or not.
//
// # Units
//
// Offsets are bytes from the start of the line, which has no newline at its end.
//
// # What it does not do
//
// It does not parse: a word is told by how it is written, so a type called as a function looks like a function. Languages
// inside other ones (scripts in HTML, code in Markdown) are not told apart, nor are here-documents of a shell. Where something nests
// deeper than a state can say (templates in JavaScript three deep), the rest of the text may be coloured wrongly, until it is closed.
package syntax

package screen

// What keys send, in a terminal without an extended keyboard protocol.
const (
	Enter     = "\r"
	Escape    = "\x1b"
	Tab       = "\t"
	Backspace = "\x7f"
	Delete    = "\x1b[3~"
	Up        = "\x1b[A"
	Down      = "\x1b[B"
	Right     = "\x1b[C"
	Left      = "\x1b[D"
	Home      = "\x1b[H"
	End       = "\x1b[F"
	PageUp    = "\x1b[5~"
	PageDown  = "\x1b[6~"
	CtrlHome  = "\x1b[1;5H"
	CtrlEnd   = "\x1b[1;5F"
	CtrlLeft  = "\x1b[1;5D"
	CtrlRight = "\x1b[1;5C"

	ShiftUp    = "\x1b[1;2A"
	ShiftDown  = "\x1b[1;2B"
	ShiftRight = "\x1b[1;2C"
	ShiftLeft  = "\x1b[1;2D"
	ShiftHome  = "\x1b[1;2H"
	ShiftEnd   = "\x1b[1;2F"

	F1 = "\x1bOP"
	F2 = "\x1bOQ"
)

// Ctrl is what Ctrl and a letter send: Ctrl('s').
func Ctrl(letter byte) string { return string([]byte{letter & 0x1f}) }

// Pasted is what a terminal sends for text that is pasted, to a program that asked for bracketed paste.
func Pasted(text string) string { return "\x1b[200~" + text + "\x1b[201~" }

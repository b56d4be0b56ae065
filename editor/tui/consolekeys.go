package tui

import "bytes"

// consoleKey begins what the Linux console sends for F1 to F5; a letter from A to E follows. No other terminal sends it, and Bubble
// Tea does not know it.
const consoleKey = "\x1b[["

// functionKeys are F1 to F5 as xterm sends them.
var functionKeys = [...]string{"\x1bOP", "\x1bOQ", "\x1bOR", "\x1bOS", "\x1b[15~"}

// consoleGrowth is how much longer in bytes input can become by knownKeys: a key of 4 bytes becomes one of 5.
func consoleGrowth(n int) int { return n / 4 }

// knownKeys replaces, in the n first bytes of p, function keys of the Linux console by those that Bubble Tea knows. p has room for
// consoleGrowth(n) more bytes. It returns the new n.
func knownKeys(p []byte, n int) int {
	for at := 0; ; {
		i := bytes.Index(p[at:n], []byte(consoleKey))
		if at += i; i < 0 || at+len(consoleKey) == n {
			return n
		}
		letter := p[at+len(consoleKey)]
		if letter < 'A' || letter > 'E' {
			at += len(consoleKey)
			continue
		}
		key := functionKeys[letter-'A']
		end := at + len(consoleKey) + 1
		copy(p[at+len(key):], p[end:n])
		copy(p[at:], key)
		n += len(key) - (end - at)
		at += len(key)
	}
}

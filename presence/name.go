package presence

import (
	"strings"
	"unicode"
)

const (
	// MaxName is the most runes of a name.
	MaxName = 32
	// MaxChat is the most runes of a line of chat.
	MaxChat = 160
	// NoName stands for a participant whose name has nothing to show.
	NoName = "someone"
)

// SanitizeName returns name as it may be shown to others: without control characters, newlines, bidi controls and other
// invisible characters, with single spaces, at most MaxName runes; NoName where nothing is left. Sanitising twice
// changes nothing more.
func SanitizeName(name string) string {
	if clean := oneLine(name, MaxName); clean != "" {
		return clean
	}
	return NoName
}

// SanitizeChat returns a line of chat as it may be shown to others, as SanitizeName does with names; at most MaxChat runes.
// Empty: there is nothing to show.
func SanitizeChat(line string) string { return oneLine(line, MaxChat) }

// oneLine is what can be seen of s, with single spaces, of at most limit runes.
func oneLine(s string, limit int) string {
	clean := strings.Join(strings.Fields(visible(s)), " ")
	n := 0
	for i := range clean {
		if n == limit {
			return strings.TrimRight(clean[:i], " ")
		}
		n++
	}
	return clean
}

// sanitizeFile returns a file name as it may be shown, of at most maxFile bytes.
func sanitizeFile(file string) string {
	return strings.TrimSpace(strings.ToValidUTF8(clip(visible(file), maxFile), ""))
}

func clip(s string, n int) string { return s[:min(len(s), n)] }

// visible drops what cannot be seen: controls, format characters (bidi, joiners, tags), separators of lines, fillers,
// variation selectors, private use and what is not UTF-8. Spaces of all kinds become the plain one, marks stay behind
// what they mark, at most two of them.
func visible(s string) string {
	var out strings.Builder
	marks := 2 // none at the beginning
	for _, r := range strings.ToValidUTF8(s, "") {
		switch {
		case r == '\t' || r == '\n' || r == '\r' || unicode.Is(unicode.Z, r):
			out.WriteByte(' ')
			marks = 2
		case unicode.Is(unicode.C, r) || unicode.Is(unicode.Variation_Selector, r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) || !unicode.IsPrint(r):
		case unicode.Is(unicode.M, r):
			if marks < 2 {
				out.WriteRune(r)
			}
			marks++
		default:
			out.WriteRune(r)
			marks = 0
		}
	}
	return out.String()
}

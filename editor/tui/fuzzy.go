package tui

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// fuzzy says whether the letters of a query occur in a text in their order, and how well: letters at the start of words
// and behind each other count more, the whole query as it is still more, and of equal texts the shorter. Blanks in the query separate parts that may stand anywhere.
// Case does not matter.
func fuzzy(query, text string) (score int, ok bool) {
	text = strings.ToLower(text)
	for part := range strings.FieldsSeq(strings.ToLower(query)) {
		n, ok := fuzzyPart(part, text)
		if !ok {
			return 0, false
		}
		score += n
	}
	if strings.Contains(text, strings.ToLower(query)) {
		score += len(query)
	}
	return score*100 - len(text), true
}

// What a letter of the query is worth, by where it is found.
const (
	fuzzyPlain  = 1
	fuzzyFollow = 5 // behind the letter before it
	fuzzyWord   = 4 // at the start of a word
)

// fuzzyPart is fuzzy for one part. It tries each place where the first letter stands, and from there takes the nearest.
func fuzzyPart(part, text string) (best int, ok bool) {
	first, _ := utf8.DecodeRuneInString(part)
	for from, r := range text {
		if r != first {
			continue
		}
		if n, found := fuzzyFrom(part, text, from); found {
			best, ok = max(best, n), true
		}
	}
	return best, ok
}

func fuzzyFrom(part, text string, from int) (score int, ok bool) {
	behind := -1
	at := from
	for _, want := range part {
		i := strings.IndexRune(text[at:], want)
		if i < 0 {
			return 0, false
		}
		i += at
		switch {
		case i == behind:
			score += fuzzyFollow
		case startsWordAt(text, i):
			score += fuzzyWord
		default:
			score += fuzzyPlain
		}
		behind = i + utf8.RuneLen(want)
		at = behind
	}
	return score, true
}

func startsWordAt(text string, i int) bool {
	if i == 0 {
		return true
	}
	r, _ := utf8.DecodeLastRuneInString(text[:i])
	return !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

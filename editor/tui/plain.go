package tui

import (
	"strings"

	"coedit/editor"
)

// nextCluster splits the first grapheme cluster off b, which is not empty.
func nextCluster(b []byte) (cluster, rest []byte) {
	n := max(editor.FirstCluster(b), 1)
	return b[:n], b[n:]
}

// plain makes text from anywhere (a name, an error, a link) fit for one row: what is not printable becomes visible, line
// breaks become spaces, and what takes more than limit cells is cut, ending in "...". It returns the cells taken.
func plain(m editor.Metrics, text string, limit int) (string, int) {
	out, cells, whole := fit(m, text, limit)
	if whole {
		return out, cells
	}
	if limit <= 3 {
		return out, cells
	}
	out, cells, _ = fit(m, text, limit-3)
	return out + "...", cells + 3
}

// fit renders as much of text as limit cells hold; whole says that nothing was left out.
func fit(m editor.Metrics, text string, limit int) (out string, cells int, whole bool) {
	var sb strings.Builder
	b := []byte(text)
	for len(b) > 0 {
		var cluster []byte
		cluster, b = nextCluster(b)
		s, n := display(m, cluster, cells)
		if cells+n > limit {
			return sb.String(), cells, false
		}
		sb.WriteString(s)
		cells += n
	}
	return sb.String(), cells, true
}

// display is [editor.Metrics.Display] with line breaks and tabs shown as one space.
func display(m editor.Metrics, cluster []byte, column int) (string, int) {
	switch cluster[0] {
	case '\n', '\r', '\t':
		return " ", 1
	}
	return m.Display(cluster, column)
}

// wrap breaks text into rows of at most width cells, between words where it can. Text is made plain; line breaks in it are kept.
func wrap(m editor.Metrics, text string, width int) []string {
	if width < 1 {
		return nil
	}
	var rows []string
	for para := range strings.SplitSeq(text, "\n") {
		rows = append(rows, wrapParagraph(m, para, width)...)
	}
	return rows
}

func wrapParagraph(m editor.Metrics, para string, width int) []string {
	var rows []string
	row, used := "", 0
	for word := range strings.SplitSeq(para, " ") {
		_, n, _ := fit(m, word, 1<<30)
		if used > 0 && used+1+n <= width {
			row, used = row+" ", used+1
		} else if used > 0 {
			rows = append(rows, row)
			row, used = "", 0
		}
		for n > width-used { // longer than a row: a link
			part := cut(m, word, width-used)
			if part == 0 {
				break // a cluster wider than the row
			}
			s, _, _ := fit(m, word[:part], width)
			rows = append(rows, row+s)
			row, used, word = "", 0, word[part:]
			_, n, _ = fit(m, word, 1<<30)
		}
		s, cells, _ := fit(m, word, width-used)
		row, used = row+s, used+cells
	}
	return append(rows, row)
}

// cut is the length in bytes of the longest part of text that takes at most limit cells.
func cut(m editor.Metrics, text string, limit int) int {
	b, cells := []byte(text), 0
	for len(b) > 0 {
		cluster, rest := nextCluster(b)
		_, n := display(m, cluster, cells)
		if cells+n > limit {
			break
		}
		cells += n
		b = rest
	}
	return len(text) - len(b)
}

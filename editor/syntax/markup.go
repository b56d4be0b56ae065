package syntax

import "bytes"

// What of markup a line may leave open.
const (
	markupText State = iota
	markupComment
	markupTag    // between < and >
	markupDouble // a value in " inside a tag
	markupSingle
	markupData // <![CDATA[
)

// lexMarkup reads HTML and XML.
func lexMarkup(l *line) {
	for l.at < len(l.text) {
		from := l.at
		switch l.state {
		case markupComment:
			if l.until("-->") {
				l.state = markupText
			}
			l.token(from, Comment)
		case markupData:
			if l.until("]]>") {
				l.state = markupText
			}
			l.token(from, String)
		case markupDouble, markupSingle:
			end := `"`
			if l.state == markupSingle {
				end = `'`
			}
			if l.until(end) {
				l.state = markupTag
			}
			l.token(from, String)
		case markupTag:
			l.insideTag()
		default:
			l.betweenTags()
		}
	}
}

func (l *line) betweenTags() {
	next := bytes.IndexAny(l.text[l.at:], "<&")
	if next < 0 {
		l.at = len(l.text)
		return
	}
	l.at += next
	from := l.at
	switch {
	case l.has("<!--"):
		l.state = markupComment
	case l.has("<![CDATA["):
		l.at += len("<![CDATA[")
		l.token(from, Preproc)
		l.state = markupData
	case l.text[from] == '&':
		l.at++
		for l.at < len(l.text) && (isLetter(l.text[l.at]) || l.text[l.at] == '#' || l.text[l.at] >= '0' && l.text[l.at] <= '9') {
			l.at++
		}
		if l.at < len(l.text) && l.text[l.at] == ';' {
			l.at++
			l.token(from, Constant)
		}
	default:
		l.at++
		for l.at < len(l.text) && bytes.IndexByte([]byte("/!?"), l.text[l.at]) >= 0 {
			l.at++
		}
		if l.at >= len(l.text) || !isLetter(l.text[l.at]) {
			return
		}
		l.name()
		l.token(from, Tag)
		l.state = markupTag
	}
}

// insideTag reads one thing between < and >.
func (l *line) insideTag() {
	from := l.at
	switch b := l.text[l.at]; {
	case b == '>' || (b == '/' || b == '?') && from+1 < len(l.text) && l.text[from+1] == '>':
		l.at++
		if b != '>' {
			l.at++
		}
		l.token(from, Tag)
		l.state = markupText
	case b == '"':
		l.at++
		l.token(from, String)
		l.state = markupDouble
	case b == '\'':
		l.at++
		l.token(from, String)
		l.state = markupSingle
	case isLetter(b) || b == ':' || b == '@':
		l.at++
		l.name()
		l.token(from, Attribute)
	default:
		l.at++
	}
}

// name moves behind the rest of a name.
func (l *line) name() {
	for l.at < len(l.text) {
		b := l.text[l.at]
		if !isLetter(b) && (b < '0' || b > '9') && b != '-' && b != '_' && b != ':' && b != '.' {
			return
		}
		l.at++
	}
}

func isLetter(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80 }

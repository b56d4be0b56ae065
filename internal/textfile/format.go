package textfile

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"

	"coedit/rga"
)

// Why a file's bytes are refused.
var (
	ErrBinary   = errors.New("not a text file") // holds NUL bytes
	ErrNotUTF8  = errors.New("not UTF-8")
	ErrTooLarge = errors.New("file too large")
)

// MaxSize is the size in bytes up to which a file is read.
const MaxSize = 256 << 20

// Format is what of a file is kept beside its text.
type Format struct {
	BOM  bool // the file began with a byte order mark
	CRLF bool // every line ended in CRLF; the text then holds LF only
}

const bom = "\uFEFF"

// Decode splits a file's bytes into text and format. The text aliases b where nothing had to change. Errors wrap
// ErrTooLarge, ErrBinary or ErrNotUTF8 and name the place.
func Decode(b []byte) (text []byte, f Format, err error) {
	if len(b) > MaxSize {
		return nil, Format{}, fmt.Errorf("%w: more than %d MiB", ErrTooLarge, MaxSize>>20)
	}
	if name := wide(b); name != "" {
		return nil, Format{}, fmt.Errorf("%w: its byte order mark says %s", ErrNotUTF8, name)
	}
	if name := wideUnmarked(b); name != "" {
		return nil, Format{}, fmt.Errorf("%w: it looks like %s", ErrNotUTF8, name)
	}
	if i := bytes.IndexByte(b, 0); i >= 0 {
		return nil, Format{}, fmt.Errorf("%w: NUL byte at offset %d", ErrBinary, i)
	}
	if i := invalidAt(b); i >= 0 {
		return nil, Format{}, fmt.Errorf("%w: byte 0x%02X at offset %d", ErrNotUTF8, b[i], i)
	}
	text, f.BOM = bytes.CutPrefix(b, []byte(bom))
	if f.CRLF = allCRLF(text); f.CRLF {
		text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	}
	return text, f, nil
}

// wide names the encoding that a byte order mark of UTF-16 or UTF-32 tells.
func wide(b []byte) string {
	switch {
	case bytes.HasPrefix(b, []byte{0xFF, 0xFE, 0, 0}):
		return "UTF-32 (little endian)"
	case bytes.HasPrefix(b, []byte{0, 0, 0xFE, 0xFF}):
		return "UTF-32 (big endian)"
	case bytes.HasPrefix(b, []byte{0xFF, 0xFE}):
		return "UTF-16 (little endian)"
	case bytes.HasPrefix(b, []byte{0xFE, 0xFF}):
		return "UTF-16 (big endian)"
	}
	return ""
}

// wideUnmarked names the encoding of a text in UTF-16 that has no byte order mark: most of its letters have a NUL byte on one side,
// and hardly any on the other.
func wideUnmarked(b []byte) string {
	b = b[:min(len(b), 4096)]
	var nul [2]int
	for i, c := range b {
		if c == 0 {
			nul[i%2]++
		}
	}
	switch pairs := len(b) / 2; {
	case pairs < 2:
		return ""
	case nul[1] > pairs/2 && nul[0] <= pairs/16:
		return "UTF-16 (little endian)"
	case nul[0] > pairs/2 && nul[1] <= pairs/16:
		return "UTF-16 (big endian)"
	}
	return ""
}

// invalidAt is the offset of the first byte that is not UTF-8, or -1.
func invalidAt(b []byte) int {
	if utf8.Valid(b) {
		return -1
	}
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

// allCRLF says whether there are line endings and all are CRLF.
func allCRLF(b []byte) bool {
	pairs := bytes.Count(b, []byte("\r\n"))
	return pairs > 0 && pairs == bytes.Count(b, []byte("\n")) && pairs == bytes.Count(b, []byte("\r"))
}

// Encode appends to dst the file's bytes for a text; the inverse of Decode.
func Encode(dst, text []byte, f Format) []byte {
	if f.BOM {
		dst = append(dst, bom...)
	}
	return appendLines(dst, text, f.CRLF)
}

// appendLines appends text with its line endings.
func appendLines(dst, text []byte, crlf bool) []byte {
	if !crlf {
		return append(dst, text...)
	}
	for {
		i := bytes.IndexByte(text, '\n')
		if i < 0 {
			return append(dst, text...)
		}
		dst = append(append(dst, text[:i]...), "\r\n"...)
		text = text[i+1:]
	}
}

// The document's metadata registers.
const (
	metaName = "name"
	metaEOL  = "eol"
	metaBOM  = "bom"
)

// Set puts the format into the document's metadata, as far as it differs from what is there. at is unix milliseconds.
func (f Format) Set(doc *rga.Doc, at int64) error {
	eol, mark := "lf", "no"
	if f.CRLF {
		eol = "crlf"
	}
	if f.BOM {
		mark = "yes"
	}
	if err := setMeta(doc, at, metaEOL, eol); err != nil {
		return err
	}
	return setMeta(doc, at, metaBOM, mark)
}

// Registers are a document's metadata, of now or of a version.
type Registers interface {
	Meta(key string) (value string, ok bool)
}

// FormatOf reads the format from the document's metadata; where there is none, LF without byte order mark.
func FormatOf(doc Registers) Format {
	eol, _ := doc.Meta(metaEOL)
	mark, _ := doc.Meta(metaBOM)
	return Format{CRLF: eol == "crlf", BOM: mark == "yes"}
}

// SetName puts the file's name into the document's metadata.
func SetName(doc *rga.Doc, at int64, name string) error { return setMeta(doc, at, metaName, name) }

// NameOf reads the file's name from the document's metadata. A peer may have written it: it is neither safe to show as it
// is, nor a path to write to.
func NameOf(doc *rga.Doc) string {
	name, _ := doc.Meta(metaName)
	return name
}

func setMeta(doc *rga.Doc, at int64, key, value string) error {
	if old, ok := doc.Meta(key); ok && old == value {
		return nil
	}
	if _, err := doc.SetMeta(at, key, value); err != nil {
		return fmt.Errorf("set %s of the document: %w", key, err)
	}
	return nil
}

package textfile

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"coedit/rga"
)

func TestDecode(t *testing.T) {
	for _, c := range []struct {
		in, text string
		format   Format
	}{
		{"", "", Format{}},
		{"a\nb\n", "a\nb\n", Format{}},
		{"a\nb", "a\nb", Format{}},
		{"a\r\nb\r\n", "a\nb\n", Format{CRLF: true}},
		{"a\r\nb", "a\nb", Format{CRLF: true}},
		{"a\r\nb\n", "a\r\nb\n", Format{}},           // mixed
		{"a\r\nb\rc\r\n", "a\r\nb\rc\r\n", Format{}}, // a lone CR
		{"a\r\r\n", "a\r\r\n", Format{}},
		{"a\rb", "a\rb", Format{}},
		{bom, "", Format{BOM: true}},
		{bom + "a\r\n", "a\n", Format{BOM: true, CRLF: true}},
		{bom + bom + "a", bom + "a", Format{BOM: true}},
		{"a" + bom, "a" + bom, Format{}},
		{"漢字é🚀\n", "漢字é🚀\n", Format{}},
	} {
		text, format, err := Decode([]byte(c.in))
		if err != nil || string(text) != c.text || format != c.format {
			t.Errorf("Decode(%q) = %q, %+v, %v, want %q, %+v", c.in, text, format, err, c.text, c.format)
		}
		if back := Encode([]byte(">"), text, format); string(back) != ">"+c.in {
			t.Errorf("Encode gave %q back for %q", back, c.in)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, c := range []struct {
		in   string
		err  error
		says string
	}{
		{"ab\x00", ErrBinary, "offset 2"},
		{"ab\xe9cd", ErrNotUTF8, "byte 0xE9 at offset 2"},
		{"漢\xc0\xaf", ErrNotUTF8, "byte 0xC0 at offset 3"}, // overlong
		{"a\xed\xa0\x80", ErrNotUTF8, "offset 1"},          // a surrogate
		{"abc\xe6\xbc", ErrNotUTF8, "offset 3"},            // cut short
		{"\xff\xfea\x00", ErrNotUTF8, "UTF-16 (little endian)"},
		{"\xfe\xff\x00a", ErrNotUTF8, "UTF-16 (big endian)"},
		{"\xff\xfe\x00\x00a\x00\x00\x00", ErrNotUTF8, "UTF-32 (little endian)"},
		{"h\x00e\x00l\x00l\x00o\x00", ErrNotUTF8, "looks like UTF-16 (little endian)"},
		{"\x00h\x00e\x00l\x00l\x00o", ErrNotUTF8, "looks like UTF-16 (big endian)"},
		{"\x00\x00\x00\x00\x00\x00", ErrBinary, "offset 0"},
		{"\x00\x00\xfe\xff\x00\x00\x00a", ErrNotUTF8, "UTF-32 (big endian)"},
	} {
		if _, _, err := Decode([]byte(c.in)); !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("Decode(%.10q) = %v, want %v that says %q", c.in, err, c.err, c.says)
		}
	}
	if _, _, err := Decode(make([]byte, MaxSize+1)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("Decode of too much = %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"a\r\nb\r\n", "\ufeffa\n", "a\rb\r\n", "\xff\xfe", "a\x00"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		in := bytes.Clone(b)
		text, format, err := Decode(b)
		if !bytes.Equal(in, b) {
			t.Fatal("the input was changed")
		}
		if err != nil {
			if !errors.Is(err, ErrBinary) && !errors.Is(err, ErrNotUTF8) {
				t.Fatal(err)
			}
			return
		}
		if back := Encode(nil, text, format); !bytes.Equal(back, b) {
			t.Fatalf("%q became %q, %+v, then %q", b, text, format, back)
		}
	})
}

func TestFormatInTheDocument(t *testing.T) {
	doc := rga.New(1)
	if f := FormatOf(doc); f != (Format{}) || NameOf(doc) != "" {
		t.Fatalf("a new document has format %+v, name %q", f, NameOf(doc))
	}
	for _, f := range []Format{{CRLF: true}, {BOM: true}, {BOM: true, CRLF: true}, {}} {
		if err := errors.Join(f.Set(doc, 1), SetName(doc, 1, "main.go")); err != nil {
			t.Fatal(err)
		}
		if got := FormatOf(doc); got != f || NameOf(doc) != "main.go" {
			t.Fatalf("got %+v and name %q, want %+v", got, NameOf(doc), f)
		}
		clock := doc.Clock()
		if err := errors.Join(f.Set(doc, 2), SetName(doc, 2, "main.go")); err != nil || doc.Clock() != clock {
			t.Fatalf("setting it again made operations, or %v", err)
		}
	}
}

package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"coedit/internal/outside"
	"coedit/internal/screen"
)

// drawn is the picture of what a shell script prints on a small screen.
func drawn(t *testing.T, script string) string {
	t.Helper()
	term, err := screen.Start(screen.Options{Args: []string{outside.Need(t, "sh"), "-c", script}, Columns: 30, Rows: 3})
	if errors.Is(err, screen.ErrUnsupported) {
		outside.Missing(t, "a system with pseudo-terminals")
	} else if err != nil {
		t.Fatal(err)
	}
	defer term.Close()
	if _, err := term.Exit(10 * time.Second); err != nil {
		t.Fatal(err)
	}
	return string(svg(term.Screen()))
}

// elements are all elements of a picture with the text in them; the test fails where it is not well-formed.
func elements(t *testing.T, picture string) (names map[string]int, text string) {
	t.Helper()
	names = map[string]int{}
	var all strings.Builder
	for d := xml.NewDecoder(bytes.NewReader([]byte(picture))); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return names, all.String()
		} else if err != nil {
			t.Fatalf("not well-formed: %v\n%s", err, picture)
		}
		switch token := token.(type) {
		case xml.StartElement:
			names[token.Name.Local]++
		case xml.CharData:
			all.Write(token)
		}
	}
}

func TestPictureIsText(t *testing.T) {
	picture := drawn(t, `printf '\033]2;a <title>\007\033[1mif a < b && c\033[0m {\r\n  漢字 end'`)
	names, text := elements(t, picture)
	for _, want := range []string{"a <title>", "if a < b && c", "{", "漢", "字", "end"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in the picture:\n%s", want, picture)
		}
	}
	if names["circle"] != 3 || names["text"] != 6 || names["rect"] != 2 { // window and cursor
		t.Errorf("elements: %v", names)
	}
}

func TestPictureHasLooks(t *testing.T) {
	picture := drawn(t, `printf '\033[38;2;1;2;3;48;2;4;5;6mone\033[0m \033[7mtwo\033[0m \033[4;9mthree\033[0m\033[3m four\033[2m five\033[?25l'`)
	for _, want := range []string{
		`width="25.2" height="19" fill="#040506"/>`, `fill="#010203">one</text>`,
		`fill="` + ink + `"/>`, `fill="` + paper + `">two</text>`,
		`text-decoration="underline line-through">three`, `font-style="italic">four`, `opacity="0.6">five`,
	} {
		if !strings.Contains(picture, want) {
			t.Errorf("%s is not in the picture:\n%s", want, picture)
		}
	}
	if strings.Contains(picture, `width="2"`) {
		t.Error("a hidden cursor is drawn")
	}
}

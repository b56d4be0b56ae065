package main

import (
	"encoding/json"
	"strings"
	"testing"

	"coedit/editor"
	"coedit/internal/screen"
)

// hostile is a text that changes the title of a terminal, clears it and hides what follows, if it is written as it is.
const hostile = "one\x1b]0;PWNED\x07\x1b[2J\u009b31m\u202etwo\n"

func TestDisplayed(t *testing.T) {
	got := displayed(editor.Metrics{}, []byte(hostile+"\tthree"))
	if strings.ContainsAny(got, "\x1b\x07\u009b\u202e") || !strings.HasPrefix(got, "one^[]0;PWNED^G^[[2J") || !strings.HasSuffix(got, "two\n    three") {
		t.Errorf("%q", got)
	}
}

func TestEscapedJSON(t *testing.T) {
	b, err := json.Marshal(hostile)
	if err != nil {
		t.Fatal(err)
	}
	got := escaped(b)
	var back string
	if err := json.Unmarshal(got, &back); err != nil || back != hostile || strings.ContainsAny(string(got), "\x1b\u009b\u202e") {
		t.Errorf("%q is %q (%v)", got, back, err)
	}
}

// TestADocumentOnATerminal: what others wrote cannot do anything to it.
func TestADocumentOnATerminal(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	path := p.file("evil\x1b]0;TITLED\x07.txt", hostile)
	_, write, _ := p.share("ann", path)
	for _, args := range [][]string{{"coedit", "cat", write}, {"coedit", "history", "--at", "1", write}} {
		cat := p.terminal("cat", screen.Options{Args: args})
		cat.until("the text is there", screen.Shows("one^[]0;PWNED^G^[[2J"))
		cat.exits(exitDone)
	}
	info := p.terminal("info", screen.Options{Args: []string{"coedit", "info", write}})
	info.until("the name is there", screen.Shows("evil?]0;TITLED?.txt"))
	info.exits(exitDone)
	if got := p.cat(write); got != hostile {
		t.Errorf("a pipe gets %q", got)
	}
}

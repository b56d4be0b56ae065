package editor

import (
	"strings"
	"testing"

	"coedit/presence"
	"coedit/rga"
)

func TestOthersDoNotMoveTheCaret(t *testing.T) {
	for _, c := range []struct {
		name, from string
		edit       rga.Edit
		want       string
	}{
		{"before", "ab|c", rga.Edit{Insert: "xx"}, "xxab|c"},
		{"behind", "ab|c", rga.Edit{Offset: 3, Insert: "xx"}, "ab|cxx"},
		{"at it: stays before", "ab|c", rga.Edit{Offset: 2, Insert: "xx"}, "ab|xxc"},
		{"deleted before", "ab|c", rga.Edit{Delete: 1}, "b|c"},
		{"deleted around", "abc|def", rga.Edit{Offset: 1, Delete: 4}, "a|f"},
		{"deleted up to it", "abc|def", rga.Edit{Offset: 1, Delete: 2}, "a|def"},
		{"deleted from it on", "abc|def", rga.Edit{Offset: 3, Delete: 2}, "abc|f"},
		{"at a selection's start", "a^bc|d", rga.Edit{Offset: 1, Insert: "xx"}, "axx^bc|d"},
		{"at a selection's end", "a^bc|d", rga.Edit{Offset: 3, Insert: "xx"}, "a^bc|xxd"},
		{"at a backward selection's start", "a|bc^d", rga.Edit{Offset: 1, Insert: "xx"}, "axx|bc^d"},
		{"inside a selection", "a^bc|d", rga.Edit{Offset: 2, Insert: "xx"}, "a^bxxc|d"},
		{"a selection's text deleted", "a^bc|d", rga.Edit{Offset: 1, Delete: 2, Insert: "xx"}, "a|xxd"},
		{"a mark that joins", "e|x", rga.Edit{Offset: 1, Insert: "\u0301"}, "e\u0301|x"},
		{"a mark that joins a selection's end", "^e|x", rga.Edit{Offset: 1, Insert: "\u0301"}, "^e\u0301|x"},
		{"a mark in place of a selection", "e^x|", rga.Edit{Offset: 1, Delete: 1, Insert: "\u0301x"}, "e\u0301|x"},
		{"a flag that shifts", "🇩🇪|🇫🇷", rga.Edit{Insert: "🇬"}, "🇬🇩🇪🇫|🇷"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.NewReplacer("|", "", "^", "").Replace(c.from)
			a, b := pairOf(t, text)
			put(t, a, c.from)
			must(t, b.Replace(0, c.edit))
			exchange(t, a, b)
			want(t, a, c.want)
		})
	}
}

// A caret sent to the end of a line right behind what another is typing goes along, so that the word stays whole. What
// begins there does not take it along, neither a line nor another's text, and an own edit or motion ends it.
func TestCaretBehindAnothersTyping(t *testing.T) {
	end := func(e *Editor) { e.Move(LineEnd, false, 0) }
	for _, c := range []struct {
		name  string
		typed rga.Edit // by the other, before the caret moves
		do    func(*Editor)
		edit  rga.Edit // by the other, after
		want  string
	}{
		{"typed on", rga.Edit{Offset: 2, Insert: "wo"}, end, rga.Edit{Offset: 4, Insert: "rd"}, "abword|\ncd"},
		{"a new line", rga.Edit{Offset: 2, Insert: "wo"}, end, rga.Edit{Offset: 4, Insert: "rd\nx"}, "abword|\nx\ncd"},
		{"end of text", rga.Edit{Offset: 5, Insert: "wo"}, func(e *Editor) { e.Move(DocEnd, false, 0) }, rga.Edit{Offset: 7, Insert: "rd"}, "ab\ncdword|"},
		{"begun there", rga.Edit{}, end, rga.Edit{Offset: 2, Insert: "word"}, "ab|word\ncd"},
		{"moved since", rga.Edit{Offset: 2, Insert: "wo"}, func(e *Editor) { end(e); e.Move(Left, false, 0); e.Move(Right, false, 0) }, rga.Edit{Offset: 4, Insert: "rd"}, "abwo|rd\ncd"},
		{"typed since", rga.Edit{Offset: 2, Insert: "wo"}, func(e *Editor) { end(e); must(t, e.Insert(0, "!")) }, rga.Edit{Offset: 5, Insert: "x"}, "abwo!|x\ncd"},
		{"selecting", rga.Edit{Offset: 2, Insert: "wo"}, func(e *Editor) { e.Move(LineEnd, true, 0) }, rga.Edit{Offset: 4, Insert: "rd"}, "^abwo|rd\ncd"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, b := pairOf(t, "ab\ncd")
			if c.typed.Insert != "" {
				must(t, b.Replace(0, c.typed))
				exchange(t, a, b)
			}
			a.Select(0, 0)
			c.do(a)
			exchange(t, a, b)
			must(t, b.Replace(0, c.edit))
			exchange(t, a, b)
			want(t, a, c.want)
		})
	}
}

func TestGoalSurvivesOthersElsewhere(t *testing.T) {
	a, b := pairOf(t, "0123456789\nab\n0123456789\n")
	a.Select(7, 7)
	a.Move(LineDown, false, 0)
	must(t, b.Replace(0, rga.Edit{Insert: "above\n"}, rga.Edit{Offset: 20, Insert: "below"}))
	exchange(t, a, b)
	a.Move(LineUp, false, 0)
	want(t, a, "above\n0123456|789\nab\n012345below6789\n")
	a.Move(LineDown, false, 0)
	must(t, b.Replace(0, rga.Edit{Offset: 17, Insert: "X"})) // in the caret's line before the caret
	exchange(t, a, b)
	a.Move(LineUp, false, 0)
	want(t, a, "above\n012|3456789\nXab\n012345below6789\n")
}

func TestMergeFollows(t *testing.T) {
	a, b := pairOf(t, "text")
	a.Select(2, 2)
	must(t, b.Insert(0, "more "))
	if _, err := a.Merge(b.Doc().Encode()); err != nil {
		t.Fatal(err)
	}
	want(t, a, "more te|xt")
	if _, err := a.Apply([]byte("garbage")); err == nil {
		t.Fatal("garbage was applied")
	}
	if _, err := a.Merge([]byte("garbage")); err == nil {
		t.Fatal("garbage was merged")
	}
	want(t, a, "more te|xt")
}

func TestPeers(t *testing.T) {
	a, b := pairOf(t, "one two three")
	b.Select(4, 7)
	state := func(e *Editor, top int) presence.State {
		head, tail, first := e.Anchors(top)
		return presence.State{Replica: e.Doc().Replica(), Head: head, Tail: tail, Top: first}
	}
	s := state(b, 4)
	must(t, a.Replace(0, rga.Edit{Insert: "zero "}, rga.Edit{Offset: 4, Insert: "and "}, rga.Edit{Offset: 7, Insert: "!"}))
	peers := a.Peers([]presence.State{s, state(a, 0), {Replica: 3, Left: true}, {Replica: 4, Head: rga.Anchor{ID: rga.ID{Replica: 9, Seq: 1}}}})
	if len(peers) != 1 {
		t.Fatalf("%d peers", len(peers))
	}
	text := a.View().String()
	if p := peers[0]; text[p.Tail:p.Head] != "two" {
		t.Fatalf("selected %q of %q", text[p.Tail:p.Head], text)
	}
	if top, ok := a.Doc().Resolve(s.Top); !ok || text[top:top+3] != "two" {
		t.Fatalf("top is %d", top)
	}
	// What this document does not know yet is left out until it does.
	must(t, b.Insert(0, "2"))
	s = state(b, 0)
	if len(a.Peers([]presence.State{s})) != 0 {
		t.Fatal("a caret at an unknown element is shown")
	}
	exchange(t, a, b)
	if p := a.Peers([]presence.State{s}); len(p) != 1 || p[0].Head != p[0].Tail || a.View().String()[p[0].Head-1] != '2' {
		t.Fatalf("peers %v", p)
	}
}

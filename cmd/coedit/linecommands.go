package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"coedit/rga"
)

// read takes one line of input and says whether the user has left.
func (e *lineEditor) read(line string) (quit bool) {
	if e.adding != nil {
		e.add(line)
		return false
	}
	word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	rest = strings.TrimSpace(rest)
	if word != "q" {
		e.leaving = false
	}
	if len(word) > 1 && strings.ContainsAny(word[:1], "paicd") && strings.ContainsAny(word[1:2], ".0123456789") { // p3,4
		word, rest = word[:1], word[1:]
	}
	var err error
	switch word {
	case "":
	case "help", "h", "?":
		e.tell("%s", lineHelp)
	case "p", "a", "i", "c", "d":
		err = e.lines(word, rest)
	case "f":
		e.find(rest)
	case "u":
		err = e.step(e.ed.Undo, "Nothing left to undo.")
	case "r":
		err = e.step(e.ed.Redo, "Nothing to redo.")
	case "w", "w!":
		err = e.write(rest, word == "w!")
	case "who", "link", "say":
		e.session(word, rest)
	case "q":
		return e.mayQuit()
	default:
		e.tell("There is no command %s. Type help for the commands.", word)
	}
	if err != nil {
		e.tell("Not done: %v.", err)
	}
	return false
}

// step undoes or redoes.
func (e *lineEditor) step(f func(int64) (bool, error), nothing string) error {
	done, err := f(e.now().UnixMilli())
	switch {
	case err == nil && !done:
		e.tell("%s", nothing)
	case err == nil:
		e.line = e.ed.View().LineAt(e.ed.Selection().Head)
		e.tell("Done. %s", e.numbered(e.line))
	}
	return err
}

var errLines = errors.New("lines are written N or N,M, the first before the last")

// lines does what is done to a range of lines.
func (e *lineEditor) lines(command, text string) error {
	first, last, err := e.span(text)
	if err != nil {
		return err
	}
	v := e.ed.View()
	if command == "p" {
		if text == "" {
			last = min(first+9, v.Lines()-1)
		}
		for n := first; n <= last; n++ {
			e.tell("%s", e.numbered(n))
		}
		e.line = last
		return nil
	}
	if e.ed.ReadOnly() {
		return errors.New("you joined by a read-only link")
	}
	from, to := v.LineStart(first), v.LineStart(last+1)
	switch command {
	case "a":
		e.begin(to, to)
	case "i":
		e.begin(from, from)
	case "c":
		e.begin(from, to)
	case "d":
		e.line = min(first, max(v.Lines()-2, 0))
		if err = e.ed.Replace(e.now().UnixMilli(), rga.Edit{Offset: from, Delete: to - from}); err == nil {
			e.tell("Deleted %s.", many(last-first+1, "line"))
		}
		return err
	}
	return nil
}

// begin lets the user type lines that take the place of a range of the text as it is now.
func (e *lineEditor) begin(from, to int) {
	v := e.ed.View()
	before := v.Append(nil, max(from-1, 0), from)
	e.adding = &adding{
		version: e.ed.Doc().Version(), from: from, to: to,
		unended: from == v.Len() && len(before) > 0 && before[0] != '\n',
	}
	e.tell("Type the lines; a single dot ends them.")
}

// span reads N or N,M; nothing is where the user is.
func (e *lineEditor) span(text string) (first, last int, err error) {
	number := func(s string) int {
		if s = strings.TrimSpace(s); s == "." || s == "" {
			return e.line
		} else if s == "$" {
			return e.ed.View().Lines() - 1
		}
		n, bad := strconv.Atoi(s)
		switch lines := e.ed.View().Lines(); {
		case bad != nil || n < 1:
			err = errLines
		case n > lines && lines == 1:
			err = errors.New("there is only one line")
		case n > lines:
			err = fmt.Errorf("there are only %d lines", lines)
		}
		return n - 1
	}
	a, b, two := strings.Cut(text, ",")
	first = number(a)
	last = first
	if two {
		last = number(b)
	}
	if err == nil && last < first {
		err = errLines
	}
	return first, last, err
}

// add takes a line of new text, or the dot behind the last: then the lines go where the user saw their place, whatever others
// did meanwhile, and take away nothing but what was there then.
func (e *lineEditor) add(line string) {
	if line != "." {
		e.adding.text = append(e.adding.text, line)
		return
	}
	a, text := e.adding, ""
	e.adding = nil
	if len(a.text) > 0 {
		text = strings.Join(a.text, "\n") + "\n"
	}
	if a.unended {
		text = "\n" + strings.TrimSuffix(text, "\n") // behind a last line without an end
	}
	replace := func(at int64, edit rga.Edit) error { return e.ed.Replace(at, edit) }
	if !e.ed.Doc().Version().Equal(a.version) {
		replace = func(at int64, edit rga.Edit) error { return e.ed.ReplaceAt(at, a.version, edit) }
	}
	e.typedAt = a.from
	if err := replace(e.now().UnixMilli(), rga.Edit{Offset: a.from, Delete: a.to - a.from, Insert: text}); err != nil {
		e.tell("Not done: %v. What you typed:\n%s", err, text)
		return
	}
	e.line = e.ed.View().LineAt(max(min(e.typedAt, e.ed.View().Len())-1, 0))
	e.tell("Done: %s. %s", many(len(a.text), "line"), e.numbered(e.line))
}

func (e *lineEditor) find(text string) {
	v := e.ed.View()
	for i := 1; text != "" && i <= v.Lines(); i++ {
		n := (e.line + i) % v.Lines()
		if strings.Contains(string(e.ed.Line(nil, n)), text) {
			e.line = n
			e.tell("%s", e.numbered(n))
			return
		}
	}
	e.tell("Not found: %s", text)
}

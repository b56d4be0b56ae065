package main

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"coedit/internal/screen"
)

// patience bounds every wait of the scene.
const patience = 20 * time.Second

// columns and rows are the size of the terminal in the picture.
const columns, rows = 84, 30

//go:embed testdata/words.go.txt
var sample string

// scene is a session of three people in three terminals. Its methods do nothing after the first error, which is kept.
type scene struct {
	program, dir string
	all          []*screen.Terminal
	err          error
}

// play plays the scene and returns what the host of the file sees in the end.
func play(program, dir string) (screen.Screen, error) {
	s := &scene{program: program, dir: dir}
	defer func() {
		for _, t := range s.all {
			t.Close()
		}
	}()
	file, links := filepath.Join(dir, "words.go"), filepath.Join(dir, "links")
	if err := os.WriteFile(file, []byte(sample), 0o644); err != nil {
		return screen.Screen{}, err
	}

	ann := s.start("ann", "share", "--listen", "127.0.0.1:0", "--link-file", links, file)
	s.wait(ann, screen.Shows("Share this link"))
	s.press(ann, screen.Escape, screen.Hides("Share this link"))
	s.wait(ann, screen.Shows("online"))
	link := s.link(links)
	ben := s.start("ben", "join", link)
	s.wait(ben, screen.Shows("online", "ann:1"))
	cleo := s.start("cleo", "join", link)
	s.wait(cleo, screen.Shows("online", "ann:1", "ben:1"))

	// Ben comments line 12, cleo selects "map[string]int" in line 21, ann goes on with line 20.
	s.press(ben, strings.Repeat(screen.Down, 11)+screen.End, at(12, 16))
	s.press(ben, " // up to a million", screen.Shows("a million"))
	s.press(cleo, strings.Repeat(screen.Down, 20)+strings.Repeat(screen.Right, 24), at(21, 25))
	s.press(cleo, strings.Repeat(screen.ShiftRight, 14), at(21, 39))
	s.press(ann, strings.Repeat(screen.Down, 19)+screen.End, at(20, 39))
	s.press(ann, " Upper and lower case", screen.Shows("lower case", "ben:12", "cleo:21"))
	s.quiet(ann)
	shown := s.wait(ann, func(now screen.Screen) bool {
		return screen.Shows("ben:12", "cleo:21", "unsaved", "online")(now) && screen.Hides("on the way", " ms ")(now) &&
			at(20, 60)(now) && now.CursorShown && caretBehind(now, "a million") && caretBehind(now, "map[string]int")
	})
	return shown, s.err
}

func (s *scene) start(name string, args ...string) *screen.Terminal {
	if s.err != nil {
		return nil
	}
	t, err := screen.Start(screen.Options{
		Args: append([]string{s.program}, args...), Dir: s.dir, Columns: columns, Rows: rows,
		Env: []string{"COEDIT_NAME=" + name, "HOME=" + s.dir, "XDG_STATE_HOME=" + s.dir, "NO_PROXY=*"},
	})
	if err != nil {
		s.err = err
		return nil
	}
	s.all = append(s.all, t)
	return t
}

func (s *scene) wait(t *screen.Terminal, cond func(screen.Screen) bool) screen.Screen {
	if s.err != nil {
		return screen.Screen{}
	}
	now, err := t.WaitFor(patience, cond)
	s.err = err
	return now
}

// press types keys and waits for what they lead to.
func (s *scene) press(t *screen.Terminal, keys string, cond func(screen.Screen) bool) {
	if s.err != nil {
		return
	}
	t.Type(keys)
	s.wait(t, cond)
}

// quiet waits until no message hides the left part of the status line, and helps with Escape.
func (s *scene) quiet(t *screen.Terminal) {
	position := func(now screen.Screen) bool { return strings.Contains(now.Row(now.Rows-1), "Ln ") }
	for s.err == nil {
		_, err := t.WaitFor(patience/100, position)
		if err == nil {
			return
		}
		if !errors.Is(err, screen.ErrTimeout) {
			s.err = err
			return
		}
		t.Type(screen.Escape)
	}
}

// at is the condition that the caret is in a line and a column of a text that is not scrolled, both from 1.
func at(line, column int) func(screen.Screen) bool {
	const gutter = 4 // cells of the line numbers
	return func(now screen.Screen) bool { return now.CursorY == line-1 && now.CursorX == gutter+column-1 }
}

// caretBehind says whether another's caret stands behind a text.
func caretBehind(now screen.Screen, text string) bool {
	x, y, found := now.Find(text)
	return found && now.Cell(x+len(text), y).Bg != nil
}

// link reads the first line of the file of links, which is written once others can join.
func (s *scene) link(path string) string {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for s.err == nil {
		content, err := os.ReadFile(path)
		if link, _, complete := strings.Cut(string(content), "\n"); err == nil && complete {
			return link
		}
		select {
		case <-tick.C:
		case <-deadline:
			s.err = fmt.Errorf("no links were written within %v", patience)
		}
	}
	return ""
}

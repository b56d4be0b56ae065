package demo

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"coedit/editor"
)

// typist plays a script on an editor, one key at a time, as people do: not evenly, with slips that are taken back at
// once. It holds no clock; each key says how long to wait for the next. All that is random comes from its seed.
type typist struct {
	name  string
	ed    *editor.Editor
	rng   *rand.Rand
	pace  float64 // 1: as fast as people type; smaller is faster
	steps []step

	endless bool                // go on with chores
	busy    func(line int) bool // whether a person's caret is in that line, which is then left alone; nil: never
	tries   int                 // how often the present step found its line busy

	keys []key // what is left of the present step
}

// key is one press of a key.
type key struct {
	kind keyKind
	text string
}

type keyKind uint8

const (
	keyText keyKind = iota
	keyEnter
	keyBackspace
	keyUp
	keyDown
	keyEnd
	keyUndo
	keyNone // only waits
)

// Times between keys at pace 1.
const (
	keyTime   = 80 * time.Millisecond
	thinkTime = 900 * time.Millisecond
)

// press plays one key and says how long the next one is to wait; done when nothing is left to do.
func (t *typist) press(at int64) (wait time.Duration, done bool, err error) {
	for len(t.keys) == 0 {
		if len(t.steps) == 0 {
			if !t.endless {
				return 0, true, nil
			}
			t.steps = t.chore()
		}
		next := t.steps[0]
		t.steps = t.steps[1:]
		t.begin(next)
	}
	k := t.keys[0]
	t.keys = t.keys[1:]
	if err := t.play(k, at); err != nil {
		return 0, false, fmt.Errorf("demo: %s: %w", t.name, err)
	}
	return t.rhythm(k), false, nil
}

// begin turns a step into keys.
func (t *typist) begin(s step) {
	switch s.do {
	case goTo, pick:
		t.find(s)
	case write:
		t.keys = t.spell(s.text)
	case walk:
		kind := keyDown
		if s.n < 0 {
			kind, s.n = keyUp, -s.n
		}
		t.keys = append(t.repeat(kind, s.n), key{kind: keyEnd})
	case undo:
		t.keys = append([]key{{kind: keyNone}}, t.repeat(keyUndo, s.n)...)
	case think:
		t.keys = t.repeat(keyNone, 1)
	}
}

func (t *typist) repeat(kind keyKind, n int) []key {
	keys := make([]key, n)
	for i := range keys {
		keys[i].kind = kind
	}
	return keys
}

// maxTries is how often a busy line is looked at again before it is given up.
const maxTries = 5

// find moves the caret as a click of the mouse does. What is not to be found, because somebody changed it, is left out,
// with all that was to be done there.
func (t *typist) find(s step) {
	t.keys = t.repeat(keyNone, 1)
	from := strings.Index(t.ed.View().String(), s.at)
	if from >= 0 && t.busy != nil && t.busy(t.ed.View().LineAt(from)) {
		if t.tries++; t.tries < maxTries {
			t.steps = append([]step{s}, t.steps...)
			return
		}
		from = -1
	}
	t.tries = 0
	to := from + len(s.at)
	switch {
	case from < 0:
		for len(t.steps) > 0 && t.steps[0].do != goTo && t.steps[0].do != pick {
			t.steps = t.steps[1:]
		}
	case s.do == pick:
		t.ed.Select(from, to)
	default:
		t.ed.Select(to, to)
		t.keys = []key{{kind: keyEnd}, {kind: keyNone}}
	}
}

// spell turns text into keys, with a slip now and then.
func (t *typist) spell(text string) []key {
	var keys []key
	for _, r := range text {
		switch r {
		case '\n':
			keys = append(keys, key{kind: keyEnter})
			continue
		case '\b':
			keys = append(keys, key{kind: keyBackspace})
			continue
		}
		if r >= 'a' && r <= 'z' && t.rng.IntN(40) == 0 {
			slip := string('a' + (r-'a'+1+rune(t.rng.IntN(3)))%26)
			keys = append(keys, key{kind: keyText, text: slip}, key{kind: keyNone}, key{kind: keyBackspace})
		}
		keys = append(keys, key{kind: keyText, text: string(r)})
	}
	return keys
}

func (t *typist) play(k key, at int64) error {
	switch k.kind {
	case keyText:
		return t.ed.Insert(at, k.text)
	case keyEnter:
		return t.ed.Newline(at)
	case keyBackspace:
		return t.ed.Backspace(at, false)
	case keyUp:
		t.ed.Move(editor.LineUp, false, 0)
	case keyDown:
		t.ed.Move(editor.LineDown, false, 0)
	case keyEnd:
		t.ed.Move(editor.LineEnd, false, 0)
	case keyUndo:
		_, err := t.ed.Undo(at)
		return err
	}
	return nil
}

// rhythm is the time after a key: short within a word, longer after it, longest where somebody thinks.
func (t *typist) rhythm(k key) time.Duration {
	base := keyTime
	switch {
	case k.kind == keyNone:
		base = thinkTime
	case k.kind == keyEnter:
		base = 3 * keyTime
	case k.text == " ":
		base = 3 * keyTime / 2
	}
	spread := 0.6 + 0.8*t.rng.Float64()
	return time.Duration(float64(base) * spread * t.pace)
}

// chore makes the steps of one more note.
func (t *typist) chore() []step {
	note := chores[t.rng.IntN(len(chores))]
	steps := []step{{do: think}, {do: think}, {do: goTo, at: "// Notes"}}
	steps = append(steps, step{do: write, text: "\n// - " + t.name + ": " + note})
	if t.rng.IntN(4) == 0 {
		steps = append(steps, step{do: think}, step{do: undo, n: 1})
	}
	return append(steps, step{do: walk, n: t.rng.IntN(9) - 4}, step{do: think})
}

package tui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Errors of [Bind], which the caller puts into a sentence.
var (
	ErrKey     = errors.New("there is no such key")
	ErrTyping  = errors.New("that key types a character: add Ctrl or Alt")
	ErrCommand = errors.New("there is no such command")
)

// id names a command in the settings: the first words of its name, and what it does with a motion.
func (c *command) id() string {
	words := c.name
	for _, end := range []string{" (", ";", ":", ", or ", ", of "} {
		words, _, _ = strings.Cut(words, end)
	}
	id := strings.NewReplacer(" ", "-", ",", "", "'", "").Replace(strings.ToLower(words))
	switch {
	case c.group == groupSelect && !strings.HasPrefix(id, "select"):
		return "select-" + id
	case c.group == groupMove && !strings.Contains(id, "scroll") && !strings.Contains(id, "go-"):
		return "move-" + id
	}
	return id
}

// Bind gives a key, as people write it, to the command of that ID; an empty one takes the key away from whatever it did. It is for the time
// before the first program runs: keys are the same in all of them.
func Bind(key, id string) error {
	name, err := parseKey(key)
	if err != nil {
		return err
	}
	var target *command
	if id != "" {
		if target = commandByID(id); target == nil {
			return fmt.Errorf("%w: %s%s", ErrCommand, id, nearest(id))
		}
	}
	if old := bindings[name]; old != nil {
		old.keys = without(old.keys, name)
		old.also = without(old.also, name)
		delete(bindings, name)
	}
	if target != nil {
		target.keys = append([]string{name}, target.keys...)
		bindings[name] = target
	}
	return nil
}

func without(keys []string, key string) []string {
	return slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return k == key })
}

func commandByID(id string) *command {
	for i := range commands {
		if commands[i].id() == id {
			return &commands[i]
		}
	}
	return nil
}

// nearest suggests commands whose ID has a word of id in it.
func nearest(id string) string {
	var found []string
	for i := range commands {
		for word := range strings.SplitSeq(id, "-") {
			if len(word) > 2 && strings.Contains(commands[i].id(), word) && len(found) < 3 {
				found = append(found, commands[i].id())
				break
			}
		}
	}
	if len(found) == 0 {
		return ""
	}
	return "; is it " + strings.Join(found, ", ") + "?"
}

// namedKeys are the keys that have names, as Bubble Tea writes them, with other names that people use.
var namedKeys = map[string]string{
	"enter": "enter", "return": "enter", "esc": "esc", "escape": "esc", "tab": "tab", "space": "space", "backspace": "backspace",
	"delete": "delete", "del": "delete", "insert": "insert", "ins": "insert", "left": "left", "right": "right", "up": "up", "down": "down",
	"home": "home", "end": "end", "pgup": "pgup", "pageup": "pgup", "pgdown": "pgdown", "pgdn": "pgdown", "pagedown": "pgdown",
}

// parseKey reads a key as people write it: "Ctrl+Shift+Left".
func parseKey(key string) (string, error) {
	parts := strings.Split(strings.ToLower(key), "+")
	last := parts[len(parts)-1]
	if last == "" && len(parts) > 1 { // Ctrl++
		parts, last = parts[:len(parts)-1], "+"
	}
	held := map[string]bool{}
	for _, m := range parts[:len(parts)-1] {
		if m != "ctrl" && m != "alt" && m != "shift" || held[m] {
			return "", fmt.Errorf("%w: %s", ErrKey, key)
		}
		held[m] = true
	}
	name, named := namedKeys[last]
	switch {
	case named:
	case utf8.RuneCountInString(last) == 1 && last > " ":
		name = last
		if !held["ctrl"] && !held["alt"] {
			return "", fmt.Errorf("%w (%s)", ErrTyping, key)
		}
	case isFunctionKey(last):
		name = last
	default:
		return "", fmt.Errorf("%w: %s", ErrKey, key)
	}
	out := ""
	for _, m := range []string{"ctrl", "alt", "shift"} { // the order in which Bubble Tea names them
		if held[m] {
			out += m + "+"
		}
	}
	return out + name, nil
}

func isFunctionKey(s string) bool {
	n := 0
	if len(s) < 2 || s[0] != 'f' {
		return false
	}
	for _, r := range s[1:] {
		if r < '0' || r > '9' {
			return false
		}
		n = n*10 + int(r-'0')
	}
	return n >= 1 && n <= 35
}

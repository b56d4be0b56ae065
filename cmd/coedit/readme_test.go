package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"coedit/editor/tui"
)

var update = flag.Bool("update", false, "write the tables of the README anew")

const readme = "../../README.md"

// plainKey is Ctrl with a letter, which nobody can guess.
var plainKey = regexp.MustCompile(`^Ctrl\+[A-Z]$`)

// keysTable is the README's table of keys, from the table that drives the program. Of motions, which are where everybody
// expects them, it has only those on letters.
func keysTable() string {
	var b strings.Builder
	b.WriteString("\n| Key | |\n|---|---|\n")
	groups := map[string]bool{}
	for _, c := range tui.Commands() {
		groups[c.Group] = true
		if len(c.Keys) > 0 && (len(groups) <= 2 || plainKey.MatchString(c.Keys[0])) {
			fmt.Fprintf(&b, "| %s | %s |\n", strings.Join(c.Keys, ", "), c.Name)
		}
	}
	return b.String() + "\n"
}

// TestReadmeKeys: the README shows the keys that the program has.
func TestReadmeKeys(t *testing.T) {
	const begin, end = "-update -->\n", "<!-- end of keys -->"
	doc, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(doc), begin)
	table, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("the README has lost the marks around its table of keys")
	}
	want := keysTable()
	if table == want {
		return
	}
	if !*update {
		t.Fatalf("the README's keys are not the program's; run: go test ./cmd/coedit -run Keys -update\n%s", want)
	}
	if err := os.WriteFile(readme, []byte(head+begin+want+end+tail), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestReadmeLinks: what the README, CONTRIBUTING and the decisions point to is there.
func TestReadmeLinks(t *testing.T) {
	target := regexp.MustCompile(`\]\(([^)#:]+)\)`)
	for _, name := range []string{"README.md", "CONTRIBUTING.md"} {
		doc, err := os.ReadFile("../../" + name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range target.FindAllSubmatch(doc, -1) {
			if _, err := os.Stat("../../" + string(m[1])); err != nil {
				t.Errorf("%s points to %s: %v", name, m[1], err)
			}
		}
	}
}

// TestReadmeCommands: every command that the README shows exists, with its flags.
func TestReadmeCommands(t *testing.T) {
	doc, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile("(?m)(?:^    |`)coedit ([a-z]+)([^`#\n]*)").FindAllSubmatch(doc, -1)
	if len(shown) < 8 {
		t.Fatalf("only %d commands found in the README", len(shown))
	}
	flags := regexp.MustCompile(`--[a-z-]+`)
	for _, m := range shown {
		p := program{stdin: strings.NewReader(""), stdout: &bytes.Buffer{}, stderr: &bytes.Buffer{}, getenv: func(string) string { return "" }}
		cmd, _, err := newRoot(&p).Find([]string{string(m[1])})
		if err != nil || cmd.Name() != string(m[1]) {
			t.Errorf("there is no command %s", m[1])
			continue
		}
		for _, f := range flags.FindAllString(string(m[2]), -1) {
			if f != "--help" && cmd.Flags().Lookup(strings.TrimPrefix(f, "--")) == nil {
				t.Errorf("coedit %s has no %s", m[1], f)
			}
		}
	}
}

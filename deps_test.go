// Package coedit_test holds what is true of the module as a whole: which package may import which, what the pure
// packages keep away from, and that docs/DEPENDENCIES.md lists what the binary is made of.
package coedit_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "coedit"

// arrows is the dependency graph: what a package's own code may import of this module. Arrows point downwards only.
// A package that is not named here fails the test: decide first what it may know.
var arrows = map[string][]string{
	"rga":      {},
	"presence": {"rga"},

	"editor":        {"rga", "presence"},
	"editor/syntax": {},
	"editor/tui":    {"editor", "editor/syntax", "presence", "rga"},

	"transport/wire": {},
	"transport/seal": {},

	"transport/certificate": {},

	"transport":       {"transport/wire"},
	"transport/relay": {"transport", "transport/wire", "transport/seal"},
	"transport/store": {"transport", "transport/relay"},

	"internal/codec":     {"rga"},
	"internal/filewatch": {},
	"internal/journal":   {"internal/codec"},
	"internal/textfile":  {"rga"},
	"internal/session": {
		"internal/codec", "internal/journal", "editor", "presence", "rga",
		"transport", "transport/certificate", "transport/seal",
	},
	"internal/demo": {
		"internal/session", "internal/textfile", "editor", "presence", "rga",
		"transport", "transport/relay", "transport/seal",
	},

	"cmd/coedit": {
		"internal/filewatch", "internal/journal",
		"internal/session", "internal/demo", "internal/textfile", "internal/tracebench", "internal/relaybench", "internal/editorbench",
		"editor", "editor/tui", "presence", "rga",
		"transport", "transport/certificate", "transport/relay", "transport/seal", "transport/store",
	},

	// Measurements, and what only tests and make targets use.
	"internal/tracebench":  {"internal/codec", "rga", "transport", "transport/seal", "transport/wire"},
	"bench/relays/load":    {"internal/relaybench"},
	"internal/editorbench": {"internal/session", "rga", "transport/seal"},
	"internal/relaybench":  {"internal/codec", "rga", "transport", "transport/seal", "transport/wire"},
	"internal/faults":      {},
	"internal/outside":     {},
	"internal/wiregen":     {},
	"internal/wireschema":  {},
	"internal/screen":      {},
	"internal/picture":     {"internal/screen"},
	"internal/sim": {
		"internal/journal", "internal/session", "editor", "presence", "rga",
		"transport", "transport/relay", "transport/seal",
	},
	"rga/rgatest":             {"rga"},
	"transport/relay/logtest": {"transport", "transport/relay"},
}

// testArrows is what a package's tests may import besides.
var testArrows = map[string][]string{
	"rga":              {"rga/rgatest"},
	"presence":         {"rga/rgatest"},
	"editor":           {"rga/rgatest"},
	"editor/tui":       {"internal/textfile", "internal/screen"},
	"transport/wire":   {"internal/wireschema"},
	"transport":        {"internal/wireschema", "transport/relay", "transport/seal"},
	"transport/seal":   {"internal/outside"},
	"transport/relay":  {"transport/relay/logtest", "transport/store"},
	"transport/store":  {"transport/relay/logtest", "transport/seal"},
	"internal/session": {"transport/relay", "transport/wire", "internal/textfile", "rga/rgatest"},
	"internal/faults":  {"internal/session", "transport", "transport/relay", "transport/seal"},
	"internal/sim":     {"internal/codec", "transport/wire", "rga/rgatest"},
	"cmd/coedit":       {"transport/wire", "internal/screen"},
}

// pure packages start no goroutine, read no clock and do no I/O: time and randomness are arguments.
var pure = []string{"rga", "presence", "editor", "editor/syntax", "transport/seal"}

// listed is what of `go list -json` is used here.
type listed struct {
	ImportPath  string
	Dir         string
	GoFiles     []string
	Imports     []string
	TestImports []string

	XTestImports []string
}

// path is the package's path inside the module.
func (p listed) path() string { return inside(p.ImportPath) }

func inside(importPath string) string { return strings.TrimPrefix(importPath, module+"/") }

func ours(importPath string) bool { return strings.HasPrefix(importPath, module+"/") }

// standard says whether a package belongs to Go itself: its first element has no dot.
func standard(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return !strings.Contains(first, ".") && first != module
}

// packages lists the module's packages.
func packages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderrOf(err))
	}
	var all []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		if p.ImportPath != module {
			all = append(all, p)
		}
	}
}

func stderrOf(err error) string {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return string(exit.Stderr)
	}
	return ""
}

func TestArrowsPointDownwards(t *testing.T) {
	for _, p := range packages(t) {
		allowed, known := arrows[p.path()]
		if !known {
			t.Errorf("%s is not in the table of arrows: decide what it may import", p.path())
			continue
		}
		for _, imported := range p.Imports {
			if ours(imported) && !slices.Contains(allowed, inside(imported)) {
				t.Errorf("%s imports %s, which its arrows do not allow", p.path(), inside(imported))
			}
		}
		allowed = slices.Concat(allowed, testArrows[p.path()], []string{p.path(), "internal/outside"})
		for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
			if ours(imported) && !slices.Contains(allowed, inside(imported)) {
				t.Errorf("the tests of %s import %s, which their arrows do not allow", p.path(), inside(imported))
			}
		}
	}
}

// TestArrowsHaveNoCycle guards the table itself: "downwards" has a meaning only without cycles.
func TestArrowsHaveNoCycle(t *testing.T) {
	const visiting, done = 1, 2
	state := map[string]int{}
	var visit func(string)
	visit = func(p string) {
		switch state[p] {
		case done:
			return
		case visiting:
			t.Fatalf("the table of arrows has a cycle through %s", p)
		}
		state[p] = visiting
		for _, q := range arrows[p] {
			if _, known := arrows[q]; !known {
				t.Errorf("%s may import %s, which is not in the table", p, q)
			}
			visit(q)
		}
		state[p] = done
	}
	for p := range arrows {
		visit(p)
	}
}

// TestEditorAndTransportMeetInSession says it once more in the design's own words, over everything imported indirectly.
func TestEditorAndTransportMeetInSession(t *testing.T) {
	byPath := map[string]listed{}
	for _, p := range packages(t) {
		byPath[p.path()] = p
	}
	var reach func(from string, seen map[string]bool)
	reach = func(from string, seen map[string]bool) {
		if seen[from] {
			return
		}
		seen[from] = true
		for _, imported := range byPath[from].Imports {
			if ours(imported) {
				reach(inside(imported), seen)
			}
		}
	}
	for from := range byPath {
		seen := map[string]bool{}
		reach(from, seen)
		for to := range seen {
			if above(from, "editor") && above(to, "transport") || above(from, "transport") && above(to, "editor") {
				t.Errorf("%s reaches %s", from, to)
			}
		}
	}
}

func above(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }

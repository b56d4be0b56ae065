package coedit_test

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// dependency is what of `go list -deps -json` is used here.
type dependency struct {
	ImportPath string
	Imports    []string
	Module     *struct {
		Path string
		Main bool
	}
	Standard bool
}

// set is a set of module paths.
type set map[string]bool

func (s set) sorted() []string { return slices.Sorted(maps.Keys(s)) }

// binaryModules are the modules of the binary on every system it is built for: all, and those that this module imports
// itself.
func binaryModules(t *testing.T) (all, direct set) {
	t.Helper()
	all, direct = set{}, set{}
	for _, goos := range []string{"linux", "darwin", "windows"} {
		cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Imports,Module,Standard", "./cmd/coedit")
		cmd.Env = append(os.Environ(), "GOOS="+goos, "CGO_ENABLED=0")
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("go list for %s: %v\n%s", goos, err, stderrOf(err))
		}
		packages := decodeAll(t, string(out))
		for _, p := range packages {
			if p.Module == nil || p.Module.Main {
				continue
			}
			all[p.Module.Path] = true
		}
		for _, p := range packages {
			if p.Module == nil || !p.Module.Main {
				continue
			}
			for _, imported := range p.Imports {
				if q := packages[imported]; q.Module != nil && !q.Module.Main {
					direct[q.Module.Path] = true
				}
			}
		}
	}
	return all, direct
}

func decodeAll(t *testing.T, stream string) map[string]dependency {
	t.Helper()
	packages := map[string]dependency{}
	for d := json.NewDecoder(strings.NewReader(stream)); ; {
		var p dependency
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		packages[p.ImportPath] = p
	}
}

// otherModules are the modules that only tests and tools use directly.
func otherModules(t *testing.T, inBinary set) set {
	t.Helper()
	out, err := exec.Command("go", "mod", "edit", "-json").Output()
	if err != nil {
		t.Fatalf("go mod edit: %v", err)
	}
	var mod struct {
		Require []struct{ Path string }
		Tool    []struct{ Path string }
	}
	if err := json.Unmarshal(out, &mod); err != nil {
		t.Fatal(err)
	}
	var used []string
	for _, tool := range mod.Tool {
		used = append(used, tool.Path)
	}
	for _, p := range packages(t) {
		used = slices.Concat(used, p.Imports, p.TestImports, p.XTestImports)
	}
	others := set{}
	for _, path := range used {
		for _, m := range mod.Require {
			if above(path, m.Path) && !inBinary[m.Path] {
				others[m.Path] = true
			}
		}
	}
	return others
}

var row = regexp.MustCompile(`(?m)^\| ([a-z][a-z0-9.-]*\.[a-z]+/[^ |]+) \|(.*)\|$`)

// documented reads the module paths of the tables under a heading of docs/DEPENDENCIES.md, table by table.
func documented(t *testing.T, heading string) []set {
	t.Helper()
	doc, err := os.ReadFile("docs/DEPENDENCIES.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(doc), "\n## "+heading+"\n")
	if !found {
		t.Fatalf("docs/DEPENDENCIES.md has no section %q", heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var tables []set
	for _, part := range strings.Split(section, "|---|\n")[1:] {
		table := set{}
		part, _, _ = strings.Cut(part, "\n\n")
		for _, m := range row.FindAllStringSubmatch(part, -1) {
			if strings.Contains(m[2], "|  |") {
				t.Errorf("the row of %s has an empty cell", m[1])
			}
			table[m[1]] = true
		}
		tables = append(tables, table)
	}
	return tables
}

func TestDependenciesAreDocumented(t *testing.T) {
	all, direct := binaryModules(t)
	tables := documented(t, "In the binary")
	if len(tables) != 2 {
		t.Fatalf("%d tables under \"In the binary\", want 2", len(tables))
	}
	indirect := set{}
	for path := range all {
		if !direct[path] {
			indirect[path] = true
		}
	}
	compare(t, "modules that the binary uses directly", tables[0], direct)
	compare(t, "modules that come along", tables[1], indirect)
	others := documented(t, "In tests and tools only")
	compare(t, "modules of tests and tools", others[0], otherModules(t, all))
}

func compare(t *testing.T, what string, documented, used set) {
	t.Helper()
	for _, path := range used.sorted() {
		if !documented[path] {
			t.Errorf("%s: %s is used and not in docs/DEPENDENCIES.md", what, path)
		}
	}
	for _, path := range documented.sorted() {
		if !used[path] {
			t.Errorf("%s: %s is in docs/DEPENDENCIES.md and not used", what, path)
		}
	}
}

package coedit_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// impure are packages that the pure ones do not import, with all that lies below them.
var impure = []string{
	"os", "net", "syscall", "io/ioutil", "log", "crypto/rand", "runtime", "plugin", "embed", "database/sql", "testing",
}

// pureBelow lie below impure packages and are pure themselves, their impureNames apart.
var pureBelow = []string{"net/url", "net/netip", "log/slog"}

// impureNames are the names of otherwise pure packages that read a clock or a global source of randomness, or print.
var impureNames = map[string][]string{
	"time": {"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "Local", "LoadLocation"},
	"math/rand/v2": {
		"Int", "IntN", "Int32", "Int32N", "Int64", "Int64N", "Uint", "UintN", "Uint32", "Uint32N", "Uint64", "Uint64N",
		"N", "Float32", "Float64", "NormFloat64", "ExpFloat64", "Perm", "Shuffle",
	},
	"log/slog": {"Debug", "Info", "Warn", "Error", "Log", "LogAttrs", "Default", "SetDefault", "With"},
	"fmt":      {"Print", "Printf", "Println", "Scan", "Scanf", "Scanln"},
	"sync":     {"NewCond"}, // nobody waits in a pure package
	"context": {
		"WithTimeout", "WithDeadline", "WithTimeoutCause", "WithDeadlineCause", "AfterFunc",
	},
}

func TestPurePackages(t *testing.T) {
	seen := 0
	for _, p := range packages(t) {
		if !slices.Contains(pure, p.path()) {
			continue
		}
		seen++
		for _, imported := range p.Imports {
			for _, bad := range impure {
				if above(imported, bad) && !slices.Contains(pureBelow, imported) {
					t.Errorf("%s is pure and imports %s", p.path(), imported)
				}
			}
			if imported == "math/rand" {
				t.Errorf("%s imports math/rand, whose functions are global; math/rand/v2's Rand is an argument", p.path())
			}
			if p.path() == "rga" && !standard(imported) {
				t.Errorf("rga uses Go's own packages only and imports %s", imported)
			}
		}
		for _, name := range p.GoFiles {
			checkPureFile(t, filepath.Join(p.Dir, name), p.path()+"/"+name)
		}
	}
	if seen != len(pure) {
		t.Errorf("%d of the %d pure packages are there", seen, len(pure))
	}
}

// checkPureFile reports goroutines, channels' waiting and impure names of one source file.
func checkPureFile(t *testing.T, path, shown string) {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	local := localNames(file)
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			t.Errorf("%s:%d starts a goroutine", shown, fset.Position(n.Pos()).Line)
		case *ast.SelectStmt:
			t.Errorf("%s:%d waits on channels", shown, fset.Position(n.Pos()).Line)
		case *ast.SelectorExpr:
			x, ok := n.X.(*ast.Ident)
			if ok && slices.Contains(impureNames[local[x.Name]], n.Sel.Name) {
				t.Errorf("%s:%d uses %s.%s", shown, fset.Position(n.Pos()).Line, local[x.Name], n.Sel.Name)
			}
		}
		return true
	})
}

// localNames maps the names that a file gives its imports to their paths.
func localNames(file *ast.File) map[string]string {
	names := map[string]string{}
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		name := path[strings.LastIndex(path, "/")+1:]
		if path == "math/rand/v2" {
			name = "rand"
		}
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = path
	}
	return names
}

//go:build ignore

// go run bench/mutate.go [WHAT]      only those whose name contains WHAT
//
// Breaks the engine in one place after the other, in a copy, and shows that a test notices each: a test that cannot fail
// proves nothing. It ends with 1 when a broken engine passes, and when a place to break is no longer there.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// mutation replaces a piece of code, which must occur exactly once.
type mutation struct {
	what     string
	file     string // in rga
	old, new string
}

var mutations = []mutation{
	{
		"order: of equal times the smaller replica goes first", "integrate.go",
		"return l > lamport || l == lamport && s.id > r.id", "return l > lamport || l == lamport && s.id < r.id",
	},
	{
		"order: by replica alone", "integrate.go",
		"return l > lamport || l == lamport && s.id > r.id", "return l > 0 && s.id > r.id",
	},
	{
		"order: an insertion made later does not know greater times", "replica.go",
		"if lamport > r.latest() {", "if lamport > r.latest() && r.seq%2 == 0 {",
	},
	{
		"placement: not behind one's own deleted text", "local.go",
		"if tail, ok := d.ownTail(p); ok {", "if tail, ok := d.ownTail(p); ok && off < 0 {",
	},
	{
		"visibility: the last counter to come wins", "visibility.go",
		"if counter > v.counter(state, deleter) {", "if counter != v.counter(state, deleter) {",
	},
	{
		"visibility: one deleter's counter decides for all", "visibility.go",
		"return v.intern(n, (its|other)&hiddenBit)", "return v.intern(n, its&hiddenBit)",
	},
	{
		"visibility: states in use are swept away", "visibility.go",
		"\t\t\t\tkeep(s.state)\n", "\t\t\t\tif s.rep > 0 {\n\t\t\t\t\tkeep(s.state)\n\t\t\t\t}\n",
	},
	{
		"visibility: states are never swept away", "visibility.go",
		"if d.vis.used <= d.vis.limit {", "if d.vis.used >= 0 {",
	},
	{
		"visibility: ops that have ended still count where many lie above each other", "document_paint.go",
		"for len(*h) > 0 && (*h)[0].to <= at {", "for len(*h) > 0 && (*h)[0].to < at {",
	},
	{
		"held: nothing is released", "held.go",
		"if d.held.count == 0 {", "if d.held.count >= 0 {",
	},
	{
		"held: what waited for the released is forgotten", "held.go",
		"advanced = append(advanced, h.author)", "_ = advanced",
	},
	{
		"held: causes are not asked for", "remote.go",
		"if b.clock > have || d.lacks(b) {", "if b.clock > have {",
	},
	{
		"held: one author can have all the room", "held.go",
		"if a.count >= (count+1)/2 || a.bytes+size > bytes/2 {", "if a.count >= count || a.bytes+size > bytes {",
	},
	{
		"held: who needs most is looked at first", "held.go",
		"return q[i].need.clock < q[j].need.clock ||", "return q[i].need.clock > q[j].need.clock ||",
	},
	{
		"typing: what stands right behind it is not looked at", "typing.go",
		"s.n+n > spanMax || d.skipGreater(r, p, r.lamport(r.seq)) != p {", "s.n+n > spanMax {",
	},
	{
		"typing: any place in the last span is its end", "typing.go",
		"e.Offset != c.off+int(s.n) ||", "e.Offset < c.off || e.Offset > c.off+int(s.n) ||",
	},
	{
		"cursor: it is kept where text before it is hidden or shown", "insert.go",
		"\tt.cursor.leaf = noNode\n\tp = t.room(p, 2)\n\tl := t.leafForWrite(p.leaf)\n\ts := l.spans[p.i]", "\tp = t.room(p, 2)\n\tl := t.leafForWrite(p.leaf)\n\ts := l.spans[p.i]",
	},
	{
		"log: blocks are read again without what was remembered", "oplist.go",
		"recent: b.recent, ", "",
	},
	{
		"forgetting: a merge takes away what is shown", "document.go",
		"n > 0 && !agreed {", "n < 0 && !agreed {",
	},
	{
		"copy on write: leaves are changed in place", "tree.go",
		"m := &t.leaves[num]\n\tif m.p.epoch == t.epoch {", "m := &t.leaves[num]\n\tif m.p.epoch <= t.epoch {",
	},
	{
		"copy on write: inner nodes are changed in place", "tree.go",
		"m := &t.inners[num]\n\tif m.p.epoch == t.epoch {", "m := &t.inners[num]\n\tif m.p.epoch <= t.epoch {",
	},
	{
		"copy on write: a view begins no epoch", "view.go",
		"t.epoch++", "t.epoch += 0",
	},
	{
		"undo: another's deletion is taken back, too", "invert.go",
		"v.elements(t.reps[o.rep], o.seq0+skip, part, o.deleter, o.value(), exactly)",
		"v.elements(t.reps[o.rep], o.seq0+skip, part, o.deleter, o.value(), false && exactly)",
	},
	{
		"time: elements are there before they were made", "history.go",
		"min(s.end(), there)", "s.end()",
	},
	{
		"time: an undone deletion still hides", "history.go",
		"if open[0].counter&1 != 0 {", "if open[0].counter != 0 {",
	},
	{
		"edit at a version: among what came since, the newest goes first", "editat.go",
		"p := d.skipGreater(r, d.behind(l.rep, l.seq), l.lamport)", "p := d.behind(l.rep, l.seq)",
	},
	{
		"blame: the whole op's first tick", "blame.go",
		"clock := o.clock + seq - o.seq", "clock := o.clock",
	},
}

// tests is how a copy is tested.
var tests = []string{"test", "-failfast", "-timeout", "2m", "./rga", "./rga/rgatest"}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

func run() error {
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := copyModule(dir); err != nil {
		return err
	}
	if caught, out := broken(dir); caught != "" {
		return fmt.Errorf("the engine fails as it is: %s\n%s", caught, out)
	}
	var missed []error
	for _, m := range mutations {
		if len(os.Args) > 1 && !strings.Contains(m.what, os.Args[1]) {
			continue
		}
		start := time.Now()
		caught, err := m.try(dir)
		if err != nil {
			missed = append(missed, fmt.Errorf("%s: %w", m.what, err))
			caught = "NOT CAUGHT"
		}
		fmt.Printf("%-70s %-30s %5.1f s\n", m.what, caught, time.Since(start).Seconds())
	}
	return errors.Join(missed...)
}

// copyModule copies what the engine's tests need.
func copyModule(dir string) error {
	for _, name := range []string{"go.mod", "go.sum"} {
		b, err := os.ReadFile(name)
		if err != nil {
			return fmt.Errorf("run it in the module's root: %w", err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			return err
		}
	}
	return os.CopyFS(filepath.Join(dir, "rga"), os.DirFS("rga"))
}

// try breaks the copy, tests it, and mends it. It returns the test that noticed.
func (m mutation) try(dir string) (caught string, err error) {
	path := filepath.Join(dir, "rga", m.file)
	whole, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("there is no rga/%s any more; change bench/mutate.go", m.file)
	} else if err != nil {
		return "", err
	}
	if n := strings.Count(string(whole), m.old); n != 1 {
		return "", fmt.Errorf("%q occurs %d times in rga/%s, not once; change bench/mutate.go", m.old, n, m.file)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(whole), m.old, m.new, 1)), 0o644); err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.WriteFile(path, whole, 0o644)) }()
	if out, err := inside(dir, "build", "./rga"); err != nil {
		return "", fmt.Errorf("it does not compile; change bench/mutate.go\n%s", out)
	}
	if caught, _ = broken(dir); caught == "" {
		return "", errors.New("all tests pass")
	}
	return caught, nil
}

var failed = regexp.MustCompile(`(?m)^--- FAIL: (\w+)|^(panic: .{0,60})|^\s+(Test\w+) \(`)

// broken runs the tests and names what failed first; "" when nothing did.
func broken(dir string) (what, output string) {
	out, err := inside(dir, tests...)
	if err == nil {
		return "", out
	}
	for _, m := range failed.FindAllStringSubmatch(out, -1) {
		for _, name := range m[1:] {
			if name != "" {
				return name, out
			}
		}
	}
	return "go test fails", out
}

func inside(dir string, args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}

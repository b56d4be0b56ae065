package tracebench

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// ErrTrace: a file is no trace that can be replayed. What wraps it says where and why.
var ErrTrace = errors.New("not an editing trace")

// maxTrace bounds what is read of a trace after decompression, in bytes.
const maxTrace = 1 << 30

// Trace is a recording of edits as its file has it.
type Trace struct {
	Name       string // the file's name without .json and .gz
	Agents     int
	Start, End string // the text before and after
	Txns       []Txn
}

// Txn is one transaction: what an agent did, starting from the merge of its parents.
type Txn struct {
	Agent   int
	Parents []int // indices of earlier transactions
	At      int64 // unix milliseconds, 0 where the trace has none
	Patches []Patch
}

// Patch replaces Deleted code points at code point Pos by Inserted.
type Patch struct {
	Pos, Deleted int
	Inserted     string
}

// Patches is the number of patches of all transactions.
func (t *Trace) Patches() int {
	n := 0
	for i := range t.Txns {
		n += len(t.Txns[i].Patches)
	}
	return n
}

// Load reads a trace from a file, gzipped or not.
func Load(path string) (*Trace, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	name := strings.TrimSuffix(strings.TrimSuffix(filepath.Base(path), ".gz"), ".json")
	t, err := Read(f, name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// Read reads a trace, gzipped or not.
func Read(r io.Reader, name string) (*Trace, error) {
	in := bufio.NewReader(r)
	if magic, err := in.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, fmt.Errorf("%w: damaged gzip: %w", ErrTrace, err)
		}
		r = z
	} else {
		r = in
	}
	b, err := io.ReadAll(io.LimitReader(r, maxTrace+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTrace, err)
	}
	if len(b) > maxTrace {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrTrace, maxTrace)
	}
	var f file
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTrace, err)
	}
	return f.trace(name)
}

// file is the JSON of both formats.
type file struct {
	Kind         string    `json:"kind"`
	NumAgents    int       `json:"numAgents"`
	StartContent string    `json:"startContent"`
	EndContent   *string   `json:"endContent"`
	Txns         []fileTxn `json:"txns"`
}

type fileTxn struct {
	Parents []int       `json:"parents"`
	Agent   int         `json:"agent"`
	Time    string      `json:"time"`
	Patches []filePatch `json:"patches"`
}

type filePatch Patch

// UnmarshalJSON reads [pos, deleted, inserted].
func (p *filePatch) UnmarshalJSON(b []byte) error {
	var parts []json.RawMessage
	if err := json.Unmarshal(b, &parts); err != nil {
		return err
	}
	if len(parts) != 3 {
		return fmt.Errorf("a patch has %d parts instead of position, deleted and inserted", len(parts))
	}
	for i, part := range []any{&p.Pos, &p.Deleted, &p.Inserted} {
		if bytes.Equal(parts[i], []byte("null")) {
			return errors.New("a patch has null for a part")
		}
		if err := json.Unmarshal(parts[i], part); err != nil {
			return err
		}
	}
	if p.Pos < 0 || p.Deleted < 0 {
		return fmt.Errorf("a patch deletes %d characters at %d", p.Deleted, p.Pos)
	}
	return nil
}

// trace checks what does not depend on the text.
func (f *file) trace(name string) (*Trace, error) {
	if f.EndContent == nil {
		return nil, fmt.Errorf("%w: it has no endContent", ErrTrace)
	}
	t := &Trace{Name: name, Agents: 1, Start: f.StartContent, End: *f.EndContent, Txns: make([]Txn, len(f.Txns))}
	concurrent := f.Kind == "concurrent"
	switch {
	case !concurrent && f.Kind != "" && f.Kind != "sequential":
		return nil, fmt.Errorf("%w: its kind is %q, neither sequential nor concurrent", ErrTrace, f.Kind)
	case concurrent && f.NumAgents < 1:
		return nil, fmt.Errorf("%w: it is concurrent and has %d agents", ErrTrace, f.NumAgents)
	case concurrent && f.NumAgents > len(f.Txns)+1:
		return nil, fmt.Errorf("%w: it has %d agents for %d transactions", ErrTrace, f.NumAgents, len(f.Txns))
	case concurrent && f.StartContent != "":
		return nil, fmt.Errorf("%w: a concurrent trace starts from an empty text, this one has startContent", ErrTrace)
	case concurrent:
		t.Agents = f.NumAgents
	}
	for i := range f.Txns {
		x := &f.Txns[i]
		if concurrent {
			if err := x.judge(i, t.Agents); err != nil {
				return nil, err
			}
			t.Txns[i].Agent, t.Txns[i].Parents = x.Agent, x.Parents
		} else if i > 0 {
			t.Txns[i].Parents = []int{i - 1}
		}
		t.Txns[i].At = unixMilli(x.Time)
		t.Txns[i].Patches = make([]Patch, len(x.Patches))
		for j, p := range x.Patches {
			t.Txns[i].Patches[j] = Patch(p)
		}
	}
	return t, nil
}

// judge checks the place of a concurrent trace's i-th transaction among the others.
func (x *fileTxn) judge(i, agents int) error {
	if x.Agent < 0 || x.Agent >= agents {
		return fmt.Errorf("%w: transaction %d is of agent %d of %d", ErrTrace, i, x.Agent, agents)
	}
	for _, p := range x.Parents {
		if p < 0 || p >= i {
			return fmt.Errorf("%w: transaction %d names %d as its parent, which does not precede it", ErrTrace, i, p)
		}
	}
	return nil
}

// unixMilli reads a trace's time. Nothing hangs on it: what cannot be read, or is before 1970, is 0.
func unixMilli(s string) int64 {
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return 0
	}
	return max(0, at.UnixMilli())
}

// outside is the error for a patch that does not fit its text of the given length in code points.
func outside(txn, patch int, p Patch, length int) error {
	return fmt.Errorf("%w: patch %d of transaction %d deletes %d characters at %d of a text of %d",
		ErrTrace, patch, txn, p.Deleted, p.Pos, length)
}

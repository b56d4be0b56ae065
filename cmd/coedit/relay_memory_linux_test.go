package main

import (
	"bufio"
	"bytes"
	crand "crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"coedit/internal/outside"
)

// TestTheRelaysMachineHoldsNoText: a relay in a process of its own, through which a document of 1,000 random strings was
// shared, read and changed, has none of them in its memory, its store, and what it logged. The host's memory, searched in
// the same way, has them.
func TestTheRelaysMachineHoldsNoText(t *testing.T) {
	p := newPlace(t)
	mark := randomText(t, 6) // begins every string, so that one search finds them all
	lines := make([]string, 1000)
	for i := range lines {
		lines[i] = mark + randomText(t, 10)
	}
	first, all := strings.Join(lines[:500], "\n")+"\n", strings.Join(lines, "\n")+"\n"
	name := mark + "-plans.txt"
	store := filepath.Join(p.dir, "rooms")

	relay := p.process("relay", "serve", "--data", store, "--listen", "127.0.0.1:0", "--address-file", p.path("address"))
	address := strings.TrimSpace(p.awaitFile("address"))
	host := p.process("host", "share", "--headless", "--relay", "http://"+address, "--name", mark+"-ann", "--link-file", p.path("links"), p.file(name, first))
	write, _, _ := strings.Cut(p.awaitFile("links"), "\n")
	p.run("put", write, p.file("all.txt", all))
	if got := p.run("cat", write); got != all {
		t.Fatalf("cat prints %d bytes, want %d", len(got), len(all))
	}
	if n := found(t, host.Process.Pid, mark); n == 0 {
		t.Fatal("the search does not find the text even in the host's memory")
	}
	if n := found(t, relay.Process.Pid, mark); n != 0 {
		t.Errorf("%d strings of the document, or names, are in the relay's memory", n)
	}
	host.end()
	relay.end()
	searched := 0
	err := filepath.WalkDir(store, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		searched += len(b)
		if bytes.Contains(b, []byte(mark)) {
			t.Errorf("%s holds strings of the document", d.Name())
		}
		return err
	})
	if err != nil || searched < len(all) {
		t.Errorf("the store has %d bytes, the document %d (%v)", searched, len(all), err)
	}
	if log := relay.stderr.String() + relay.stdout.String(); strings.Contains(log, mark) || !strings.Contains(log, "joined") {
		t.Errorf("the relay's log:\n%s", log)
	}
	secret := write[strings.Index(write, "#")+3:]
	if log := relay.stderr.String(); strings.Contains(log, secret[:20]) {
		t.Error("the relay's log holds the link's secret")
	}
}

// found counts how often a text is in a process's memory.
func found(t *testing.T, pid int, text string) int {
	t.Helper()
	maps, err := os.Open(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		t.Fatal(err)
	}
	defer maps.Close()
	mem, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if errors.Is(err, fs.ErrPermission) {
		outside.Missing(t, "the permission to read a child's memory")
	} else if err != nil {
		t.Fatal(err)
	}
	defer mem.Close()
	n, read := 0, int64(0)
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		var from, to int64
		var mode string
		if _, err := fmt.Sscanf(lines.Text(), "%x-%x %s", &from, &to, &mode); err != nil || mode[0] != 'r' {
			continue
		}
		b := make([]byte, 4<<20+len(text))
		for at := from; at < to; at += 4 << 20 { // pieces overlap, so that no text is cut
			piece := b[:min(int64(len(b)), to-at)]
			got, err := mem.ReadAt(piece, at)
			n += bytes.Count(piece[:got], []byte(text))
			read += int64(got)
			if err != nil && !errors.Is(err, io.EOF) {
				break // a part that the kernel keeps
			}
		}
	}
	if read < 1<<20 {
		t.Fatalf("only %d bytes of process %d could be read", read, pid)
	}
	return n
}

func randomText(t *testing.T, n int) string {
	t.Helper()
	b := make([]byte, n)
	if _, err := crand.Read(b); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(b)
}

// child is coedit in a process of its own, without a terminal.
type child struct {
	*exec.Cmd
	t              *testing.T
	name           string
	stdout, stderr bytes.Buffer
	ended          bool
}

func (p *place) path(name string) string { return filepath.Join(p.dir, name) }

// process starts coedit, which is ended with the test.
func (p *place) process(name string, args ...string) *child {
	p.t.Helper()
	c := &child{t: p.t.(*testing.T), name: name}
	c.Cmd = exec.Command(outside.Need(p.t, "coedit"), args...) // this test binary: see TestMain
	c.Dir, c.Env = p.dir, append(os.Environ(), p.env()...)
	c.Stdout, c.Stderr = &c.stdout, &c.stderr
	if err := c.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(c.end)
	return c
}

// end interrupts the process and waits for it.
func (c *child) end() {
	if c.ended {
		return
	}
	c.ended = true
	_ = c.Process.Signal(syscall.SIGINT)
	cut := time.AfterFunc(soon, func() { _ = c.Process.Kill() })
	defer cut.Stop()
	_ = c.Wait() // the host says that nobody saved, by its exit code
}

// awaitFile waits until a file is there and gives its content.
func (p *place) awaitFile(name string) string {
	p.t.Helper()
	var content []byte
	p.until(name+" is written", func() bool {
		b, err := os.ReadFile(p.path(name))
		content = b
		return err == nil && len(b) > 0
	})
	return string(content)
}

package main

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"coedit/internal/outside"
	"coedit/transport/store"
)

var (
	crashRounds = flag.Int("crash.rounds", 10, "rounds of the crash test")
	crashSeed   = flag.Uint64("crash.seed", 0, "seed of the crash test; 0 draws one")
)

const (
	crashProcesses = 4
	crashPeople    = 5 // in each process
)

// TestCrashes kills the relay in every round, at any moment under load, and starts it again on its folder; in every second round
// some participants' processes, too, which go on from their journals. After each round everybody has the same text, and the
// relay gives it to one who comes anew; every line that the relay acknowledged is in it, and none is there twice.
func TestCrashes(t *testing.T) {
	seed := *crashSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("-crash.seed=%d", seed)
	c := &crash{t: t, random: rand.New(rand.NewPCG(seed, 1)), dir: t.TempDir(), acked: map[string]int{}, texts: map[string]string{}}
	c.news = make(chan struct{}, 1)
	c.addr = freeAddress(t)
	c.startRelay()
	defer func() { c.kill(c.relay) }()
	c.makeRoom()
	for i := range crashProcesses {
		c.startTypists(i)
		defer func() { c.kill(c.typists[i]) }()
	}
	began := time.Now()
	for round := range *crashRounds {
		c.round(round%2 == 1)
		if t.Failed() {
			t.Fatalf("round %d; -crash.seed=%d", round, seed)
		}
		if (round+1)%20 == 0 {
			t.Logf("%d rounds after %s", round+1, time.Since(began).Round(time.Second))
		}
	}
	total := 0
	for _, n := range c.acked {
		total += n
	}
	c.kill(c.relay)
	report, err := store.Check(filepath.Join(c.dir, "rooms"), nil)
	if err != nil || report.Rooms != 1 || len(report.Findings) > 0 {
		t.Errorf("in the end the store is %+v, %v", report, err)
	}
	t.Logf("%d rounds in %s; %d lines", *crashRounds, time.Since(began).Round(time.Second/10), total)
	if total < 10**crashRounds {
		t.Errorf("that was no load")
	}
}

// crash is the state of the test. Owned by the test's goroutine but for what mu guards.
type crash struct {
	t       *testing.T
	random  *rand.Rand
	dir     string
	addr    string
	link    string
	relay   *process
	typists [crashProcesses]*process

	news  chan struct{} // capacity 1; something was said
	mu    sync.Mutex    // guards the following fields
	acked map[string]int
	lost  string            // who found that the relay had lost something; "" nobody
	texts map[string]string // while settling
}

// process is one that was started here.
type process struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	read  sync.WaitGroup // its output
}

// freeAddress is an address where nobody listens at the moment.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// start runs a program; each line of its output is heard.
func (c *crash) start(heard func(line string), name string, args ...string) *process {
	c.t.Helper()
	p := &process{cmd: exec.Command(outside.Need(c.t, name), args...)}
	p.cmd.Env = append(os.Environ(), "HOME="+c.dir, "XDG_STATE_HOME="+c.dir, "COEDIT_NAME=host", "NO_PROXY=*")
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	p.stdin = stdin
	stdout, write, err := os.Pipe()
	if err != nil {
		c.t.Fatal(err)
	}
	log, err := os.OpenFile(filepath.Join(c.dir, name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		c.t.Fatal(err)
	}
	defer log.Close()
	p.cmd.Stdout, p.cmd.Stderr = write, log
	if err := p.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	write.Close()
	p.read.Go(func() {
		defer stdout.Close()
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			heard(lines.Text())
		}
	})
	return p
}

// kill ends a process without a word, and hears what it still said.
func (c *crash) kill(p *process) {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
	p.read.Wait()
}

func (c *crash) startRelay() {
	c.t.Helper()
	addressFile := filepath.Join(c.dir, "relay.addr")
	_ = os.Remove(addressFile)
	c.relay = c.start(func(string) {}, "coedit", "serve", "--listen", c.addr, "--data", filepath.Join(c.dir, "rooms"), "--address-file", addressFile)
	c.await("the relay listens", func() bool {
		_, err := os.Stat(addressFile)
		return err == nil
	})
}

// makeRoom shares a file, until the room is on the relay.
func (c *crash) makeRoom() {
	c.t.Helper()
	file, links := filepath.Join(c.dir, "file"), filepath.Join(c.dir, "link")
	if err := os.WriteFile(file, []byte("the first line\n"), 0o600); err != nil {
		c.t.Fatal(err)
	}
	host := c.start(func(string) {}, "coedit", "share", "--headless", "--relay", "http://"+c.addr, "--link-file", links, file)
	c.await("the room is made", func() bool {
		b, err := os.ReadFile(links)
		c.link, _, _ = strings.Cut(string(b), "\n")
		return err == nil && strings.Count(string(b), "\n") > 1
	})
	c.kill(host)
}

func (c *crash) startTypists(i int) {
	c.t.Helper()
	c.typists[i] = c.start(c.heard, "typists", c.link, filepath.Join(c.dir, "state"), strconv.Itoa(i*crashPeople), strconv.Itoa(crashPeople))
}

// heard notes what a typist said. It may be the last thing it ever said.
func (c *crash) heard(line string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch f := strings.Fields(line); {
	case len(f) == 3 && f[0] == "acked":
		n, err := strconv.Atoi(f[2])
		if err == nil {
			c.acked[f[1]] = max(c.acked[f[1]], n)
		}
	case len(f) == 2 && f[0] == "restores":
		c.lost = f[1]
	case len(f) == 4 && f[0] == "text":
		c.texts[f[1]] = f[2]
	}
	select {
	case c.news <- struct{}{}:
	default:
	}
}

// tell sends a command to all typists. Those that are dead do not hear it, and are told when they live again.
func (c *crash) tell(command string) {
	for _, p := range c.typists {
		_, _ = io.WriteString(p.stdin, command+"\n")
	}
}

// await waits for a condition that other processes bring about.
func (c *crash) await(what string, done func() bool) {
	c.t.Helper()
	limit := time.NewTimer(2 * time.Minute)
	defer limit.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-c.news:
		case <-tick.C:
		case <-limit.C:
			c.t.Fatalf("never: %s\n%s", what, c.state())
		}
	}
}

// state is what is known, for a failure.
func (c *crash) state() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var logs []byte
	for _, name := range []string{"coedit", "typists"} {
		b, _ := os.ReadFile(filepath.Join(c.dir, name+".log"))
		logs = append(logs, b[max(0, len(b)-3000):]...)
	}
	return fmt.Sprintf("texts %v\nacked %v\n%s", c.texts, c.acked, logs)
}

// passes lets time pass under load: that much is typed in it, it does not wait for anything to happen.
func (c *crash) passes(most time.Duration) {
	<-time.After(time.Duration(c.random.Int64N(int64(most))))
}

// round types, kills, and settles.
func (c *crash) round(participantsToo bool) {
	c.t.Helper()
	c.tell("type")
	c.passes(600 * time.Millisecond)
	var dead []int
	if participantsToo {
		dead = c.random.Perm(crashProcesses)[:1+c.random.IntN(2)]
	}
	before := c.random.IntN(2) == 0
	die := func() {
		for _, i := range dead {
			c.kill(c.typists[i])
			c.passes(20 * time.Millisecond)
		}
	}
	if before {
		die()
	}
	c.kill(c.relay)
	if !before {
		die()
	}
	c.passes(100 * time.Millisecond) // those who live type on without a relay
	c.startRelay()
	for _, i := range dead {
		c.startTypists(i)
	}
	c.tell("type")
	c.passes(300 * time.Millisecond)
	c.settle()
}

// settle waits until everybody has the same text, and looks at it.
func (c *crash) settle() {
	c.t.Helper()
	c.mu.Lock()
	clear(c.texts)
	c.mu.Unlock()
	c.tell("settle")
	c.await("everybody has the same text", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		sums := map[string]bool{}
		for _, sum := range c.texts {
			sums[sum] = true
		}
		return len(c.texts) == crashProcesses*crashPeople && len(sums) == 1
	})
	text, err := exec.Command(outside.Need(c.t, "coedit"), "cat", "--timeout", "60s", c.link).Output()
	if err != nil {
		said := ""
		if ended, ok := errors.AsType[*exec.ExitError](err); ok {
			said = string(ended.Stderr)
		}
		c.t.Fatalf("cat: %v: %s\n%s", err, said, c.state())
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	sum := fmt.Sprintf("%x", sha256.Sum256(text))
	for name, other := range c.texts {
		if other != sum {
			c.t.Errorf("%s has another text than the relay's log gives", name)
		}
	}
	if c.lost != "" {
		c.t.Errorf("%s had to restore the room: the relay lacked what it had delivered or acknowledged", c.lost)
	}
	c.look(string(text))
}

// look finds every line that was acknowledged, once.
func (c *crash) look(text string) {
	count := map[string]int{}
	for line := range strings.Lines(text) {
		count[strings.TrimSpace(line)]++
	}
	for line, n := range count {
		if n > 1 {
			c.t.Errorf("%q is there %d times", line, n)
		}
	}
	if count["the first line"] != 1 {
		c.t.Error("the first line is missing")
	}
	for name, acked := range c.acked {
		for n := 1; n <= acked; n++ {
			if line := fmt.Sprintf("%s:%d", name, n); count[line] == 0 {
				c.t.Errorf("%q was acknowledged and is missing", line)
			}
		}
	}
}

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the scripts run this test binary as coedit: the whole program, in a process of its own. Relays of tests
// listen on loopback, where nothing else is said.
func TestMain(m *testing.M) {
	const listen = "COEDIT_LISTEN"
	if os.Getenv(listen) == "" {
		os.Setenv(listen, "127.0.0.1:0")
	}
	testscript.Main(m, map[string]func(){"coedit": main, "typists": typists})
}

// TestScript runs the stories of users in testdata/script.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("COEDIT_NAME", "tester")
			env.Setenv("COEDIT_TIMEOUT", patience.String()) // machines that test are busy
			env.Setenv("NO_PROXY", "*")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "again": again, "until": until,
			"links": links, "address": awaitAddress, "host-of": hostOf,
			"cut": cutShort, "spoil": spoil, "elsewhere": elsewhere,
			"write": write, "grows": grows, "mode": mode,
			"closed": closedPort, "web": webServer, "mute": muteServer, "relay": foreignRelay,
			"garbage": garbage, "oversize": oversize, "sigterm": terminate, "sigkill": kill, "id-of": idOf, "hangup": hangUp,
			"ask-save": askSave, "shows": showsText, "holds": holds, "contains": contains, "symbolic": symbolic,
			"proxy": startProxy, "proxied": proxied, "mispin": mispin, "relay-at": relayAt,
		},
	})
}

// patience bounds what a script waits for.
const patience = time.Minute

// await polls a condition; scripts wait for other processes, which cannot signal.
func await(ts *testscript.TestScript, what string, done func() bool) {
	deadline := time.After(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			ts.Fatalf("waited %s for %s", patience, what)
		}
	}
}

// exits CODE coedit ARGS...: runs a program that ends with the exit code. Its output is there for stdout, stderr and cmp,
// and never holds a stack trace.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
	if stderr := ts.ReadFile("stderr"); strings.Contains(stderr, "goroutine ") || strings.Contains(stderr, "panic") {
		ts.Fatalf("a stack trace: %s", stderr)
	}
}

// links FILE: waits for a link file and sets $WRITE and $READ.
func links(ts *testscript.TestScript, _ bool, args []string) {
	lines := strings.Split(awaitFile(ts, args[0]), "\n")
	if len(lines) != 3 || lines[2] != "" {
		ts.Fatalf("a link file has two lines, not %q", lines)
	}
	ts.Setenv("WRITE", lines[0])
	ts.Setenv("READ", lines[1])
	if info, err := os.Stat(ts.MkAbs(args[0])); err != nil || info.Mode().Perm() != 0o600 {
		ts.Fatalf("the link file's mode is not 0600: %v, %v", info, err)
	}
}

// address FILE: waits for an address file and sets $ADDR.
func awaitAddress(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv("ADDR", strings.TrimSuffix(awaitFile(ts, args[0]), "\n"))
}

func awaitFile(ts *testscript.TestScript, name string) string {
	path := ts.MkAbs(name)
	var content []byte
	await(ts, path, func() bool {
		b, err := os.ReadFile(path)
		content = b
		return err == nil
	})
	return string(content)
}

// write FILE STRING: writes a file; the string is Go's, so that it can hold any byte.
func write(ts *testscript.TestScript, _ bool, args []string) {
	s, err := strconv.Unquote(`"` + args[1] + `"`)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(s), 0o644))
}

// sigterm: sends SIGTERM to the program started last in the background.
func terminate(ts *testscript.TestScript, _ bool, _ []string) {
	all := ts.BackgroundCmds()
	ts.Check(all[len(all)-1].Process.Signal(syscall.SIGTERM))
}

// sigkill: kills the last program in the background.
func kill(ts *testscript.TestScript, _ bool, _ []string) {
	all := ts.BackgroundCmds()
	ts.Check(all[len(all)-1].Process.Kill())
}

// id-of: sets $ID to the first journal that the last program listed.
func idOf(ts *testscript.TestScript, _ bool, _ []string) {
	id := regexp.MustCompile(`(?m)^[0-9a-f]{12}-[0-9a-f]{8}`).FindString(ts.ReadFile("stdout"))
	if id == "" {
		ts.Fatalf("no journal is listed")
	}
	ts.Setenv("ID", id)
}

// hangup: sends SIGHUP, as a terminal that is closed does.
func hangUp(ts *testscript.TestScript, _ bool, _ []string) {
	all := ts.BackgroundCmds()
	ts.Check(all[len(all)-1].Process.Signal(syscall.SIGHUP))
}

// mode FILE OCTAL: checks a file's permissions.
func mode(ts *testscript.TestScript, _ bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	if got := fmt.Sprintf("%04o", info.Mode().Perm()&fs.ModePerm); got != args[1] {
		ts.Fatalf("%s has mode %s, want %s", args[0], got, args[1])
	}
}

// grows FILE SEED BYTES: writes a text file of about that size.
func grows(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[2])
	ts.Check(err)
	var b bytes.Buffer
	for line := 0; b.Len() < n; line++ {
		fmt.Fprintf(&b, "%s %d: the quick brown fox jumps over the lazy dog\n", args[1], line)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o644))
}

// again PROGRAM ARGS...: runs a program until it succeeds.
func again(ts *testscript.TestScript, _ bool, args []string) {
	await(ts, strings.Join(args, " "), func() bool { return ts.Exec(args[0], args[1:]...) == nil })
}

// until FILE COMMAND...: runs a command again until it prints what is in the file.
func until(ts *testscript.TestScript, _ bool, args []string) {
	want := ts.ReadFile(args[0])
	await(ts, strings.Join(args, " "), func() bool {
		return ts.Exec(args[1], args[2:]...) == nil && ts.ReadFile("stdout") == want
	})
}

// linkIn reads the first link of a file.
func linkIn(ts *testscript.TestScript, name string) string {
	line, _, _ := strings.Cut(ts.ReadFile(name), "\n")
	return line
}

// cut FILE TO: writes the link of a file without its last characters.
func cutShort(ts *testscript.TestScript, _ bool, args []string) {
	link := linkIn(ts, args[0])
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(link[:len(link)-9]), 0o600))
}

// spoil FILE TO: writes the link of a file with one character of its secret changed.
func spoil(ts *testscript.TestScript, _ bool, args []string) {
	link := []byte(linkIn(ts, args[0]))
	at := len(link) - 9
	if link[at] == 'a' {
		link[at] = 'b'
	} else {
		link[at] = 'a'
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), link, 0o600))
}

// elsewhere FILE ADDR TO: writes the link of a file as if its room were at another relay.
func elsewhere(ts *testscript.TestScript, _ bool, args []string) {
	_, rest, _ := strings.Cut(linkIn(ts, args[0]), "/r/")
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte("http://"+args[1]+"/r/"+rest), 0o600))
}

// host-of FILE: sets $ADDR to the relay of a file's link.
func hostOf(ts *testscript.TestScript, _ bool, args []string) {
	addr, _, _ := strings.Cut(strings.TrimPrefix(linkIn(ts, args[0]), "http://"), "/")
	ts.Setenv("ADDR", addr)
}

// symbolic LINK TARGET: checks that a file is a symbolic link.
func symbolic(ts *testscript.TestScript, _ bool, args []string) {
	if target, err := os.Readlink(ts.MkAbs(args[0])); err != nil || target != args[1] {
		ts.Fatalf("%s is a link to %q: %v", args[0], target, err)
	}
}

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"

	"coedit/internal/session"
	"coedit/internal/textfile"
	"coedit/transport"
	"coedit/transport/seal"
)

// TestExplain: every kind of error has its exit code, and what has a remedy says so.
func TestExplain(t *testing.T) {
	refused := &transport.ConnectError{Host: "host:1", Err: fmt.Errorf("dial: %w", syscall.ECONNREFUSED)}
	for _, c := range []struct {
		err  error
		code int
		what string
		hint bool
	}{
		{errors.New("something"), exitFailure, "something", false},
		{usageError("do this", "not %s", "that"), exitUsage, "not that", true},
		{fmt.Errorf("%w: too short; copy it again", seal.ErrLink), exitUsage, "this link cannot be used: too short", true},
		{fmt.Errorf("x: %w", &transport.Refusal{Code: transport.RefusedNoRoom, Text: "no room"}), exitRefused, "no room", true},
		{&transport.Refusal{Code: transport.RefusedVersion, Text: "versions"}, exitRefused, "versions", true},
		{fmt.Errorf("%w: %w", session.ErrUnreachable, refused), exitConnect, "cannot connect to the relay at host:1: connection refused", true},
		{&transport.NotRelayError{Host: "host:1", Answer: "404"}, exitConnect, "host:1 answers, but it is not a coedit relay (404)", true},
		{session.ErrNoDocument, exitConnect, "the room is there, but nobody who has the document is", true},
		{fmt.Errorf("%w: %w", session.ErrUnacknowledged, context.DeadlineExceeded), exitConnect, "the relay did not confirm the change in time, so it may be lost", true},
		{context.DeadlineExceeded, exitConnect, "the relay did not answer in time", true},
		{fmt.Errorf("cannot open x: %w: byte 3", textfile.ErrBinary), exitFailure, "cannot open x: not a text file: byte 3", true},
		{fmt.Errorf("cannot open x: %w", fs.ErrPermission), exitFailure, "cannot open x: permission denied", true},
	} {
		e := explain(c.err)
		if e.code != c.code || e.what != c.what || (e.hint != "") != c.hint {
			t.Errorf("%v: code %d, %q, hint %q", c.err, e.code, e.what, e.hint)
		}
	}
}

// TestErrorsCarryNoControlCharacters: what a relay or a file name says does not reach the terminal as it is.
func TestErrorsCarryNoControlCharacters(t *testing.T) {
	var b bytes.Buffer
	explain(&transport.Refusal{Text: "go\x1b]0;away\a \u202eback\r\nline"}).print(&b)
	if got := b.String(); strings.ContainsAny(strings.TrimSuffix(got, "\n"), "\x1b\a\r\n\u202e") {
		t.Errorf("%q", got)
	}
}

// TestPanicIsASentence: a bug of ours does not end in a stack trace, unless asked for.
func TestPanicIsASentence(t *testing.T) {
	for _, debug := range []string{"", "1"} {
		var stderr bytes.Buffer
		p := program{stderr: &stderr, getenv: func(key string) string {
			if key == "COEDIT_DEBUG" {
				return debug
			}
			return ""
		}}
		// Without standard output the first command that prints hits a nil writer.
		if code := p.run(t.Context(), []string{"version"}); code != exitFailure {
			t.Errorf("exit code %d", code)
		}
		if got := stderr.String(); !strings.HasPrefix(got, "coedit: a bug in coedit ended it") ||
			strings.Contains(got, "goroutine") != (debug != "") {
			t.Errorf("COEDIT_DEBUG=%q: %s", debug, got)
		}
	}
}

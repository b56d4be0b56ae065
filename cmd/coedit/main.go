package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

func main() {
	ending := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as nohup has it
		ending = append(ending, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), ending...)
	defer stop()
	p := program{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv}
	code := p.run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// program is what the commands have of the world around them.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string

	plain    bool       // --plain: also without TLS to other machines
	settings settings   // of the editor
	require  suiteValue // --require-suite: refuse rooms of any other suite
}

// run does what the arguments say and returns the exit code. ctx ends when the user or the system wants the program to end.
func (p *program) run(ctx context.Context, args []string) (code int) {
	defer func() {
		if r := recover(); r != nil {
			code = p.crashed(r)
		}
	}()
	root := newRoot(p)
	root.SetArgs(args)
	root.SetIn(p.stdin)
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	report := explain(err)
	report.print(p.stderr)
	return report.code
}

// debugHint is what to do about a bug of ours.
const debugHint = "please report it, with what COEDIT_DEBUG=1 prints when it happens again"

// crashed reports a bug of ours in a sentence.
func (p *program) crashed(r any) int {
	report := errorWithHint{
		code: exitFailure,
		what: fmt.Sprintf("a bug in coedit ended it: %v", r),
		hint: debugHint,
	}
	report.print(p.stderr)
	if p.getenv("COEDIT_DEBUG") != "" {
		fmt.Fprintf(p.stderr, "%s\n", debug.Stack())
	}
	return exitFailure
}

// interrupted says whether err is only that the user, or the system, ended the program.
func interrupted(ctx context.Context, err error) bool {
	return ctx.Err() != nil && errors.Is(err, context.Canceled)
}

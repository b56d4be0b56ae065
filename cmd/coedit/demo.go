package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"coedit/editor/tui"
	"coedit/internal/demo"
	"coedit/internal/session"
	"coedit/rga"

	"github.com/spf13/cobra"
)

const demoLong = `demo starts a relay on this machine, shares a real file and lets two simulated partners type into it.

In a terminal you are the third: type along, undo, save; F1 shows the keys. Without a terminal the same session
plays by itself in some seconds, one partner goes offline for a while, and what converged is printed;
the exit code is 0 only if everybody ended with the same bytes.`

type demoOptions struct {
	headless bool
	seed     uint64
	name     string
}

func newDemo(p *program) *cobra.Command {
	var o demoOptions
	cmd := &cobra.Command{
		Use:     "demo",
		Short:   "Watch two partners edit a file, and type along",
		Long:    demoLong,
		Example: "  coedit demo\n  coedit demo --headless --seed 7",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.headless || !terminal(p.stdin) || !terminal(p.stdout) {
				return p.demoHeadless(cmd.Context(), o)
			}
			return p.demoOnScreen(cmd.Context(), o)
		},
	}
	cmd.Flags().BoolVar(&o.headless, "headless", false, "play by itself, also in a terminal")
	cmd.Flags().Uint64Var(&o.seed, "seed", 0, "what the partners do; 0 draws one, which is printed")
	p.lookFlags(cmd)
	nameFlag(cmd, &o.name)
	return cmd
}

// demoHeadless plays the session and prints what it ended with.
func (p *program) demoHeadless(ctx context.Context, o demoOptions) error {
	bar := &progress{w: p.stderr, live: terminal(p.stderr)}
	summary, err := demo.Run(ctx, demo.Config{Seed: o.seed, Progress: bar.show})
	bar.end()
	if err != nil {
		if interrupted(ctx, err) {
			return errorWithHint{code: exitFailure, what: "the demo was ended before it was done", err: err}
		}
		return err
	}
	fmt.Fprint(p.stdout, summary)
	if !summary.Equal {
		return errorWithHint{
			code: exitFailure, what: "the replicas did not end with the same bytes: this is a bug in coedit",
			hint: fmt.Sprintf("please report it with the seed %d", summary.Seed),
		}
	}
	return nil
}

// progress shows how far something has come: a bar that is drawn over itself on a terminal, else a line for each stage.
type progress struct {
	w     io.Writer
	live  bool
	stage string
	drawn bool
}

const barCells = 24

func (b *progress) show(fraction float64, stage string) {
	if !b.live {
		if stage != b.stage {
			fmt.Fprintf(b.w, "%3.0f %%  %s\n", 100*fraction, stage)
		}
		b.stage = stage
		return
	}
	full := min(max(int(fraction*barCells), 0), barCells)
	fmt.Fprintf(b.w, "\r\x1b[K[%s%s] %3.0f %%  %s", strings.Repeat("#", full), strings.Repeat(".", barCells-full), 100*fraction, stage)
	b.drawn = true
}

// end takes the bar away.
func (b *progress) end() {
	if b.drawn {
		fmt.Fprint(b.w, "\r\x1b[K")
	}
}

// demoOnScreen is the same session with the user as host, in the real editor.
func (p *program) demoOnScreen(ctx context.Context, o demoOptions) (err error) {
	dir, err := os.MkdirTemp("", "coedit-demo-")
	if err != nil {
		return failure(err, "", "cannot make a folder for the demo's file: %s", cause(err))
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, demo.SampleName)
	if err := os.WriteFile(path, demo.Sample(), 0o600); err != nil {
		return failure(err, "", "cannot write the demo's file: %s", cause(err))
	}
	file, text, err := openFile(path)
	if err != nil {
		return err
	}
	room, err := demo.OpenRoom()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, room.Close()) }()
	part, err := room.Host(p.nameOr(o.name), text, nil)
	if err != nil {
		return err
	}
	before := part.Editor().Doc().Version()
	stop := p.beside(ctx, room, part, o.seed)
	defer stop()
	err = p.edit(ctx, tui.Options{
		Editor: part.Editor(), Session: &screenSession{part: part, file: file}, File: file, Name: file.Name(),
		Intro: demoIntro, Scratch: true,
	}, nil)
	if err == nil {
		fmt.Fprint(p.stdout, demoEnd(part, before))
	}
	return err
}

// demoIntro is what stands on the screen at first, beside the partners at work.
const demoIntro = "ada and sam are simulated; they join in a moment and edit this little program with you. Move with the arrows and type: " +
	"they see it at once, and Ctrl+Z takes back what you typed, never what they did.\n\n" +
	"F1 lists the keys. F2 shows a link, with which you can join from a second terminal. Ctrl+Q leaves; the file is thrown away then.\n\n" +
	"Esc, or just typing, closes this."

// demoEnd says what happened and what comes next. It is called once nobody edits any more.
func demoEnd(part *session.Participant, before rga.Version) string {
	doc := part.Editor().Doc()
	own, all := uint64(0), uint64(0)
	for id, ticks := range doc.Version() {
		ticks -= before[id]
		if _, signed := session.AuthorName(doc, id); signed {
			ticks-- // the name is no change to the text
		}
		if id == part.Replica() {
			own = ticks
		}
		all += ticks
	}
	return fmt.Sprintf("You made %d of the %d changes to %s, which is thrown away now.\nNow with a file of yours: coedit share FILE\n",
		own, all, demo.SampleName)
}

// beside runs the host's connection and the partners; stop ends them.
func (p *program) beside(ctx context.Context, room *demo.Room, part *session.Participant, seed uint64) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() { _ = part.Run(ctx) }) // a refusal reaches the owner, too
	running.Go(func() {
		link, err := room.Link()
		if err == nil {
			_ = demo.Partners(ctx, link, seed) // without partners the user still has an editor, which says that nobody is here
		}
	})
	return func() {
		part.Close()
		cancel()
		running.Wait()
	}
}

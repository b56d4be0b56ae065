package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"coedit/editor"
	"coedit/internal/session"
	"coedit/transport/seal"
)

// typists is a process of the crash test: several participants of one room, each with its journal, who type lines of their own.
// It obeys standard input, "type" and "settle", and says on standard output
//
//	acked NAME N          the relay has acknowledged this one's lines up to number N
//	restores NAME         the relay lacks something that it had delivered or acknowledged
//	text NAME SUM LINES   settling: all own lines are acknowledged; a hash of the text
//
// Arguments: link, folder, first, number of participants.
func typists() {
	if err := runTypists(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "typists:", err)
		os.Exit(1)
	}
}

func runTypists(args []string) error {
	link, err := seal.ParseLink(args[0])
	if err != nil {
		return err
	}
	first, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	people, err := strconv.Atoi(args[3])
	if err != nil {
		return err
	}
	var settling atomic.Bool
	settling.Store(true)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() { // until the test closes it, or ends
		for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
			settling.Store(lines.Text() == "settle")
		}
		cancel()
	}()
	failed := make(chan error, people)
	var all sync.WaitGroup
	for i := first; i < first+people; i++ {
		all.Go(func() {
			t := &typist{name: fmt.Sprintf("c%02d", i), link: link, random: rand.New(rand.NewPCG(uint64(i), uint64(os.Getpid()))), settling: &settling}
			if err := t.run(ctx, filepath.Join(args[1], t.name)); err != nil && ctx.Err() == nil {
				failed <- fmt.Errorf("%s: %w", t.name, err)
				cancel()
			}
		})
	}
	all.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

// typist is one participant.
type typist struct {
	name     string
	link     seal.Link
	random   *rand.Rand
	settling *atomic.Bool
	part     *session.Participant

	typed, acked int // numbers of lines
	due          time.Time
	said         string
}

// impatient makes participants come back at once: a relay that is killed every second would have them wait longer and longer.
type impatient struct{ r *rand.Rand }

func (i impatient) Uint64() uint64 { return i.r.Uint64() >> 7 }

func (t *typist) run(ctx context.Context, state string) error {
	p := &program{stdin: strings.NewReader(""), stdout: io.Discard, stderr: os.Stderr, plain: true, getenv: func(key string) string {
		if key == "COEDIT_STATE" {
			return state
		}
		return ""
	}}
	g := p.newGuest(t.link, t.name, recoverYes) // goes on from the journal of the process before, if there was one
	if g.record.w == nil {
		return fmt.Errorf("there is no journal")
	}
	part, err := session.New(session.Options{
		Link: t.link, Name: t.name, Agent: "crash test", Patience: time.Minute,
		Journal: g.record.journal(), Resume: g.record.state, Fresh: g.record.fresh,
		Rand: rand.New(impatient{rand.New(rand.NewPCG(uint64(os.Getpid()), t.random.Uint64()))}),
	})
	if err != nil {
		return err
	}
	t.part = part
	go func() { _ = part.Run(context.WithoutCancel(ctx)) }() // a refusal reaches the owner, too
	defer part.Close()
	if err := part.WaitReady(ctx); err != nil {
		return err
	}
	g.record.holds(g.about)
	t.typed = t.lastOwn()
	t.acked = 0
	return part.Drive(ctx, t.turn)
}

// lastOwn is the number of the last own line in the text.
func (t *typist) lastOwn() int {
	last := 0
	for line := range strings.Lines(t.part.Editor().View().String()) {
		if number, own := strings.CutPrefix(line, t.name+":"); own {
			if n, err := strconv.Atoi(strings.TrimSpace(number)); err == nil {
				last = max(last, n)
			}
		}
	}
	return last
}

// turn types a line now and then, and says what has become of those before.
func (t *typist) turn(now time.Time) (again time.Duration, done bool, err error) {
	st := t.part.Status(now)
	if st.State == session.Refused {
		return 0, false, st.Err
	}
	if strings.HasPrefix(st.Detail, "restoring") {
		fmt.Printf("restores %s\n", t.name)
	}
	if t.part.Drained() && t.acked != t.typed {
		t.acked = t.typed
		fmt.Printf("acked %s %d\n", t.name, t.acked)
	}
	if t.settling.Load() {
		if t.part.Drained() {
			t.sayText()
		}
		return 50 * time.Millisecond, false, nil
	}
	t.said = ""
	if now.Before(t.due) {
		return t.due.Sub(now), false, nil
	}
	t.due = now.Add(time.Duration(20+t.random.IntN(100)) * time.Millisecond)
	ed := t.part.Editor()
	at := ed.View().LineStart(t.random.IntN(ed.View().Lines()))
	ed.Select(at, at)
	t.typed++
	return time.Millisecond, false, insertLine(ed, now, fmt.Sprintf("%s:%d\n", t.name, t.typed))
}

func insertLine(ed *editor.Editor, now time.Time, line string) error {
	return ed.Insert(now.UnixMilli(), line)
}

// sayText says what the text is, when it is another one than last time.
func (t *typist) sayText() {
	text := t.part.Editor().View().String()
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte(text)))
	if sum != t.said {
		t.said = sum
		fmt.Printf("text %s %s %d\n", t.name, sum, strings.Count(text, "\n"))
	}
}

package demo

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"coedit/editor"
	"coedit/internal/session"
	"coedit/rga"
	"coedit/transport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// quick is a session that does not take long: fast fingers, a short time offline.
func quick(dir string) Config {
	return Config{Seed: 7, Dir: dir, Pace: 0.05, Offline: 300 * time.Millisecond}
}

func TestRunConverges(t *testing.T) {
	dir := t.TempDir()
	c := quick(dir)
	last, stages := -1.0, map[string]bool{}
	c.Progress = func(fraction float64, stage string) {
		if fraction < last || fraction < 0 || fraction > 1 {
			t.Errorf("progress goes from %v to %v", last, fraction)
		}
		last, stages[stage] = fraction, true
	}
	s, err := Run(t.Context(), c)
	check(t, err)
	saved, err := os.ReadFile(filepath.Join(dir, SampleName))
	check(t, err)
	if !s.Equal || len(s.Replicas) != 3 || s.Saved != hash(saved) {
		t.Errorf("not equal:\n%v", s)
	}
	for _, want := range []string{"limit = 20", "counts[word]++", "naïve 漢字 🎉", "standard input:", "tests first"} {
		if !strings.Contains(string(saved), want) {
			t.Errorf("the file lacks %q:\n%s", want, saved)
		}
	}
	if s.Edits < 300 || s.Ops < s.Edits || s.Apart == 0 || s.Offline < c.Offline || s.P50 == 0 || s.P99 < s.P50 {
		t.Errorf("summary\n%v", s)
	}
	if len(stages) < 4 {
		t.Errorf("stages %v", stages)
	}
	for _, want := range []string{"3 replicas, all equal", "p50", s.Saved} {
		if !strings.Contains(s.String(), want) {
			t.Errorf("the summary lacks %q:\n%v", want, s)
		}
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := quick(t.TempDir())
	c.Progress = func(fraction float64, _ string) {
		if fraction > 0.05 {
			cancel()
		}
	}
	if _, err := Run(ctx, c); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// Partners come although the host opens the room a little later, work, and go when the context ends.
func TestPartners(t *testing.T) {
	room, err := OpenRoom()
	check(t, err)
	link, err := room.Link()
	check(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 2)
	go func() { ended <- Partners(ctx, link, 3) }()

	host, err := room.Host("you", Sample(), nil)
	check(t, err)
	go func() { ended <- host.Run(ctx) }()
	before := host.Editor().View().String()
	limited, stop := context.WithTimeout(ctx, 2*time.Minute)
	defer stop()
	check(t, host.Drive(limited, func(now time.Time) (time.Duration, bool, error) {
		both := len(host.Status(now).Peers) == 2
		return 0, both && host.Editor().View().String() != before, nil
	}))
	cancel()
	for range 2 {
		check(t, <-ended)
	}
	host.Close()
	check(t, room.Close())
}

// play plays a script to its end and returns the text and the time it would take.
func playAlone(t *testing.T, tp *typist) (string, time.Duration) {
	t.Helper()
	var total time.Duration
	for range 10_000 {
		wait, done, err := tp.press(total.Milliseconds())
		check(t, err)
		if done {
			return tp.ed.View().String(), total
		}
		total += wait
	}
	t.Fatal("the script does not end")
	return "", 0
}

func newTypist(t *testing.T, seed uint64, steps []step) *typist {
	t.Helper()
	doc := rga.New(1)
	_, _, err := doc.Edit(0, rga.Edit{Insert: string(Sample())})
	check(t, err)
	return &typist{name: "ada", ed: editor.New(doc), rng: rand.New(rand.NewPCG(seed, 0)), pace: 1, steps: steps}
}

func TestScriptsComeFromTheSeed(t *testing.T) {
	for name, script := range map[string][]step{"ada": adaScript, "sam": samScript, "host": hostScript} {
		one, took := playAlone(t, newTypist(t, 5, script))
		two, again := playAlone(t, newTypist(t, 5, script))
		if one != two || took != again {
			t.Errorf("%s does two different things with one seed", name)
		}
		if _, other := playAlone(t, newTypist(t, 6, script)); other == took {
			t.Errorf("%s takes exactly as long with another seed", name)
		}
		for _, s := range script {
			if s.at != "" && strings.Contains(string(Sample()), s.at) {
				continue
			}
			if s.at != "" && !strings.Contains(one, s.at) && s.do == goTo {
				t.Errorf("%s looks for %q, which is not in the sample", name, s.at)
			}
		}
		if min := 5 * time.Second; took < min || took > time.Minute {
			t.Errorf("%s takes %v", name, took)
		}
	}
}

func TestSlipsAreTakenBack(t *testing.T) {
	const line = "the quick brown fox jumps over the lazy dog and does it again and again until it is enough"
	for seed := range uint64(20) {
		text, _ := playAlone(t, newTypist(t, seed, []step{{do: goTo, at: "// Notes"}, {do: write, text: "\n" + line}}))
		if !strings.Contains(text, "// Notes\n"+line+"\n") {
			t.Fatalf("seed %d: %q", seed, text[strings.Index(text, "// Notes"):])
		}
	}
}

func TestBusyLineIsLeftAlone(t *testing.T) {
	tp := newTypist(t, 1, []step{
		{do: goTo, at: "// Notes"},
		{do: write, text: "\nnot now"},
		{do: goTo, at: "func main"},
		{do: write, text: " // yes"},
	})
	notes := tp.ed.View().Lines() - 3
	asked := 0
	tp.busy = func(line int) bool {
		if line == notes {
			asked++
		}
		return line == notes
	}
	text, _ := playAlone(t, tp)
	if strings.Contains(text, "not now") || !strings.Contains(text, "func main() { // yes\n") || asked != maxTries {
		t.Errorf("asked %d times\n%s", asked, text)
	}
}

func TestPlaceThatIsGone(t *testing.T) {
	text, _ := playAlone(t, newTypist(t, 1, []step{
		{do: pick, at: "no such text"}, {do: write, text: "lost"}, {do: undo, n: 1}, {do: goTo, at: "// Notes"}, {do: write, text: " kept"},
	}))
	if strings.Contains(text, "lost") || !strings.Contains(text, "// Notes kept") {
		t.Errorf("%s", text)
	}
}

func TestChoresGoOn(t *testing.T) {
	tp := newTypist(t, 1, nil)
	tp.endless = true
	for range 2000 {
		if _, done, err := tp.press(0); done || err != nil {
			t.Fatalf("done %v, error %v", done, err)
		}
	}
	if n := strings.Count(tp.ed.View().String(), "// - ada: "); n < 5 {
		t.Errorf("%d notes", n)
	}
}

func TestLedger(t *testing.T) {
	l := newLedger()
	at := time.Unix(0, 0)
	l.wrote(1, 3, at)
	l.wrote(1, 5, at.Add(time.Second))
	l.saw(2, rga.Version{1: 4}, at.Add(10*time.Millisecond))
	l.saw(2, rga.Version{1: 4}, at.Add(20*time.Millisecond))
	l.saw(1, rga.Version{1: 5}, at.Add(20*time.Millisecond))
	l.setAway(2)
	l.wrote(1, 6, at.Add(2*time.Second))
	l.wrote(2, 1, at.Add(2*time.Second))
	l.setAway(0)
	l.saw(2, rga.Version{1: 6}, at.Add(5*time.Second))
	l.saw(3, rga.Version{1: 6, 2: 1}, at.Add(3*time.Second))
	if got := len(l.times); got != 5 {
		t.Errorf("%d times: %v", got, l.times)
	}
	if all, apart := l.edits(); all != 4 || apart != 1 {
		t.Errorf("%d edits, %d of them apart", all, apart)
	}
	if p := l.percentile(0); p != 10*time.Millisecond {
		t.Errorf("the shortest is %v", p)
	}
	if p := l.percentile(1); p != 4*time.Second {
		t.Errorf("the longest is %v", p)
	}
}

func TestGate(t *testing.T) {
	var far transport.Conn
	g := &gate{dial: func(context.Context) (transport.Conn, error) {
		near, other := transport.Pipe()
		far = other
		return near, nil
	}}
	conn, err := g.connect(t.Context())
	check(t, err)
	check(t, conn.WriteMessage([]byte("x")))
	g.unplug()
	if err := conn.WriteMessage([]byte("x")); err == nil {
		t.Error("the connection outlived the cable")
	}
	if _, err := g.connect(t.Context()); !errors.Is(err, errUnplugged) {
		t.Errorf("connected without a cable: %v", err)
	}
	g.plug()
	_, err = g.connect(t.Context())
	check(t, err)
	check(t, far.Close())
}

func TestRoomNamesTheSample(t *testing.T) {
	room, err := OpenRoom()
	check(t, err)
	host, err := room.Host("you", Sample(), nil)
	check(t, err)
	if name, _ := host.Editor().Doc().Meta(session.MetaName); name != SampleName {
		t.Errorf("name %q", name)
	}
	check(t, room.Close())
}

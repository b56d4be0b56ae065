package editorbench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Options say what to measure.
type Options struct {
	Program string // the coedit to measure
	File    string
	Keys    int
	Editor  string // another editor to measure instead of Program; empty: none
	Rate    int    // operations a second of another participant; 0: the editor is alone
}

// Report is what was measured. Times are in milliseconds.
type Report struct {
	Editor       string  `json:"editor"`
	File         string  `json:"file"`
	Bytes        int64   `json:"bytes"`
	Rate         int     `json:"rate"` // remote operations a second
	FirstPaint   float64 `json:"first_paint_ms"`
	Keys         int     `json:"keys"`
	KeyP50       float64 `json:"key_p50_ms"`
	KeyP99       float64 `json:"key_p99_ms"`
	KeyMax       float64 `json:"key_max_ms"`
	FrameP50     float64 `json:"frame_p50_ms"`
	FrameP99     float64 `json:"frame_p99_ms"`
	BytesPerKey  float64 `json:"bytes_per_key"`
	CPUPerKey    float64 `json:"cpu_per_key_ms,omitempty"` // of everything that happened while keys were pressed
	IdleCPU      float64 `json:"idle_cpu_percent,omitempty"`
	Memory       int64   `json:"memory_bytes,omitempty"` // when the file was shown
	MemoryAtLast int64   `json:"memory_at_last_bytes,omitempty"`
}

// Times.
const (
	startLimit = 60 * time.Second
	keyLimit   = 5 * time.Second
	silence    = 300 * time.Millisecond // ends the first paint
	frameEnd   = 8 * time.Millisecond   // of silence ends a frame
	idleTime   = time.Second
	idleTries  = 4
	keyPause   = 36600 * time.Microsecond // see the package's documentation
)

// typed is what the keys type, in turns: characters that no program text has, two of them, because where a line is scrolled sideways
// the same one again in the same cell is not written again.
var typed = [2]string{"ø", "þ"}

// Run measures.
func Run(ctx context.Context, o Options) (*Report, error) {
	folder, err := os.MkdirTemp("", "coedit-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	text, err := os.ReadFile(o.File)
	if err != nil {
		return nil, err
	}
	lines, word := bytes.Count(text, []byte("\n")), firstWord(text)
	file := filepath.Join(folder, filepath.Base(o.File))
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return nil, err
	}
	r := &Report{File: filepath.Base(o.File), Bytes: int64(len(text)), Rate: o.Rate}
	text = nil // it may be large, and this process runs beside the one that is measured
	link := filepath.Join(folder, "link")
	args, to := []string{o.Program, file}, "\x07%d\r"
	r.Editor = "coedit"
	if peer, ok := otherNamed(o.Editor); ok {
		r.Editor, args, to = peer.name, append(slices.Clone(peer.args), file), peer.to
	} else if o.Rate > 0 {
		args = []string{o.Program, "share", "--link-file", link, file}
	}
	began := time.Now()
	t, err := start(args, environment(folder), folder)
	if err != nil {
		return nil, err
	}
	defer t.close()
	if _, err := t.await(0, word, startLimit); err != nil {
		return nil, err
	}
	r.FirstPaint = ms(t.quiet(silence, startLimit).Sub(began))
	r.idle(t)
	if err := r.toMiddle(t, to, lines/2); err != nil {
		return nil, err
	}
	stop := func() error { return nil }
	if o.Rate > 0 {
		if stop, err = withPartner(ctx, link, lines/2+3, o.Rate); err != nil {
			return nil, err
		}
	}
	err = r.keys(ctx, t, o.Keys)
	return r, errors.Join(err, stop())
}

// withPartner lets another participant write at a line until stop, and returns once it writes.
func withPartner(ctx context.Context, link string, line, rate int) (stop func() error, err error) {
	others, cancel := context.WithCancel(ctx)
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- partner(others, linkIn(others, link), line, rate, func() { close(ready) }) }()
	select {
	case <-ready:
	case err := <-ended:
		cancel()
		return nil, fmt.Errorf("the other participant: %w", err)
	}
	return func() error {
		cancel()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			return fmt.Errorf("the other participant: %w", err)
		}
		return nil
	}, nil
}

// firstWord is what the first paint shows: letters that stand together also where words are coloured. Empty: any output is taken.
func firstWord(text []byte) string {
	text = text[:min(len(text), 4096)]
	for word := range bytes.FieldsFuncSeq(text, func(r rune) bool { return r < 'A' || r > 'z' || r > 'Z' && r < 'a' }) {
		if len(word) >= 3 {
			return string(word)
		}
	}
	return ""
}

// environment is this process's, with a terminal that can show everything and folders of the measurement's own.
func environment(folder string) []string {
	drop := []string{"COEDIT_", "XDG_", "NO_COLOR=", "ACCESSIBLE=", "SSH_", "TERM=", "COLORTERM=", "LANG=", "LC_", "HOME="}
	env := slices.DeleteFunc(os.Environ(), func(pair string) bool {
		return slices.ContainsFunc(drop, func(prefix string) bool { return strings.HasPrefix(pair, prefix) })
	})
	return append(env, "TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8", "HOME="+folder, "XDG_STATE_HOME="+folder, "XDG_CONFIG_HOME="+folder)
}

// idle measures the program while nothing happens.
func (r *Report) idle(t *terminal) {
	pid := t.cmd.Process.Pid
	if _, ok := processor(pid); !ok {
		return
	}
	for range idleTries { // a large file is still being read for its colours at first
		before, _ := processor(pid)
		time.Sleep(idleTime)
		after, _ := processor(pid)
		r.IdleCPU = 100 * (after - before).Seconds() / idleTime.Seconds()
		if after == before {
			break
		}
	}
	r.Memory = memory(pid)
}

// toMiddle goes to a line.
func (r *Report) toMiddle(t *terminal, to string, line int) error {
	if r.Rate > 0 { // the links are shown
		if err := t.press("\x1b"); err != nil {
			return err
		}
		t.quiet(silence, keyLimit)
	}
	mark := t.mark()
	if err := t.press(fmt.Sprintf(to, line+1)); err != nil {
		return err
	}
	if _, err := t.await(mark, "", keyLimit); err != nil {
		return err
	}
	t.quiet(silence, keyLimit)
	return nil
}

// keys presses keys and measures each.
func (r *Report) keys(ctx context.Context, t *terminal, n int) error {
	pid := t.cmd.Process.Pid
	cpu, _ := processor(pid)
	first := t.mark()
	var latencies, frames []float64
	next := time.Now()
	for i := range n {
		key := typed[i%len(typed)]
		if err := ctx.Err(); err != nil {
			return err
		}
		time.Sleep(time.Until(next))
		next = time.Now().Add(keyPause)
		mark := t.mark()
		began := time.Now()
		if err := t.press(key); err != nil {
			return err
		}
		shown, err := t.await(mark, key, keyLimit)
		if err != nil {
			return err
		}
		latencies = append(latencies, ms(shown.Sub(began)))
		if r.Rate == 0 {
			frames = append(frames, ms(t.quiet(frameEnd, keyPause).Sub(began)))
		}
	}
	after, ok := processor(pid)
	if n = len(latencies); n == 0 {
		return nil
	}
	if ok {
		r.CPUPerKey = ms(after-cpu) / float64(n)
	}
	r.MemoryAtLast = memory(pid)
	r.Keys, r.BytesPerKey = n, float64(t.mark()-first)/float64(n)
	r.KeyP50, r.KeyP99, r.KeyMax = quantile(latencies, 0.5), quantile(latencies, 0.99), quantile(latencies, 1)
	r.FrameP50, r.FrameP99 = quantile(frames, 0.5), quantile(frames, 0.99)
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// quantile of values that it sorts; 0 for none.
func quantile(v []float64, q float64) float64 {
	if len(v) == 0 {
		return 0
	}
	slices.Sort(v)
	return v[min(int(q*float64(len(v))), len(v)-1)]
}

// linkIn waits for the file with the links and returns the first.
func linkIn(ctx context.Context, path string) string {
	for ctx.Err() == nil {
		if b, err := os.ReadFile(path); err == nil && bytes.Count(b, []byte("\n")) >= 2 {
			link, _, _ := strings.Cut(string(b), "\n")
			return link
		}
		time.Sleep(20 * time.Millisecond)
	}
	return ""
}

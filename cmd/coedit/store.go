package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"coedit/transport/relay"
	"coedit/transport/store"

	"github.com/adrg/xdg"
)

// dataDir is where `serve` keeps rooms unless told otherwise.
func dataDir() string { return filepath.Join(xdg.StateHome, "coedit", "rooms") }

// rooms is the log of a relay that `serve` runs.
type rooms struct {
	log       relay.Log // nil: in memory
	described string    // "in memory", "in DIR"

	store   *store.Store
	metrics *storeMetrics
	local   *http.Server // answers `coedit store backup`
	served  sync.WaitGroup
}

// openRooms opens the store in a folder; without one, rooms are in memory.
func openRooms(dir string, limits storeLimits, logger *slog.Logger, progress func(done, total int64)) (*rooms, error) {
	if dir == "" {
		return &rooms{described: "in memory", metrics: newStoreMetrics()}, nil
	}
	measured := newStoreMetrics()
	s, err := store.Open(dir, store.Options{
		RoomBytes: limits.room, TotalBytes: limits.total, Started: time.Now(), Logger: logger, Progress: progress, Committed: measured.committed,
	})
	if err != nil {
		return nil, explainStore(err, dir)
	}
	measured.watch(s)
	r := &rooms{log: s, described: "in " + dir, store: s, metrics: measured}
	l, err := s.ListenLocal()
	if err != nil { // a path can be too long for a socket
		logger.Warn("`coedit store backup` will not work while this relay runs", "error", err)
		return r, nil
	}
	r.local = &http.Server{Handler: s.Handler(), ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelDebug)}
	r.served.Go(func() { _ = r.local.Serve(l) })
	return r, nil
}

// usable says why the store does not work at the moment.
func (r *rooms) usable() error {
	if r.store == nil {
		return nil
	}
	return r.store.Err()
}

// close lets go of the store, when nobody uses it any more.
func (r *rooms) close() error {
	if r.store == nil {
		return nil
	}
	if r.local != nil {
		_ = r.local.Close()
		r.served.Wait()
	}
	return r.store.Close()
}

// storeLimits are bytes; 0 means the store's own limit.
type storeLimits struct{ room, total int64 }

// explainStore says what to do about a store that cannot be used.
func explainStore(err error, dir string) error {
	hint := "choose another folder with --data, or keep rooms in memory with --data ''"
	var later *store.VersionError
	switch {
	case errors.Is(err, store.ErrInUse):
		hint = "another relay runs on it: end that one, or choose another folder with --data"
	case errors.Is(err, store.ErrDamaged):
		hint = fmt.Sprintf("`coedit store check %s` lists what is wrong; put a backup in its place, or move the file away: "+
			"participants then restore their rooms from their own copies (\"A damaged store\" in docs/OPERATING.md has more)", dir)
	case errors.As(err, &later):
		hint = "use the version of coedit that wrote it, or a newer one"
	case errors.Is(err, syscall.ENOSPC):
		hint = "make place on the disk, or choose another folder with --data"
	case errors.Is(err, fs.ErrPermission):
		hint = "check the permissions of the folder, or choose another one with --data"
	}
	return failure(err, hint, "cannot use the rooms in %s", storeCause(err))
}

// storeCause is the file and what is wrong with it.
func storeCause(err error) string {
	if in, ok := errors.AsType[*store.FileError](err); ok {
		return in.File + ": " + cause(in.Err)
	}
	return cause(err)
}

// ticker prints how far something is: nothing in the first second, then a line a second.
func ticker(w io.Writer, what string) func(done, total int64) {
	next := time.Now().Add(time.Second)
	return func(done, total int64) {
		if now := time.Now(); total > 0 && now.After(next) {
			next = now.Add(time.Second)
			fmt.Fprintf(w, "%s: %d %% of %s\n", what, min(100, done*100/total), mebibytes(total))
		}
	}
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// checkStore is `coedit store check`.
func (p *program) checkStore(path string) error {
	report, err := store.Check(path, ticker(p.stderr, "Checking"))
	if err != nil {
		return explainCheck(err)
	}
	p.printReport(report)
	if n := len(report.Findings) + report.Omitted; n > 0 {
		return failure(nil, "see \"A damaged store\" in docs/OPERATING.md for what to do", "%s: %d found wrong", report.File, n)
	}
	fmt.Fprintln(p.stdout, "Nothing is wrong.")
	return nil
}

// printReport says what a store holds and what is wrong with it.
func (p *program) printReport(r store.Report) {
	fmt.Fprintf(p.stdout, "%s: %s, rooms: %d, frames: %d (%s), snapshots: %d, removed rooms remembered: %d, records still to be deleted: %d\n",
		r.File, mebibytes(r.Bytes), r.Rooms, r.Frames, mebibytes(r.Payload), r.Snapshots, r.Removed, r.Waste)
	for _, note := range r.Notes {
		fmt.Fprintf(p.stdout, "Note: %s\n", harmless(note))
	}
	for _, f := range r.Findings {
		fmt.Fprintf(p.stdout, "Wrong: %s\n", harmless(f.String()))
	}
	if r.Omitted > 0 {
		fmt.Fprintf(p.stdout, "... and %d more\n", r.Omitted)
	}
}

func explainCheck(err error) error {
	hint := "name the folder of `coedit serve --data`, or the file of a backup"
	var later *store.VersionError
	switch {
	case errors.Is(err, store.ErrInUse):
		hint = "end the relay that uses it, or make a backup with `coedit store backup` and check that"
	case errors.As(err, &later):
		hint = "use the version of coedit that wrote it, or a newer one"
	}
	return failure(err, hint, "cannot check %s", storeCause(err))
}

// backUp is `coedit store backup`.
func (p *program) backUp(ctx context.Context, dir, to string) error {
	report, err := store.Backup(ctx, dir, to, ticker(p.stderr, "Copying"))
	if err != nil {
		for _, f := range report.Findings {
			fmt.Fprintf(p.stderr, "Wrong: %s\n", harmless(f.String()))
		}
		hint := "name the folder of `coedit serve --data`, and a file to write"
		if errors.Is(err, store.ErrDamaged) {
			hint = "the file of an earlier backup was left as it is; see \"A damaged store\" in docs/OPERATING.md"
		}
		return failure(err, hint, "no backup was made: %s", storeCause(err))
	}
	p.printReport(report)
	fmt.Fprintln(p.stdout, "Backup written and checked.")
	return nil
}

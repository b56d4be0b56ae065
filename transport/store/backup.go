package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	bolt "go.etcd.io/bbolt"
)

const (
	socketName    = "relay.sock" // in the folder, while a relay runs
	backupPath    = "/backup"
	writePatience = 30 * time.Second // for a part of a backup to be taken
)

// ListenLocal listens on a socket in the folder, which only those who may read the folder reach. Handler is to be
// served there: then Backup works while the relay runs.
func (s *Store) ListenLocal() (net.Listener, error) {
	path := filepath.Join(s.dir, socketName)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) { // left by a relay that was killed; the store is ours
		return nil, err
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// Handler serves a backup of the store as it is when asked (GET /backup), while it goes on working. It is not for
// strangers: what they get is everything.
func (s *Store) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+backupPath, s.serveBackup)
	return mux
}

func (s *Store) serveBackup(w http.ResponseWriter, _ *http.Request) {
	begun := false
	err := s.settled()
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	err = s.view(func(tx *bolt.Tx) error {
		begun = true
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("Content-Length", strconv.FormatInt(tx.Size(), 10))
		_, err := tx.WriteTo(&patient{w: w, control: http.NewResponseController(w), store: s})
		return err
	})
	switch {
	case err == nil:
	case !begun:
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	default:
		s.o.Logger.Error("a backup was not taken wholly", "error", err)
		panic(http.ErrAbortHandler) // so that the other side notices
	}
}

// patient writes as long as somebody reads, and no longer than the store works: the file cannot be opened anew under
// a reader.
type patient struct {
	w       io.Writer
	control *http.ResponseController
	store   *Store
}

func (p *patient) Write(b []byte) (int, error) {
	if err := p.store.Err(); err != nil {
		return 0, err
	}
	_ = p.control.SetWriteDeadline(time.Now().Add(writePatience)) // not every writer has one
	return p.w.Write(b)
}

// Backup copies the store in a folder to a file, also while a relay uses it, checks the copy, and only then replaces
// what was in the file. A copy that is damaged is given up and reported.
func Backup(ctx context.Context, dir, to string, progress func(done, total int64)) (report Report, err error) {
	from := filepath.Join(dir, fileName)
	temporary, err := os.CreateTemp(filepath.Dir(to), ".coedit-backup-*")
	if err != nil {
		return report, fileError(to, err)
	}
	defer os.Remove(temporary.Name())
	wal, err := copyStopped(temporary, dir, progress)
	running := errors.Is(err, ErrInUse)
	if running {
		err = copyRunning(ctx, temporary, dir, progress)
	}
	if err = errors.Join(err, temporary.Sync(), temporary.Close()); err != nil {
		return report, fileError(from, err)
	}
	report, img, err := check(temporary.Name(), wal, progress)
	if err != nil {
		return report, err
	}
	report.File = to
	if len(report.Findings) > 0 {
		return report, fileError(from, fmt.Errorf("%w: the copy was not kept", ErrDamaged))
	}
	if wal == nil && !running && img.wal.id != 0 && !img.wal.shut {
		report.Notes = append(report.Notes, walName+" was not there: what was stored last is missing")
	}
	if err := markCopied(temporary.Name(), img.logged); err != nil {
		return report, fileError(to, err)
	}
	if err := os.Rename(temporary.Name(), to); err != nil {
		return report, fileError(to, err)
	}
	return report, syncDirectory(filepath.Dir(to))
}

// copyStopped copies the file while no relay has it, and reads the write-ahead log. One that is missing is none: so an
// operator whose log is damaged gets a copy of what is in rooms.db.
func copyStopped(to io.Writer, dir string, progress func(done, total int64)) (walReader, error) {
	from := filepath.Join(dir, fileName)
	lock, err := lockFile(from, false)
	if err != nil {
		return nil, err
	}
	defer lock.release()
	f, err := os.Open(from)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if _, err = io.Copy(to, &counted{r: f, total: info.Size(), progress: progress}); err != nil {
		return nil, err
	}
	return keepWal(filepath.Join(dir, walName))
}

// keepWal reads a write-ahead log to be looked at later.
func keepWal(path string) (walReader, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxWalFile+1))
	if err != nil {
		return nil, err
	}
	return func(want walMark) ([]walPut, error, error) { return readWal(bytes.NewReader(b), int64(len(b)), want) }, nil
}

// copyRunning asks the relay that has the file for a copy.
func copyRunning(ctx context.Context, to io.Writer, dir string, progress func(done, total int64)) error {
	var d net.Dialer
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return d.DialContext(ctx, "unix", filepath.Join(dir, socketName))
		},
	}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://relay"+backupPath, nil)
	if err != nil {
		return err
	}
	answer, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("%w, which does not answer: %w", ErrInUse, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		why, _ := io.ReadAll(io.LimitReader(answer.Body, 4096))
		return fmt.Errorf("the relay gives no backup: %s", why)
	}
	_, err = io.Copy(to, &counted{r: answer.Body, total: answer.ContentLength, progress: progress})
	return err
}

// counted tells how much was read.
type counted struct {
	r           io.Reader
	done, total int64
	progress    func(done, total int64)
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.done += int64(n)
	if c.progress != nil && n > 0 {
		c.progress(c.done, c.total)
	}
	return n, err
}

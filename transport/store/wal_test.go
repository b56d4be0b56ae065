package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"coedit/transport"
	"coedit/transport/relay"
	"coedit/transport/relay/logtest"
	"coedit/transport/store"

	bolt "go.etcd.io/bbolt"
)

// walSector is where records begin, after a header of walHead.
const walHead, walSector = 4096, 512

// crashed makes a folder with the files of a relay that was killed after so many frames, each in a record of the
// write-ahead log: number 0 has the room.
func crashed(t testing.TB, frames int) string {
	t.Helper()
	dir := t.TempDir()
	s := open(t, dir, store.Options{})
	r := logtest.Open(t, s, "room")
	for n := range uint64(frames) {
		appendTo(t, r, n+1)
	}
	return killed(t, dir)
}

func appendTo(t testing.TB, r relay.RoomLog, counter uint64) {
	t.Helper()
	f := transport.Frame{Replica: 1, Counter: counter, Payload: payloadOf("room", 1, counter)}
	if n, err := logtest.Append(r, f, 0); err != nil || n != counter {
		t.Fatalf("frame %d: number %d, %v", counter, n, err)
	}
}

// killed copies the files as they are while a relay has them, and nobody writes.
func killed(t testing.TB, dir string) string {
	t.Helper()
	copied := t.TempDir()
	for _, name := range []string{"rooms.db", "rooms.wal"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(copied, name), b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return copied
}

// has opens a store and looks for so many frames, and that it goes on.
func has(t testing.TB, dir string, frames uint64) {
	t.Helper()
	s := open(t, dir, store.Options{})
	r := logtest.Open(t, s, "room")
	got, err := r.Read(0, 1000, 1<<30)
	if err != nil || uint64(len(got)) != frames || r.State().Head != frames {
		t.Fatalf("%d frames, %v; want %d", len(got), err, frames)
	}
	for i, f := range got {
		if f.Counter != uint64(i+1) || !bytes.Equal(f.Payload, payloadOf("room", 1, f.Counter)) {
			t.Errorf("frame %d is not what was stored", f.Number)
		}
	}
	appendTo(t, r, frames+1)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if report, err := store.Check(dir, nil); err != nil || report.Frames != int(frames+1) || len(report.Findings) != 0 {
		t.Errorf("afterwards: %+v, %v", report, err)
	}
}

// TestWhatIsOnlyInTheLogIsThereAfterACrash, and again after a second one right after the start.
func TestWhatIsOnlyInTheLogIsThereAfterACrash(t *testing.T) {
	dir := crashed(t, 20)
	if report, err := store.Check(filepath.Join(dir, "rooms.db"), nil); err != nil || report.Frames != 20 || report.Rooms != 1 || len(report.Findings) != 0 {
		t.Fatalf("check: %+v, %v", report, err)
	}
	edit(t, filepath.Join(dir, "rooms.db"), func(b []byte) []byte {
		if bytes.Contains(b, payloadOf("room", 1, 1)) {
			t.Error("the frames are in rooms.db, and the log is not tried")
		}
		return b
	})
	open(t, dir, store.Options{})
	again := killed(t, dir)
	has(t, again, 20)
	if _, err := os.Stat(filepath.Join(again, "rooms.wal")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the log of a store that was closed: %v", err)
	}
}

// damageLog changes the bytes of a log.
func damageLog(t testing.TB, dir string, f func(b []byte) []byte) {
	t.Helper()
	edit(t, filepath.Join(dir, "rooms.wal"), f)
}

// lastRecord is where the last record begins.
func lastRecord(b []byte) int {
	at := len(b) - walSector
	for bytes.Equal(b[at:at+walSector], make([]byte, walSector)) || !bytes.Equal(b[at+8:at+24], b[walHead+8:walHead+24]) {
		at -= walSector
	}
	return at
}

// TestATornLogIsCut: the power failed while a record was written. What was before is there, and check says so.
func TestATornLogIsCut(t *testing.T) {
	for name, tear := range map[string]func(b []byte) []byte{
		"a bit":            func(b []byte) []byte { return flipped(b, lastRecord(b)+60) },
		"its length":       func(b []byte) []byte { return flipped(b, lastRecord(b)+7) },
		"cut off":          func(b []byte) []byte { return b[:lastRecord(b)+50] },
		"cut off earlier":  func(b []byte) []byte { return b[:lastRecord(b)+5] },
		"its beginning":    func(b []byte) []byte { clear(b[lastRecord(b):][:walSector]); return b },
		"its other sector": func(b []byte) []byte { clear(b[lastRecord(b)+walSector:]); return b },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir, store.Options{})
			r := logtest.Open(t, s, "room")
			for n := range uint64(6) {
				appendTo(t, r, n+1)
			}
			f := transport.Frame{Replica: 1, Counter: 7, Payload: bytes.Repeat([]byte("long"), 300)}
			if _, err := logtest.Append(r, f, 0); err != nil {
				t.Fatal(err)
			}
			dir = killed(t, dir)
			damageLog(t, dir, tear)
			report, err := store.Check(dir, nil)
			if err != nil || report.Frames != 6 || len(report.Findings) != 0 {
				t.Errorf("check: %+v, %v", report, err)
			}
			if partly := name != "its beginning" && name != "cut off earlier"; partly != (len(report.Notes) == 1) {
				t.Errorf("check notes %q", report.Notes)
			}
			has(t, dir, 6)
		})
	}
}

// divided makes a folder with the files of a relay that was killed: the room and ten frames are in rooms.db, six more in the
// write-ahead log.
func divided(t testing.TB) string {
	t.Helper()
	dir := crashed(t, 10)
	s := open(t, dir, store.Options{})
	r := logtest.Open(t, s, "room")
	if _, err := s.Settle(time.Time{}); err != nil { // a checkpoint
		t.Fatal(err)
	}
	for n := uint64(11); n <= 16; n++ {
		appendTo(t, r, n)
	}
	return killed(t, dir)
}

// TestALogThatIsDamagedIsNotOpened: what was acknowledged and cannot be read is not left out without a word. The way out
// is in docs/OPERATING.md: a backup of what is in rooms.db.
func TestALogThatIsDamagedIsNotOpened(t *testing.T) {
	for name, planted := range map[string]struct {
		damage func(t *testing.T, dir string)
		want   string
	}{
		"a bit of a record": {func(t *testing.T, dir string) {
			damageLog(t, dir, func(b []byte) []byte { return flipped(b, walHead+3*walSector+70) })
		}, "is not as it was written, and record"},
		"a record gone": {func(t *testing.T, dir string) {
			damageLog(t, dir, func(b []byte) []byte { clear(b[walHead:][:walSector]); return b })
		}, "record 0 is not as it was written"},
		"the header": {func(t *testing.T, dir string) {
			damageLog(t, dir, func(b []byte) []byte { return flipped(b, 30) })
		}, "its header"},
		"another file": {func(t *testing.T, dir string) {
			damageLog(t, dir, func([]byte) []byte { return []byte(strings.Repeat("not a log ", 1000)) })
		}, "does not begin as one"},
		"an empty file": {func(t *testing.T, dir string) {
			damageLog(t, dir, func([]byte) []byte { return nil })
		}, "does not begin as one"},
		"a file too large": {func(t *testing.T, dir string) {
			if err := os.Truncate(filepath.Join(dir, "rooms.wal"), 1<<40); err != nil {
				t.Fatal(err)
			}
		}, "are ever written"},
		"no file": {func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, "rooms.wal")); err != nil {
				t.Fatal(err)
			}
		}, "it is missing"},
		"another store's": {func(t *testing.T, dir string) {
			if err := os.Rename(filepath.Join(crashed(t, 2), "rooms.wal"), filepath.Join(dir, "rooms.wal")); err != nil {
				t.Fatal(err)
			}
		}, "belongs to another rooms.db"},
		"an older rooms.db": {func(t *testing.T, dir string) {
			older, err := os.ReadFile(filepath.Join(dir, "rooms.db"))
			if err != nil {
				t.Fatal(err)
			}
			s := open(t, dir, store.Options{})
			appendTo(t, logtest.Open(t, s, "room"), 17)
			later := killed(t, dir)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "rooms.db"), older, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(filepath.Join(later, "rooms.wal"), filepath.Join(dir, "rooms.wal")); err != nil {
				t.Fatal(err)
			}
		}, "from a later state of rooms.db"},
		"a frame of a room that is not there": {func(t *testing.T, dir string) {
			change(t, filepath.Join(dir, "rooms.db"), func(tx *bolt.Tx) error {
				b := tx.Bucket([]byte("rooms"))
				key, _ := b.Cursor().First()
				return b.Delete(key)
			})
		}, "a room that is not there"},
		"a frame that is in rooms.db": {func(t *testing.T, dir string) {
			change(t, filepath.Join(dir, "rooms.db"), func(tx *bolt.Tx) error {
				return tx.Bucket([]byte("log")).Put([]byte{0, 0, 0, 0, 0, 0, 0, 16}, []byte("?"))
			})
		}, "and rooms.db goes up to 16"},
		"where it begins": {func(t *testing.T, dir string) {
			change(t, filepath.Join(dir, "rooms.db"), func(tx *bolt.Tx) error {
				return tx.Bucket([]byte("store")).Put([]byte("wal"), []byte("?"))
			})
		}, "where the write-ahead log begins"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := divided(t)
			planted.damage(t, dir)
			report, err := store.Check(dir, nil)
			if err != nil || !strings.Contains(fmt.Sprint(report.Findings), planted.want) {
				t.Errorf("found %v, %v, want %q", report.Findings, err, planted.want)
			}
			if s, err := store.Open(dir, store.Options{}); err == nil {
				s.Close()
				t.Error("it was opened")
			} else if !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), dir) {
				t.Errorf("opening says %v", err)
			}
		})
	}
}

// TestADamagedLogIsLeftOutOfABackupWhenItIsMoved: the way out that docs/OPERATING.md gives. Participants then see other
// incarnations, and put back what is missing.
func TestADamagedLogIsLeftOutOfABackupWhenItIsMoved(t *testing.T) {
	dir := divided(t)
	damageLog(t, dir, func(b []byte) []byte { return flipped(b, walHead+3*walSector+70) })
	to := filepath.Join(t.TempDir(), "rooms.db")
	if _, err := store.Backup(t.Context(), dir, to, nil); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("a backup with a damaged log: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "rooms.wal")); err != nil {
		t.Fatal(err)
	}
	report, err := store.Backup(t.Context(), dir, to, nil)
	if err != nil || report.Frames != 10 || !strings.Contains(fmt.Sprint(report.Notes), "rooms.wal was not there") {
		t.Fatalf("%+v, %v", report, err)
	}
	has(t, filepath.Dir(to), 10)
}

// TestABackupHasWhatIsInTheLog, of a relay that was killed; and the log that is left where it is put is not taken for its own.
func TestABackupHasWhatIsInTheLog(t *testing.T) {
	dir := divided(t)
	to := filepath.Join(t.TempDir(), "backup")
	if report, err := store.Backup(t.Context(), dir, to, nil); err != nil || report.Frames != 16 || len(report.Notes) != 0 {
		t.Fatalf("%+v, %v", report, err)
	}
	other := divided(t)
	if err := os.Rename(to, filepath.Join(other, "rooms.db")); err != nil {
		t.Fatal(err)
	}
	if report, err := store.Check(other, nil); err != nil || report.Frames != 16 || len(report.Findings) != 0 {
		t.Errorf("%+v, %v", report, err)
	}
	has(t, other, 16)
}

// TestAFolderOfVersion1IsOpened: one without a write-ahead log, which old programs then leave alone.
func TestAFolderOfVersion1IsOpened(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, store.Options{})
	r := logtest.Open(t, s, "room")
	for n := range uint64(5) {
		appendTo(t, r, n+1)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	change(t, filepath.Join(dir, "rooms.db"), func(tx *bolt.Tx) error {
		b := tx.Bucket([]byte("store"))
		return errors.Join(b.Delete([]byte("wal")), b.Put([]byte("format"), store.FormatOf(1)))
	})
	has(t, dir, 5)
	change(t, filepath.Join(dir, "rooms.db"), func(tx *bolt.Tx) error {
		if got := tx.Bucket([]byte("store")).Get([]byte("format")); !bytes.Equal(got, store.FormatOf(2)) {
			t.Errorf("the version is %x now", got)
		}
		return nil
	})
}

// TestTheLogIsBounded: and what is in it is read, also by those who compare.
func TestTheLogIsBounded(t *testing.T) {
	const bound, frames = 16 << 10, 300
	dir := t.TempDir()
	s := open(t, dir, store.Options{LogBytes: bound})
	r := logtest.Open(t, s, "room")
	most := int64(0)
	for n := range uint64(frames) {
		appendTo(t, r, n+1)
		r.Release(time.Unix(1, 0)) // nothing of the room is in memory but the log
		r = logtest.Open(t, s, "room")
		got, err := r.Read(max(n, 30)-30, 100, 1<<30)
		if err != nil || len(got) != int(min(n, 30)+1) || got[len(got)-1].Counter != n+1 {
			t.Fatalf("frame %d: %d frames, %v", n+1, len(got), err)
		}
		again := transport.Frame{Replica: 1, Counter: n + 1, Payload: payloadOf("room", 1, n+1)}
		if number, err := logtest.Append(r, again, 0); err != nil || number != n+1 {
			t.Fatalf("the same frame again: %d, %v", number, err)
		}
		again.Payload = []byte("another")
		if _, err := logtest.Append(r, again, 0); !errors.Is(err, relay.ErrConflict) {
			t.Fatalf("another frame with the same number: %v", err)
		}
		info, err := os.Stat(filepath.Join(dir, "rooms.wal"))
		if err != nil {
			t.Fatal(err)
		}
		most = max(most, info.Size())
	}
	if most > 4*bound {
		t.Errorf("the log's file had %d bytes", most)
	}
}

// TestWhatIsInTheLogComesIntoRoomsDB although nobody stores anything more.
func TestWhatIsInTheLogComesIntoRoomsDB(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		s := open(t, dir, store.Options{})
		appendTo(t, logtest.Open(t, s, "room"), 1)
		there := func() bool {
			b, err := os.ReadFile(filepath.Join(dir, "rooms.db"))
			if err != nil {
				t.Fatal(err)
			}
			return bytes.Contains(b, payloadOf("room", 1, 1))
		}
		if there() {
			t.Error("it is there at once, and the log is of no use")
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if !there() {
			t.Error("it is not there after 10 s")
		}
	})
}

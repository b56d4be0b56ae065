package store

import (
	"bytes"
	"os"
	"testing"
	"time"

	"coedit/transport"
	"coedit/transport/relay"

	bolt "go.etcd.io/bbolt"
)

// FuzzRecords: whatever stands on disk is a record, which then is written as it was read, or an error.
func FuzzRecords(f *testing.F) {
	key := key2(3, 4)
	f.Add(key1(7), frameRecord{3, transport.Frame{
		Number: 1, Replica: 2, Counter: 3, Class: 1, Target: "t", Trace: "trace", Payload: []byte("p"), Extra: []byte{8, 1},
	}}.encode(key1(7)))
	f.Add(key1(1), roomRecord{incarnation: 5, released: time.Unix(9, 0), id: "room", manifest: []byte("m")}.encode(key1(1)))
	f.Add(key, head{Snapshot: relay.Snapshot{Generation: 4, Restore: true, Size: 9, Number: 2}, blob: 8, confirmed: true}.encode(key))
	f.Add(key, encodeCounter(key, 11))
	f.Add(keyFormat, encodeFormat())
	f.Fuzz(func(t *testing.T, key, value []byte) {
		body := value[:max(0, len(value)-4)]
		for _, v := range [][]byte{value, sealed(key, append([]byte(nil), body...))} {
			if rec, err := decodeFrame(key, v); err == nil && !bytes.Equal(rec.encode(key), v) {
				t.Errorf("frame %+v is %x, was %x", rec, rec.encode(key), v)
			}
			if rec, err := decodeRoom(key, v); err == nil && len(rec.manifest) < 1<<15 && !bytes.Equal(rec.encode(key), v) {
				t.Errorf("room %+v is %x, was %x", rec, rec.encode(key), v)
			}
			if h, err := decodeHead(key, v); err == nil && v[len(v)-5] < 4 && !bytes.Equal(h.encode(key), v) {
				t.Errorf("snapshot %+v is %x, was %x", h, h.encode(key), v)
			}
			if n, err := decodeCounter(key, v); err == nil && !bytes.Equal(encodeCounter(key, n), v) {
				t.Errorf("counter %d", n)
			}
			_, _ = decodeFormat(v)
		}
	})
}

// FuzzFile: a file with any damage is read to its end, within bounds, and never ends the process.
func FuzzFile(f *testing.F) {
	path := f.TempDir() + "/rooms.db"
	db, err := bolt.Open(path, 0o600, &bolt.Options{PageSize: 1024, NoFreelistSync: true})
	if err != nil {
		f.Fatal(err)
	}
	if err := settleFile(db, &image{}); err != nil {
		f.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error {
		for n := range uint64(40) {
			key := key1(n + 1)
			fr := frameRecord{1, transport.Frame{Number: n + 1, Replica: 1, Counter: n + 1, Payload: make([]byte, 50)}}
			if err := tx.Bucket(bucketLog).Put(key, fr.encode(key)); err != nil {
				return err
			}
		}
		return tx.Bucket(bucketRooms).Put(key1(1), roomRecord{incarnation: 1, id: "r"}.encode(key1(1)))
	})
	if err != nil {
		f.Fatal(err)
	}
	if err := db.Close(); err != nil {
		f.Fatal(err)
	}
	sound, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	if img, err := scan(bytes.NewReader(sound), int64(len(sound)), true, nil); err != nil || img.damage() != nil || img.frames != 40 {
		f.Fatalf("%v, %v", err, img)
	}
	f.Add([]byte{})
	f.Add([]byte{3, 16, 0, 9})
	f.Fuzz(func(t *testing.T, changes []byte) { // four bytes each: page, place in it, and what stands there
		b := append([]byte(nil), sound...)
		for ; len(changes) >= 4; changes = changes[4:] {
			at := int(changes[0])<<10 + int(changes[1]) + int(changes[2])<<8
			if at < len(b) {
				b[at] = changes[3]
			}
		}
		if img, err := scan(bytes.NewReader(b), int64(len(b)), true, nil); err == nil {
			_ = img.damage()
		}
	})
}

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
	if err := settleFile(db, &image{}, walMark{id: 1, generation: 1}); err != nil {
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
	if img, err := scan(bytes.NewReader(sound), int64(len(sound)), inspection{thorough: true}); err != nil || img.damage() != nil || img.frames != 40 {
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
		if img, err := scan(bytes.NewReader(b), int64(len(b)), inspection{thorough: true}); err == nil {
			_ = img.damage()
		}
	})
}

// FuzzWal: whatever stands in a write-ahead log is read within bounds. What comes out is the beginning of what was
// written, or an error; and when the last record is whole it is all of it, or an error.
func FuzzWal(f *testing.F) {
	dir := f.TempDir()
	w, err := openWal(dir, walMark{})
	if err != nil {
		f.Fatal(err)
	}
	const records = 6
	var written []walPut
	ends := make([]int, 0, records)
	for n := range uint64(records) {
		var b walBuilder
		for i := range n + 1 {
			seq := uint64(len(written)) + 1
			fr := frameRecord{1, transport.Frame{Number: seq, Replica: 1, Counter: seq, Payload: make([]byte, 300*i)}}
			b.add(walFrame, seq, func(to []byte) []byte { return fr.append(to, key1(seq)) })
			written = append(written, b.puts()[i])
		}
		if err := w.append(&b); err != nil {
			f.Fatal(err)
		}
		ends = append(ends, int(w.at))
	}
	mark := w.mark
	if err := w.close(); err != nil {
		f.Fatal(err)
	}
	sound, err := os.ReadFile(dir + "/" + walName)
	if err != nil {
		f.Fatal(err)
	}
	puts, torn, err := readWal(bytes.NewReader(sound), int64(len(sound)), mark)
	if err != nil || torn != nil || len(puts) != len(written) {
		f.Fatalf("%d entries, %v, %v; want %d", len(puts), torn, err, len(written))
	}
	f.Add([]byte{}, false)
	f.Add([]byte{0, 16, 1}, false)
	f.Add([]byte{4, 16, 200}, true)
	f.Fuzz(func(t *testing.T, changes []byte, reseal bool) { // three bytes each: place, and what stands there
		b := append([]byte(nil), sound...)
		lastChanged := false
		for ; len(changes) >= 3; changes = changes[3:] {
			at := (int(changes[0]) + int(changes[1])<<8) % len(b)
			b[at] = changes[2]
			lastChanged = lastChanged || at >= ends[records-2]
		}
		if reseal { // the checksums are right: everything else is to be checked all the same
			for at := walHead; at+walRecord <= len(b); at += walSector {
				if n := le.Uint32(b[at+4:]); int64(n) <= int64(len(b)-at-walRecord) {
					le.PutUint32(b[at:], checksum(nil, b[at+4:at+walRecord+int(n)]))
				}
			}
			_, _, _ = readWal(bytes.NewReader(b), int64(len(b)), mark)
			return
		}
		puts, _, err := readWal(bytes.NewReader(b), int64(len(b)), mark)
		for i, put := range puts {
			if put.kind != written[i].kind || put.key != written[i].key || !bytes.Equal(put.value, written[i].value) {
				t.Fatalf("entry %d is not what was written", i)
			}
		}
		if err == nil && !lastChanged && len(puts) < len(written) {
			t.Fatalf("the last record is whole, and %d of %d entries are there without an error", len(puts), len(written))
		}
	})
}

package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sort"

	"coedit/transport"
	"coedit/transport/relay"
)

// Finding is something wrong with a store's file.
type Finding struct {
	Where string // "page 7", "room ...", "frame ..."
	What  string
}

func (f Finding) String() string { return f.Where + ": " + f.What }

// maxFindings bounds how many findings are kept of one file.
const maxFindings = 1000

// image is what is in a file.
type image struct {
	version   uint32
	txid      uint64 // of the last commit
	copied    bool   // it is a backup that no relay has used
	wal       walMark
	pageBytes int64
	rooms     map[uint64]*roomImage
	removed   []removedRoom // the oldest first
	findings  []Finding
	dropped   int   // findings beyond maxFindings
	torn      error // why one of the two first pages is not valid; nil: both are

	// What is in the write-ahead log only; all else that an image says counts it in.
	logged    []walPut
	unwritten error // why the log's last record is not whole; nil: it is

	// What no room needs any more.
	garbage garbage

	nextRoom, nextSeq, nextBlob, nextRemoved uint64

	frames, snapshots int // for a report
	frameBytes        int64
}

type removedRoom struct {
	key uint64
	id  string
}

// garbage is what may be deleted, as keys of the log, of blobs, of snapshots and of counters.
type garbage struct {
	frames   []uint64
	blobs    []blobRange
	heads    [][2]uint64
	counters [][2]uint64
}

// blobRange is a payload no snapshot refers to.
type blobRange struct {
	blob   uint64
	chunks uint32
}

func (g *garbage) empty() bool { return len(g.frames)+len(g.blobs)+len(g.heads)+len(g.counters) == 0 }

// roomImage is a room's part of an image.
type roomImage struct {
	key uint64
	roomRecord
	stored   bool   // it is in the file
	heads    []head // ascending by generation; at most two
	frames   []frameImage
	counters map[uint64]uint64 // of frames that are gone
}

// frameImage is a frame without its content.
type frameImage struct {
	seq, number      uint64
	replica, counter uint64
	size             int
}

// scanner fills an image.
type scanner struct {
	*image
	pages *pages
	how   inspection
	blobs map[uint64]uint32 // chunks of each that were found, from 0
	ended map[uint64]bool   // blobs whose chunks are not those of their heads
	read  int64             // bytes of values
}

// scan reads a whole file. Its error is about a file that is no store at all, or of a later version; all else is a
// finding.
func scan(file io.ReaderAt, size int64, how inspection) (*image, error) {
	s := &scanner{
		image: &image{rooms: make(map[uint64]*roomImage)}, how: how,
		blobs: make(map[uint64]uint32), ended: make(map[uint64]bool),
	}
	p, err := openPages(file, size, s.find)
	if err != nil {
		return nil, err
	}
	s.pages, s.torn, s.txid, s.pageBytes = p, p.other, p.meta.txid, p.bytes
	roots := make(map[string][]byte)
	p.walk(p.meta.root, func(e entry) {
		value, err := e.value()
		if err != nil || !e.bucket {
			s.find("bucket "+string(e.key), fmt.Sprintf("it is none (%v)", err))
			return
		}
		roots[string(e.key)] = value
		if !slices.ContainsFunc(buckets, func(name []byte) bool { return bytes.Equal(name, e.key) }) {
			s.find("bucket "+string(e.key), "there should be none of that name")
		}
	})
	if len(roots) > 0 && roots[string(bucketStore)] == nil {
		s.find("bucket "+string(bucketStore), "it is missing")
	}
	if err := s.scanFormat(roots[string(bucketStore)]); err != nil {
		return s.image, err
	}
	for _, part := range []struct {
		name []byte
		each func(entry) error
	}{
		{bucketRooms, s.room},
		{bucketHeads, s.head},
		{bucketCounters, s.counter},
		{bucketRemoved, s.removedRoom},
		{bucketBlobs, s.chunk},
		{bucketLog, s.frame},
	} {
		s.scanBucket(roots, part.name, part.each)
	}
	s.replay()
	s.conclude()
	return s.image, nil
}

// find keeps a finding.
func (i *image) find(where, what string) {
	if len(i.findings) == maxFindings {
		i.dropped++
		return
	}
	i.findings = append(i.findings, Finding{where, what})
}

// damage gives the findings as one error, or nil.
func (i *image) damage() error {
	switch n := len(i.findings) + i.dropped; n {
	case 0:
		return nil
	case 1:
		return fmt.Errorf("%w: %s", ErrDamaged, i.findings[0])
	default:
		return fmt.Errorf("%w: %s, and %d more", ErrDamaged, i.findings[0], n-1)
	}
}

// scanFormat reads the version. An empty file, which a crash may leave at the first start, has none: it is 0.
func (s *scanner) scanFormat(root []byte) error {
	if root == nil {
		return nil
	}
	found := false
	s.pages.walkBucket(string(bucketStore), root, func(e entry) {
		if err := e.plain(); err != nil {
			s.find(fmt.Sprintf("%s %x", bucketStore, e.key), err.Error())
		}
		switch string(e.key) {
		case string(keyCopied):
			s.copied = true
			return
		case string(keyWal):
			value, err := e.value()
			if err == nil {
				s.wal, err = decodeWalMark(value)
			}
			if err != nil {
				s.find("where the write-ahead log begins", err.Error())
			}
			return
		case string(keyFormat):
		default:
			return
		}
		found = true
		value, err := e.value()
		if err == nil {
			s.version, err = decodeFormat(value)
		}
		if err != nil {
			s.find("the version of the store", err.Error())
		}
	})
	if !found {
		s.find("the version of the store", "it is missing")
	}
	if s.version > formatVersion {
		return &VersionError{Found: s.version}
	}
	return nil
}

func (s *scanner) scanBucket(roots map[string][]byte, name []byte, each func(entry) error) {
	root, found := roots[string(name)]
	if !found {
		if s.version > 0 {
			s.find("bucket "+string(name), "it is missing")
		}
		return
	}
	s.pages.walkBucket(string(name), root, func(e entry) {
		err := e.plain()
		if err == nil {
			err = each(e)
		}
		if err != nil {
			s.find(fmt.Sprintf("%s %x", name, e.key), err.Error())
		}
	})
}

// plain reports an entry that is marked as a bucket: bbolt would take its value for where a page is.
func (e entry) plain() error {
	if e.bucket {
		return errors.New("it is marked as a bucket, and there are none in this one")
	}
	return nil
}

func (s *scanner) room(e entry) error {
	key, err := parseKey1(e.key)
	if err != nil {
		return err
	}
	s.nextRoom = max(s.nextRoom, key)
	value, err := e.value()
	if err != nil {
		return err
	}
	return s.roomValue(e.key, key, value)
}

func (s *scanner) roomValue(keyBytes []byte, key uint64, value []byte) error {
	rec, err := decodeRoom(keyBytes, value)
	if err != nil {
		return err
	}
	r := s.rooms[key]
	if r == nil {
		r = &roomImage{key: key, stored: true, counters: make(map[uint64]uint64)}
		s.rooms[key] = r
	}
	r.roomRecord = rec
	return nil
}

func (s *scanner) head(e entry) error {
	key, generation, err := parseKey2(e.key)
	if err != nil {
		return err
	}
	s.nextRoom = max(s.nextRoom, key)
	value, err := e.value()
	if err != nil {
		return err
	}
	h, err := decodeHead(e.key, value)
	if err != nil {
		return err
	}
	s.nextBlob = max(s.nextBlob, h.blob)
	r := s.rooms[key]
	if r == nil {
		s.garbage.heads = append(s.garbage.heads, [2]uint64{key, generation})
		return nil
	}
	h.Covers.Incarnation = r.incarnation
	r.heads = append(r.heads, h)
	s.snapshots++
	return nil
}

func (s *scanner) counter(e entry) error {
	key, replica, err := parseKey2(e.key)
	if err != nil {
		return err
	}
	s.nextRoom = max(s.nextRoom, key)
	value, err := e.value()
	if err != nil {
		return err
	}
	n, err := decodeCounter(e.key, value)
	if err != nil {
		return err
	}
	if r := s.rooms[key]; r != nil {
		r.counters[replica] = n
	} else {
		s.garbage.counters = append(s.garbage.counters, [2]uint64{key, replica})
	}
	return nil
}

func (s *scanner) removedRoom(e entry) error {
	key, err := parseKey1(e.key)
	if err != nil {
		return err
	}
	s.nextRemoved = max(s.nextRemoved, key)
	value, err := e.value()
	if err != nil {
		return err
	}
	id, err := unsealed(e.key, value)
	if err != nil {
		return err
	}
	s.removed = append(s.removed, removedRoom{key, string(id)})
	return nil
}

// chunk notes a part of a payload. Which ones are missing is seen when all are known.
func (s *scanner) chunk(e entry) error {
	blob, index, err := parseBlobKey(e.key)
	if err != nil {
		return err
	}
	s.nextBlob = max(s.nextBlob, blob)
	if index == s.blobs[blob] {
		s.blobs[blob]++
	} else {
		s.ended[blob] = true
	}
	if !s.how.thorough {
		return nil
	}
	value, err := e.value()
	if err != nil {
		return err
	}
	s.advance(len(value))
	if _, err := unsealed(e.key, value); err != nil {
		s.ended[blob] = true
		return err
	}
	return nil
}

// advance counts bytes for the progress.
func (s *scanner) advance(n int) {
	s.read += int64(n)
	if s.how.progress != nil {
		s.how.progress(s.read, s.pages.size)
	}
}

func (s *scanner) frame(e entry) error {
	seq, err := parseKey1(e.key)
	if err != nil {
		return err
	}
	s.nextSeq = max(s.nextSeq, seq)
	value, err := e.value()
	if err != nil {
		return err
	}
	s.advance(len(value))
	f, err := decodeFrame(e.key, value)
	if err != nil {
		return err
	}
	s.frameOf(seq, f)
	return nil
}

func (s *scanner) frameOf(seq uint64, f frameRecord) {
	s.nextSeq = max(s.nextSeq, seq)
	s.nextRoom = max(s.nextRoom, f.room)
	r := s.rooms[f.room]
	if r == nil || f.Number <= r.base() {
		s.garbage.frames = append(s.garbage.frames, seq)
		return
	}
	s.frames++
	s.frameBytes += int64(f.Size())
	r.frames = append(r.frames, frameImage{seq, f.Number, f.Replica, f.Counter, f.Size()})
}

// newest and kept are the room's snapshot and what it replaced; kept is nil when newest is confirmed, or there is
// none.
func (r *roomImage) newest() head {
	if len(r.heads) == 0 {
		return head{confirmed: true, Snapshot: relay.Snapshot{Covers: transport.Cursor{}}}
	}
	return r.heads[len(r.heads)-1]
}

func (r *roomImage) kept() *head {
	switch newest := r.newest(); {
	case newest.confirmed:
		return nil
	case len(r.heads) > 1:
		return &r.heads[len(r.heads)-2]
	default:
		return &head{}
	}
}

// base is the number of the last frame that is gone.
func (r *roomImage) base() uint64 {
	if kept := r.kept(); kept != nil {
		return kept.Covers.Number
	}
	return r.newest().Covers.Number
}

// conclude checks what belongs together, and finds out what nobody needs.
func (s *scanner) conclude() {
	sort.Slice(s.removed, func(i, j int) bool { return s.removed[i].key < s.removed[j].key })
	gone := make(map[string]bool)
	for _, r := range s.removed {
		gone[r.id] = true
	}
	byID := make(map[string]*roomImage)
	needed := make(map[uint64]bool)
	for _, key := range slices.Sorted(maps.Keys(s.rooms)) {
		r := s.rooms[key]
		if other := byID[r.id]; other != nil {
			s.find("room "+r.id, fmt.Sprintf("it is there twice, as number %d and %d", other.key, key))
		}
		if gone[r.id] {
			s.find("room "+r.id, "it was removed and is still there")
		}
		byID[r.id] = r
		if err := s.concludeRoom(r, needed); err != nil {
			s.find("room "+r.id, err.Error())
		}
	}
	for _, blob := range slices.Sorted(maps.Keys(s.blobs)) {
		if !needed[blob] {
			s.garbage.blobs = append(s.garbage.blobs, blobRange{blob, s.blobs[blob]})
		}
	}
}

// concludeRoom checks one room. The payloads it refers to are added to needed.
func (s *scanner) concludeRoom(r *roomImage, needed map[uint64]bool) error {
	if r.incarnation == 0 {
		return errors.New("its incarnation is 0")
	}
	for _, h := range r.heads {
		needed[h.blob] = true
		if have, want := s.blobs[h.blob], chunks(h.Size); have != want || s.ended[h.blob] {
			return fmt.Errorf("the payload of snapshot %d is incomplete: %d of %d parts are right", h.Generation, have, want)
		}
	}
	if err := r.checkHeads(); err != nil {
		return err
	}
	next := r.base() + 1
	last := make(map[uint64]uint64)
	for _, f := range r.frames {
		switch {
		case f.number > next:
			return fmt.Errorf("frame %d is missing", next)
		case f.number < next:
			return fmt.Errorf("frame %d is there twice", f.number)
		case f.counter != 0 && f.counter <= last[f.replica]:
			return fmt.Errorf("frame %d of replica %x has counter %d after %d", f.number, f.replica, f.counter, last[f.replica])
		}
		if f.counter != 0 {
			last[f.replica] = f.counter
		}
		next++
	}
	if newest := r.newest(); newest.Number >= next {
		return fmt.Errorf("snapshot %d stands at number %d, but the last frame is %d", newest.Generation, newest.Number, next-1)
	}
	return nil
}

// checkHeads checks the room's snapshots against each other.
func (r *roomImage) checkHeads() error {
	if len(r.heads) > 2 || len(r.heads) == 2 && (r.heads[1].confirmed || !r.heads[0].confirmed) {
		return errors.New("more snapshots than can belong together")
	}
	for i, h := range r.heads {
		switch {
		case h.Number < h.Covers.Number || !h.Restore && h.Number != h.Covers.Number:
			return fmt.Errorf("snapshot %d covers %d and stands at %d", h.Generation, h.Covers.Number, h.Number)
		case i > 0 && h.Covers.Number < r.heads[i-1].Covers.Number:
			return fmt.Errorf("snapshot %d covers less than the one before", h.Generation)
		}
	}
	return nil
}

package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
)

// pages reads the file of a bbolt database without bbolt, which takes what is on disk for sound and may end the
// process over a damaged page. Here every number is checked before it is followed, so a damaged file costs findings
// and nothing else. Layout as in go.etcd.io/bbolt/internal/common, file format version 2.
type pages struct {
	file  io.ReaderAt
	size  int64 // of the file
	bytes int64 // of a page
	meta  meta
	other error // what is wrong with the other meta page; nil: nothing. A crash may leave it so

	used []uint64 // a bit for each page met so far
	// report is called with what is wrong.
	report func(where, what string)
}

// meta is the root of a database. There are two, written in turn.
type meta struct {
	pageSize uint32
	root     uint64
	high     uint64 // pages from here on are not used
	txid     uint64
}

const (
	pageHeader  = 16
	elementSize = 16
	metaSize    = 64
	metaMagic   = 0xED0CDAED
	metaVersion = 2

	flagBranch = 0x01
	flagLeaf   = 0x02
	flagBucket = 0x01

	maxDepth     = 64
	smallestPage = 1 << 10
	largestPage  = 64 << 10
)

// openPages finds the newer valid one of the two meta pages.
func openPages(file io.ReaderAt, size int64, report func(where, what string)) (*pages, error) {
	p := &pages{file: file, size: size, report: report}
	first, firstErr := p.readMeta(0)
	second, secondErr := meta{}, fmt.Errorf("no page size known")
	if firstErr == nil {
		second, secondErr = p.readMeta(int64(first.pageSize))
	} else {
		for at := int64(smallestPage); at <= largestPage && secondErr != nil; at *= 2 {
			if second, secondErr = p.readMeta(at); secondErr == nil && int64(second.pageSize) != at {
				secondErr = fmt.Errorf("it is for pages of %d bytes", second.pageSize)
			}
		}
	}
	switch {
	case firstErr != nil && secondErr != nil:
		return nil, fmt.Errorf("neither of its two first pages is valid (%w; %w)", firstErr, secondErr)
	case firstErr == nil && (secondErr != nil || first.txid > second.txid):
		p.meta = first
	default:
		p.meta = second
	}
	if firstErr != nil {
		p.other = firstErr
	} else {
		p.other = secondErr
	}
	p.bytes = int64(p.meta.pageSize)
	p.used = make([]uint64, size/p.bytes/64+1)
	if p.meta.high > uint64(size/p.bytes) {
		report("file", fmt.Sprintf("it has %d bytes and should have %d: its end is missing", size, int64(p.meta.high)*p.bytes))
	}
	return p, nil
}

func (p *pages) readMeta(at int64) (m meta, err error) {
	b := make([]byte, pageHeader+metaSize)
	if _, err := p.file.ReadAt(b, at); err != nil {
		return m, fmt.Errorf("page at byte %d: %w", at, err)
	}
	b = b[pageHeader:]
	sum := fnv.New64a()
	sum.Write(b[:metaSize-8])
	m = meta{
		pageSize: binary.NativeEndian.Uint32(b[8:]),
		root:     binary.NativeEndian.Uint64(b[16:]),
		high:     binary.NativeEndian.Uint64(b[40:]),
		txid:     binary.NativeEndian.Uint64(b[48:]),
	}
	switch {
	case binary.NativeEndian.Uint32(b) != metaMagic:
		return m, fmt.Errorf("page at byte %d: not a bbolt database", at)
	case binary.NativeEndian.Uint32(b[4:]) != metaVersion:
		return m, fmt.Errorf("page at byte %d: bbolt format %d, not %d", at, binary.NativeEndian.Uint32(b[4:]), metaVersion)
	case binary.NativeEndian.Uint64(b[metaSize-8:]) != sum.Sum64():
		return m, fmt.Errorf("page at byte %d: wrong checksum", at)
	case m.pageSize < smallestPage || m.pageSize > largestPage || m.pageSize&(m.pageSize-1) != 0:
		return m, fmt.Errorf("page at byte %d: pages of %d bytes", at, m.pageSize)
	}
	return m, nil
}

// page is a page that was read: a part of the file, of which the beginning is in memory.
type page struct {
	id    uint64
	at    int64
	len   int64 // with overflow
	flags uint16
	count int
	head  []byte // the first pages.bytes
}

func (p *pages) readPage(id uint64) (page, error) {
	if id < 2 || id >= p.meta.high || id >= uint64(p.size/p.bytes) {
		return page{}, fmt.Errorf("there is no such page; the last is %d", min(p.meta.high, uint64(p.size/p.bytes))-1)
	}
	pg := page{id: id, at: int64(id) * p.bytes, head: make([]byte, p.bytes)}
	if _, err := p.file.ReadAt(pg.head, pg.at); err != nil {
		return page{}, err
	}
	overflow := uint64(binary.NativeEndian.Uint32(pg.head[12:]))
	if self := binary.NativeEndian.Uint64(pg.head); self != id {
		return page{}, fmt.Errorf("it calls itself page %d", self)
	}
	if id+overflow >= p.meta.high || id+overflow >= uint64(p.size/p.bytes) {
		return page{}, fmt.Errorf("it goes on for %d pages, beyond the end", overflow)
	}
	pg.len = int64(overflow+1) * p.bytes
	pg.flags = binary.NativeEndian.Uint16(pg.head[8:])
	pg.count = int(binary.NativeEndian.Uint16(pg.head[10:]))
	for i := id; i <= id+overflow; i++ {
		if p.used[i/64]&(1<<(i%64)) != 0 {
			return page{}, fmt.Errorf("page %d is used twice", i)
		}
		p.used[i/64] |= 1 << (i % 64)
	}
	return pg, nil
}

// holds reports that a part is outside of a page.
func (pg page) holds(from, n int64) error {
	if from < 0 || n < 0 || from+n > pg.len {
		return fmt.Errorf("something of %d bytes at %d is outside of its %d bytes", n, from, pg.len)
	}
	return nil
}

// part reads a part of a page.
func (p *pages) part(pg page, from, n int64) ([]byte, error) {
	if err := pg.holds(from, n); err != nil {
		return nil, err
	}
	if from+n <= int64(len(pg.head)) {
		return pg.head[from : from+n : from+n], nil
	}
	b := make([]byte, n)
	_, err := p.file.ReadAt(b, pg.at+from)
	return b, err
}

// entry is a key with its value, which is read only when it is wanted.
type entry struct {
	key    []byte
	bucket bool
	value  func() ([]byte, error)
}

// walk calls each for the entries below a page, in order.
func (p *pages) walk(root uint64, each func(entry)) {
	var last []byte
	p.walkPage(root, 0, between{}, &last, each)
}

// between are the keys that the branch above a page promises for it. bbolt ends the process over one that is not.
type between struct {
	from []byte
	to   []byte // not this one itself; nil: no end
}

func (b between) check(key []byte) error {
	if bytes.Compare(key, b.from) < 0 || b.to != nil && bytes.Compare(key, b.to) >= 0 {
		return fmt.Errorf("key %x where they should be from %x to before %x", key, b.from, b.to)
	}
	return nil
}

func (p *pages) walkPage(id uint64, depth int, keys between, last *[]byte, each func(entry)) {
	where := fmt.Sprintf("page %d", id)
	pg, err := p.readPage(id)
	switch {
	case err != nil:
		p.report(where, err.Error())
	case depth > maxDepth:
		p.report(where, "the tree is too deep")
	case pg.flags == flagBranch:
		p.walkBranch(pg, where, depth, keys, last, each)
	case pg.flags == flagLeaf:
		p.walkLeaf(pg, where, keys, last, each)
	default:
		p.report(where, fmt.Sprintf("neither branch nor leaf: kind %#x", pg.flags))
	}
}

func (p *pages) walkBranch(pg page, where string, depth int, keys between, last *[]byte, each func(entry)) {
	if pg.count == 0 {
		p.report(where, "a branch without branches")
	}
	total := int64(pageHeader + pg.count*elementSize)
	if err := pg.holds(0, total); err != nil {
		p.report(where, err.Error())
		return
	}
	below, from := make([]uint64, pg.count), make([][]byte, pg.count+1)
	from[pg.count] = keys.to
	for i := range pg.count {
		at := int64(pageHeader + i*elementSize)
		e, err := p.part(pg, at, elementSize)
		if err == nil {
			n := int64(binary.NativeEndian.Uint32(e[4:]))
			if total += n; total > pg.len { // else keys could share bytes, and take any memory
				err = fmt.Errorf("its keys are longer than its %d bytes", pg.len)
			} else if from[i], err = p.part(pg, at+int64(binary.NativeEndian.Uint32(e)), n); err == nil {
				err = keys.check(from[i])
			}
		}
		if err != nil {
			p.report(where, err.Error())
			return
		}
		below[i] = binary.NativeEndian.Uint64(e[8:])
	}
	for i, id := range below {
		p.walkPage(id, depth+1, between{from[i], from[i+1]}, last, each)
	}
}

func (p *pages) walkLeaf(pg page, where string, keys between, last *[]byte, each func(entry)) {
	total := int64(pageHeader + pg.count*elementSize)
	for i := range pg.count {
		at := int64(pageHeader + i*elementSize)
		e, err := p.part(pg, at, elementSize)
		if err != nil {
			p.report(where, err.Error())
			return
		}
		keyAt, keyLen := at+int64(binary.NativeEndian.Uint32(e[4:])), int64(binary.NativeEndian.Uint32(e[8:]))
		valueLen := int64(binary.NativeEndian.Uint32(e[12:]))
		if total += keyLen + valueLen; total > pg.len { // else entries could share bytes, and be read for ever
			p.report(where, fmt.Sprintf("its entries are longer than its %d bytes", pg.len))
			return
		}
		key, err := p.part(pg, keyAt, keyLen)
		if err == nil {
			err = pg.holds(keyAt+keyLen, valueLen)
		}
		if err == nil && *last != nil && bytes.Compare(key, *last) <= 0 {
			err = fmt.Errorf("key %x after %x", key, *last)
		}
		if err == nil {
			err = keys.check(key)
		}
		if err != nil {
			p.report(where, err.Error())
			return
		}
		*last = key
		each(entry{
			key: key, bucket: binary.NativeEndian.Uint32(e)&flagBucket != 0,
			value: func() ([]byte, error) { return p.part(pg, keyAt+keyLen, valueLen) },
		})
	}
}

// walkBucket calls each for the entries of a bucket, given its value in the bucket above: a page, or the bucket
// itself if it is small.
func (p *pages) walkBucket(name string, value []byte, each func(entry)) {
	if len(value) < 16 {
		p.report("bucket "+name, fmt.Sprintf("a root of %d bytes", len(value)))
		return
	}
	if root := binary.NativeEndian.Uint64(value); root != 0 {
		p.walk(root, each)
		return
	}
	inline := value[16:]
	if len(inline) < pageHeader {
		p.report("bucket "+name, "its inner page is cut off")
		return
	}
	pg := page{
		len: int64(len(inline)), head: inline,
		flags: binary.NativeEndian.Uint16(inline[8:]), count: int(binary.NativeEndian.Uint16(inline[10:])),
	}
	if pg.flags != flagLeaf {
		p.report("bucket "+name, fmt.Sprintf("its inner page is of kind %#x", pg.flags))
		return
	}
	var last []byte
	p.walkLeaf(pg, "bucket "+name, between{}, &last, each)
}

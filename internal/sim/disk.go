package sim

import (
	"sync"

	"coedit/internal/journal"
)

// Disk is a journal in memory. It can end at a chosen record, in the middle of writing it, as a kill of its process does:
// from then on nothing is written, and nobody is told that anything was. Safe for concurrent use.
type Disk struct {
	mu      sync.Mutex // guards the following
	log     []byte
	ends    []int // where the records end
	synced  int   // so many of them no power cut takes: the room's manifest is among them
	records int   // until it breaks; negative: it does not
	torn    float64
	broken  bool
}

// NewDisk returns an empty journal.
func NewDisk() *Disk { return &Disk{log: journal.Head(), records: -1} }

// BreakAfter lets so many records be written, and of the next one only a part.
func (d *Disk) BreakAfter(records int, part float64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.records, d.torn = records, part
}

// Broken says whether it has broken.
func (d *Disk) Broken() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.broken
}

// Break ends it between two records.
func (d *Disk) Break() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.broken = true
}

// Append implements session.Journal.
func (d *Disk) Append(then func(), records ...journal.Record) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, r := range records {
		if d.broken {
			return
		}
		before := len(d.log)
		d.log = journal.Append(d.log, r)
		if d.records == 0 {
			d.broken = true
			d.log = d.log[:before+int(d.torn*float64(len(d.log)-before))]
			return
		}
		d.records--
		d.ends = append(d.ends, len(d.log))
		if _, ok := r.(journal.Manifest); ok {
			d.synced = len(d.ends)
		}
	}
	if then != nil && !d.broken {
		then()
	}
}

// Restart is what the next process finds, and the journal that it goes on writing. With lost > 0 the last records were not
// yet on the disk when the power went: the state is then not intact.
func (d *Disk) Restart(lost int) (*Disk, *journal.State, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	log := d.log
	if keep := max(len(d.ends)-lost, d.synced, 1); lost > 0 && keep <= len(d.ends) {
		log = log[:d.ends[keep-1]]
	}
	s, valid, err := journal.Read(append([]byte(nil), log...))
	if valid == 0 {
		return nil, nil, err
	}
	s.Intact = lost == 0
	next := NewDisk()
	if s.Intact {
		next.log = append(next.log[:0], log[:valid]...)
	}
	return next, s, nil
}

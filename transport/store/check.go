package store

import (
	"fmt"
	"os"
	"path/filepath"
)

// Report is what Check found.
type Report struct {
	File      string
	Bytes     int64
	Rooms     int
	Frames    int
	Payload   int64 // bytes of the frames
	Snapshots int
	Removed   int // rooms that are remembered as removed
	Waste     int // records that are still to be deleted
	Notes     []string
	Findings  []Finding
	Omitted   int // findings beyond those listed
}

// Check reads all of a store, given its folder, or of a backup, given its file. Its error is that this could not be
// done; what is wrong with the store is in the report. progress, if not nil, is called with bytes.
func Check(path string, progress func(done, total int64)) (Report, error) {
	file := path
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		file = filepath.Join(path, fileName)
	}
	var wal walReader
	if filepath.Base(file) == fileName {
		wal = readWalFile(filepath.Join(filepath.Dir(file), walName))
	}
	report, _, err := check(file, wal, progress)
	return report, err
}

// check reads all of a file and of the write-ahead log that belongs to it, if it has one.
func check(file string, wal walReader, progress func(done, total int64)) (Report, *image, error) {
	report := Report{File: file}
	info, err := os.Stat(file)
	if err != nil {
		return report, nil, fileError(file, err)
	}
	report.Bytes = info.Size()
	img, err := inspectFile(file, inspection{thorough: true, progress: progress, wal: wal})
	switch {
	case img == nil && isDamage(err):
		report.Findings = []Finding{{Where: "file", What: err.Error()}}
		return report, nil, nil
	case err != nil:
		return report, nil, fileError(file, err)
	}
	report.fill(img)
	return report, img, nil
}

func (r *Report) fill(img *image) {
	r.Rooms, r.Frames, r.Payload, r.Snapshots = len(img.rooms), img.frames, img.frameBytes, img.snapshots
	r.Removed = len(img.removed)
	g := &img.garbage
	r.Waste = len(g.frames) + len(g.blobs) + len(g.heads) + len(g.counters)
	r.Findings, r.Omitted = img.findings, img.dropped
	if img.torn != nil {
		r.Notes = append(r.Notes, fmt.Sprintf("the last commit did not end, as when the power fails: %v", img.torn))
	}
	if img.unwritten != nil {
		r.Notes = append(r.Notes, fmt.Sprintf("what was written last to %s is not whole, as when the power fails: %v", walName, img.unwritten))
	}
}

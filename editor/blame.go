package editor

import (
	"strconv"

	"coedit/rga"
)

// metaLoaded is the metadata register that tells how many bytes of the text came from the file when it was opened. The replica that
// set it inserted them, with its first ticks. They are nobody's doing here.
const metaLoaded = "loaded"

// MarkLoaded notes that a document's first insertion, of so many bytes, is a file's text. at is unix milliseconds.
func MarkLoaded(doc *rga.Doc, at int64, size int) error {
	if size == 0 {
		return nil
	}
	_, err := doc.SetMeta(at, metaLoaded, strconv.Itoa(size))
	return err
}

// blameLimit is how much of a line is looked at, in bytes.
const blameLimit = 4096

// Origin says who wrote a line last, as far as its text still stands.
type Origin struct {
	Replica rga.ReplicaID
	Tick    uint64 // of its, at which it wrote
	At      int64  // unix milliseconds; 0: not known
	Loaded  bool   // nobody here did: the line is as it was in the file
	Others  []rga.ReplicaID
}

// Origin returns who wrote a line, its newline included; false where it is empty. It looks at the first few kilobytes of the line.
func (e *Editor) Origin(line int) (o Origin, ok bool) {
	start, end := e.LineBounds(line)
	end = min(end+1, start+blameLimit, e.view.Len())
	o.Loaded = true
	for _, run := range e.doc.Blame(start, end) {
		ok = true
		if e.loaded(run) {
			if o.Loaded {
				o.Replica, o.Tick, o.At = run.Replica, run.Ticks.From, run.At
			}
			continue
		}
		if o.Loaded || run.At > o.At {
			if !o.Loaded {
				o.also(o.Replica)
			}
			o.Loaded, o.Replica, o.Tick, o.At = false, run.Replica, run.Ticks.From, run.At
			continue
		}
		o.also(run.Replica)
	}
	o.without(o.Replica)
	return o, ok
}

// loaded says whether a run came with the file.
func (e *Editor) loaded(run rga.BlameRun) bool {
	if run.Replica != e.doc.MetaBy(metaLoaded) {
		return false
	}
	text, _ := e.doc.Meta(metaLoaded)
	size, err := strconv.ParseUint(text, 10, 64)
	return err == nil && run.Ticks.From < size
}

// also adds somebody to the others, once.
func (o *Origin) also(id rga.ReplicaID) {
	for _, other := range o.Others {
		if other == id {
			return
		}
	}
	o.Others = append(o.Others, id)
}

func (o *Origin) without(id rga.ReplicaID) {
	for i, other := range o.Others {
		if other == id {
			o.Others = append(o.Others[:i], o.Others[i+1:]...)
			return
		}
	}
}

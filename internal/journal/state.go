package journal

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Why a log could not be read to its end.
var (
	// ErrTorn: the log ends in the middle of a record, as a kill leaves it. What stands before is whole.
	ErrTorn = errors.New("journal: the last record is cut off")
	// ErrDamaged: the bytes of the log are not those that were written.
	ErrDamaged = errors.New("journal: damaged")
	// ErrVersion: a later version of this program wrote the log.
	ErrVersion = errors.New("journal: written by a later version of coedit")
)

// State is what a log says, all its records taken together. Its bytes share memory with the log.
type State struct {
	About    About
	Identity []byte
	Manifest []byte
	Members  [][]byte

	// The document is: Document, or a new one whose first edit, at TextAt, inserts Text (nil: no such edit); then Batches.
	Text     [][]byte
	TextAt   int64
	Document []byte
	Batches  [][]byte

	Frames  []Frame // frozen and not acknowledged, contiguous; the last one is Counter
	Counter uint64  // of the last frame ever frozen
	Acked   uint64  // of the last frame acknowledged or given up
	AckedTo uint64  // own ticks that the relay has, as far as is known

	Moved    bool // it is not noted yet which log is read in the room that the participant has gone on to
	Cursor   Cursor
	Saved    []byte // encoded version that the file holds; nil: none
	Merged   []byte // checksum of a later text of the file, which is merged; nil: none
	Declined bool
	Closed   bool

	// Intact says that this is all that was ever written, so that ids and counters may go on from here. Read leaves it false.
	Intact bool

	next   []byte // manifest of the room that an About is to follow for; nil: none
	behind bool
	origin origin
}

// Read reads a log and returns what its records say up to the first that cannot be read, and where that is. The error
// wraps ErrTorn, ErrDamaged or ErrVersion; the state is right up to there in any case.
func Read(log []byte) (s *State, valid int, err error) {
	s = &State{}
	if len(log) < headLen || string(log[:len(magic)]) != magic {
		if len(log) < headLen && string(log) == magic[:min(len(log), len(magic))] {
			return s, 0, ErrTorn
		}
		return s, 0, fmt.Errorf("%w: it does not begin as a journal", ErrDamaged)
	}
	if log[len(magic)] != version {
		return s, 0, fmt.Errorf("%w: version %d", ErrVersion, log[len(magic)])
	}
	at := headLen
	for at < len(log) {
		body, n, err := next(log[at:])
		if err != nil {
			return s, at, fmt.Errorf("%w at byte %d", err, at)
		}
		if err := s.add(body); err != nil {
			return s, at, fmt.Errorf("%w at byte %d: %w", ErrDamaged, at, err)
		}
		at += n
	}
	return s, at, nil
}

// next gives the body of the first record and the record's length.
func next(b []byte) (body []byte, n int, err error) {
	if len(b) < frameIn {
		return nil, 0, ErrTorn
	}
	length := uint64(binary.LittleEndian.Uint32(b))
	switch {
	case length == 0 || length > maxRecord:
		return nil, 0, ErrDamaged
	case uint64(len(b)-frameIn) < length:
		return nil, 0, ErrTorn
	}
	n = frameIn + int(length)
	if sum(b[:n]) != binary.LittleEndian.Uint32(b[4:]) {
		return nil, 0, ErrDamaged
	}
	return b[frameIn:n], n, nil
}

// add takes one record in. A kind of a later version is skipped.
func (s *State) add(body []byte) error {
	kind, b := body[0], body[1:]
	switch kind {
	case kindOrigin:
		s.origin = originOf(b)
	case kindAbout:
		was := s.About.room()
		s.About = About{}
		err := json.Unmarshal(b, &s.About)
		if s.next != nil && s.About.room() != was {
			s.Leave(s.next)
		}
		return err
	case kindIdentity:
		s.Identity = b
	case kindManifest:
		s.Manifest = b
	case kindMoved:
		s.next = append([]byte{}, b...)
	case kindLeft:
		s.Moved = true
	case kindMember:
		s.Members = append(s.Members, b)
	case kindText:
		return s.addText(b)
	case kindDocument:
		s.Document, s.Text, s.TextAt, s.Batches = b, nil, 0, nil
	case kindBatch:
		batch, err := unpack(b)
		if err != nil {
			return err
		}
		s.Batches = append(s.Batches, batch)
	case kindSaved:
		s.Saved, s.Merged = b, nil
	case kindMerged:
		s.Merged = b
	case kindDeclined:
		s.Declined = true
	case kindBehind:
		s.behind = true
	case kindClosed:
		s.Closed = true
	case kindFrame, kindAcked, kindRestart, kindCursor:
		return s.addProgress(kind, b)
	}
	return nil
}

// room is the part of the link that names the room.
func (a About) room() string {
	_, room, _ := strings.Cut(a.Link, "/r/")
	room, _, _ = strings.Cut(room, "#")
	return room
}

// Leave forgets what concerns a room that was left. The counters go on, so that no frame is ever sealed under a number twice.
func (s *State) Leave(manifest []byte) {
	s.Manifest, s.Members, s.Cursor, s.Frames = manifest, nil, Cursor{}, nil
	s.Acked, s.AckedTo, s.Moved, s.next = s.Counter, 0, true, nil
	if len(manifest) == 0 {
		s.Manifest = nil
	}
}

func (s *State) addText(b []byte) error {
	at, n := binary.Varint(b)
	if n <= 0 {
		return errBody
	}
	piece, err := unpack(b[n:])
	if err != nil {
		return err
	}
	s.TextAt, s.Text = at, append(s.Text, piece)
	return nil
}

// addProgress takes in what concerns the relay.
func (s *State) addProgress(kind byte, b []byte) error {
	switch kind {
	case kindFrame:
		return s.addFrame(b)
	case kindAcked:
		n, _, err := takeNumbers(b, 1)
		if err != nil {
			return err
		}
		return s.ack(n[0])
	case kindRestart:
		n, _, err := takeNumbers(b, 2)
		if err != nil {
			return err
		}
		if n[0] < s.Counter {
			return fmt.Errorf("%w: frames up to %d are over, and %d was the last", errBody, n[0], s.Counter)
		}
		s.Counter, s.Acked, s.AckedTo, s.Frames = n[0], n[0], n[1], nil
	case kindCursor:
		n, _, err := takeNumbers(b, 2)
		if err != nil {
			return err
		}
		s.Cursor, s.Moved = Cursor{n[0], n[1]}, false
	}
	return nil
}

func (s *State) addFrame(b []byte) error {
	n, b, err := takeNumbers(b, 4)
	if err != nil {
		return err
	}
	if n[0] != s.Counter+1 || n[2] > 255 || n[3] > uint64(len(b)) {
		return fmt.Errorf("%w: frame %d after %d", errBody, n[0], s.Counter)
	}
	s.Counter++
	s.Frames = append(s.Frames, Frame{
		Counter: n[0], To: n[1], Class: uint8(n[2]), Target: string(b[:n[3]]), Payload: b[n[3]:],
	})
	return nil
}

func (s *State) ack(counter uint64) error {
	if counter > s.Counter {
		return fmt.Errorf("%w: frame %d acknowledged, %d was the last", errBody, counter, s.Counter)
	}
	for len(s.Frames) > 0 && s.Frames[0].Counter <= counter {
		s.AckedTo = s.Frames[0].To
		s.Frames[0] = Frame{} // its payload is not needed any more
		s.Frames = s.Frames[1:]
	}
	s.Acked = max(s.Acked, counter)
	return nil
}

// progress are the records that stand for the state's frames and counters in a new log.
func (s *State) progress() []Record {
	records := []Record{Restart{s.Acked, s.AckedTo}}
	if s.Moved {
		records = append(records, left{})
	}
	if s.next != nil {
		records = append(records, Moved{s.next})
	}
	for _, f := range s.Frames {
		records = append(records, f)
	}
	if s.Cursor != (Cursor{}) {
		records = append(records, s.Cursor)
	}
	if s.Saved != nil {
		records = append(records, Saved{s.Saved})
	}
	if s.Merged != nil {
		records = append(records, Merged{s.Merged})
	}
	if s.Declined {
		records = append(records, Declined{})
	}
	if s.behind {
		records = append(records, Behind{})
	}
	return records
}

// head are the records that a new log begins with, behind its origin.
func (s *State) head() []Record {
	records := []Record{s.About}
	if s.Identity != nil {
		records = append(records, Identity{s.Identity})
	}
	if s.Manifest != nil {
		records = append(records, Manifest{s.Manifest})
	}
	for _, m := range s.Members {
		records = append(records, Member{m})
	}
	return records
}

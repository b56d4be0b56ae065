package journal

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"iter"

	"coedit/internal/codec"
)

const (
	magic   = "coedit\x00J"
	version = 1
	headLen = len(magic) + 1
	frameIn = 8 // bytes of a record before its body

	// maxRecord bounds a record's body, and what a compressed one may hold: a document of a gigabyte.
	maxRecord = 1 << 30
	// textPiece is the size the text of a file is cut into.
	textPiece = 1 << 20
	// packFrom is the size from which batches are compressed.
	packFrom = 512
)

// Kinds of records. Their numbers are the format's and are never used again.
const (
	kindOrigin   = 1 + iota // boot, device, inode of the file: see origin.go
	kindAbout               // JSON of About
	kindIdentity            // bytes
	kindText                // unix milliseconds (varint), flag, bytes or packet
	kindDocument            // bytes
	kindBatch               // flag, bytes or packet
	kindFrame               // counter, to, class (uvarints), target (length and bytes), payload
	kindAcked               // counter (uvarint)
	kindRestart             // counter, tick (uvarints)
	kindCursor              // incarnation, number (uvarints)
	kindSaved               // bytes
	kindManifest            // bytes
	kindDeclined            // nothing
	kindClosed              // nothing
	kindBehind              // nothing
	kindMerged              // bytes
	kindMember              // bytes
	kindMoved               // bytes
	kindLeft                // nothing
)

// Record is one of the types below. Bytes in a record are not to be changed once it was appended.
type Record interface {
	// append writes the record, in one or several pieces.
	append(dst []byte) []byte
}

type (
	// About says what the journal is of. The newest counts.
	About struct {
		Role      string `json:"role"`                // "alone", "share" or "join"
		File      string `json:"file,omitempty"`      // alone, share: the file's absolute path
		Name      string `json:"name,omitempty"`      // the document's name
		Room      string `json:"room,omitempty"`      // id of the room
		Link      string `json:"link,omitempty"`      // the participant's link, secret included
		Owner     []byte `json:"owner,omitempty"`     // share: the room's owner secret
		Carrier   []byte `json:"carrier,omitempty"`   // share: the owner secret that the own relay's key follows from
		Relay     string `json:"relay,omitempty"`     // share: base of a relay that is not the own one
		Listen    string `json:"listen,omitempty"`    // share: where the own relay listens, with its port
		Advertise string `json:"advertise,omitempty"` // share: what the links call it
		Started   int64  `json:"started"`             // unix milliseconds
	}
	// Identity is what the participant signs and seals with; a private key.
	Identity struct{ Bytes []byte }
	// Text is the text that the document began with: the replica's first edit, at the time At. Pieces is read by the
	// writer's goroutine, later; what it yields is not kept.
	Text struct {
		At     int64
		Pieces iter.Seq[[]byte]
	}
	// Document is a whole encoded document, in place of every text, document and batch before.
	Document struct{ Bytes []byte }
	// Batch is an encoded op batch, of one's own or of somebody else.
	Batch struct{ Bytes []byte }
	// Frame is a sealed frame as it is going to be published; counters have no holes. To is the own tick it ends before.
	Frame struct {
		Counter, To uint64
		Class       uint8
		Target      string
		Payload     []byte
	}
	// Acked says that a relay has acknowledged the frames up to Counter.
	Acked struct{ Counter uint64 }
	// Restart says that the frames up to Counter are over: what they held, from Tick on, is published again in new ones.
	Restart struct{ Counter, Tick uint64 }
	// Cursor says how far the room's log has been read: all of it is in the batches before.
	Cursor struct{ Incarnation, Number uint64 }
	// Saved is the encoded version of the document that the file on disk holds.
	Saved struct{ Version []byte }
	// Merged names, by a checksum, a text of the file that is in the document, though it is the text of none of its versions.
	// A later Saved ends that.
	Merged struct{ Sum []byte }
	// Manifest is the room's.
	Manifest struct{ Bytes []byte }
	// Moved is the manifest of another room, in which the participant goes on once an About with a link to it follows. What was
	// noted of the relay before concerns the room that was left then. Counters go on.
	Moved struct{ Manifest []byte }
	// left says, in a log that was compacted, that nothing was noted yet of the present room.
	left struct{}
	// Member is the certificate of another participant, without which what it writes cannot be checked.
	Member struct{ Bytes []byte }
	// Declined says that the user was asked and did not want to recover.
	Declined struct{}
	// Behind says that the ids are in use elsewhere, or further on than the journal knows: State.Intact is false from then on.
	Behind struct{}
	// Closed says that nothing is left to be done: everything is acknowledged or saved, or was given up by the user.
	Closed struct{}
)

func (r About) append(dst []byte) []byte {
	b, err := json.Marshal(r)
	if err != nil {
		panic("journal: " + err.Error()) // strings and numbers always encode
	}
	return record(dst, kindAbout, func(dst []byte) []byte { return append(dst, b...) })
}

func (r Identity) append(dst []byte) []byte { return plain(dst, kindIdentity, r.Bytes) }
func (r Document) append(dst []byte) []byte {
	head, rest := r.parts()
	return append(append(dst, head...), rest...)
}
func (r Saved) append(dst []byte) []byte    { return plain(dst, kindSaved, r.Version) }
func (r Merged) append(dst []byte) []byte   { return plain(dst, kindMerged, r.Sum) }
func (r Manifest) append(dst []byte) []byte { return plain(dst, kindManifest, r.Bytes) }
func (r Moved) append(dst []byte) []byte    { return plain(dst, kindMoved, r.Manifest) }
func (r left) append(dst []byte) []byte     { return plain(dst, kindLeft, nil) }
func (r Member) append(dst []byte) []byte   { return plain(dst, kindMember, r.Bytes) }
func (r Declined) append(dst []byte) []byte { return plain(dst, kindDeclined, nil) }
func (r Behind) append(dst []byte) []byte   { return plain(dst, kindBehind, nil) }
func (r Closed) append(dst []byte) []byte   { return plain(dst, kindClosed, nil) }
func (r Acked) append(dst []byte) []byte    { return numbers(dst, kindAcked, r.Counter) }
func (r Restart) append(dst []byte) []byte  { return numbers(dst, kindRestart, r.Counter, r.Tick) }
func (r Cursor) append(dst []byte) []byte   { return numbers(dst, kindCursor, r.Incarnation, r.Number) }

func (r Text) append(dst []byte) []byte {
	r.each(func(head, piece []byte) { dst = append(append(dst, head...), piece...) })
	return dst
}

// each passes on the records that hold the text, one after the other, each in two parts, which are not to be kept. The text is
// not compressed: to write it costs less than to make it smaller, and it is written while somebody types.
func (r Text) each(write func(head, piece []byte)) {
	var head, gathered []byte
	pass := func(piece []byte) {
		head = record(head[:0], kindText, func(dst []byte) []byte { return append(binary.AppendVarint(dst, r.At), asItIs) })
		grown(head, piece)
		write(head, piece)
	}
	for part := range r.Pieces {
		for len(part) > 0 {
			n := min(len(part), textPiece-len(gathered))
			if n == textPiece { // of a long text no byte is copied
				pass(part[:n])
				part = part[n:]
				continue
			}
			gathered = append(gathered, part[:n]...)
			if part = part[n:]; len(gathered) == textPiece {
				pass(gathered)
				gathered = gathered[:0]
			}
		}
	}
	if len(gathered) > 0 {
		pass(gathered)
	}
}

// parts are the record in two parts, of which the second is the document itself.
func (r Document) parts() (head, rest []byte) {
	head = plain(nil, kindDocument, nil)
	grown(head, r.Bytes)
	return head, r.Bytes
}

func (r Batch) append(dst []byte) []byte {
	return record(dst, kindBatch, func(dst []byte) []byte { return pack(dst, r.Bytes) })
}

func (r Frame) append(dst []byte) []byte {
	return record(dst, kindFrame, func(dst []byte) []byte {
		dst = binary.AppendUvarint(dst, r.Counter)
		dst = binary.AppendUvarint(dst, r.To)
		dst = binary.AppendUvarint(dst, uint64(r.Class))
		dst = binary.AppendUvarint(dst, uint64(len(r.Target)))
		dst = append(dst, r.Target...)
		return append(dst, r.Payload...)
	})
}

// pack appends bytes of which compression may make less: a flag, and what the flag says.
func pack(dst, b []byte) []byte {
	if len(b) < packFrom {
		return append(append(dst, asItIs), b...)
	}
	return codec.Pack(append(dst, inPacket), append([]byte{packed}, b...), codec.Zstd)
}

// Flags before bytes.
const (
	asItIs   = iota // the bytes follow
	inPacket        // a packet of package codec follows
)

// packed stands before bytes in a packet, which must not begin with every byte there is.
const packed = 0xff

func unpack(b []byte) ([]byte, error) {
	if len(b) == 0 {
		return nil, errBody
	}
	if b[0] == asItIs {
		return b[1:], nil
	}
	b, err := codec.Unpack(b[1:], maxRecord)
	if err != nil || len(b) == 0 {
		return nil, errors.Join(errBody, err)
	}
	return b[1:], nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// record appends a record whose body is the kind and what write appends.
func record(dst []byte, kind byte, write func([]byte) []byte) []byte {
	start := len(dst)
	dst = append(dst, 0, 0, 0, 0, 0, 0, 0, 0, kind)
	dst = write(dst)
	binary.LittleEndian.PutUint32(dst[start:], uint32(len(dst)-start-frameIn))
	binary.LittleEndian.PutUint32(dst[start+4:], sum(dst[start:]))
	return dst
}

// grown makes a record longer by a part that is written behind it, from elsewhere.
func grown(head, part []byte) {
	binary.LittleEndian.PutUint32(head, uint32(len(head)-frameIn+len(part)))
	binary.LittleEndian.PutUint32(head[4:], crc32.Update(sum(head), castagnoli, part))
}

// sum is the checksum of a record: of its length and its body.
func sum(r []byte) uint32 {
	return crc32.Update(crc32.Checksum(r[:4], castagnoli), castagnoli, r[frameIn:])
}

func plain(dst []byte, kind byte, b []byte) []byte {
	return record(dst, kind, func(dst []byte) []byte { return append(dst, b...) })
}

func numbers(dst []byte, kind byte, ns ...uint64) []byte {
	return record(dst, kind, func(dst []byte) []byte {
		for _, n := range ns {
			dst = binary.AppendUvarint(dst, n)
		}
		return dst
	})
}

// Head is how a log begins.
func Head() []byte { return append([]byte(magic), version) }

// weight is about how much memory a record keeps while it waits to be written, in bytes.
func weight(r Record) int {
	switch r := r.(type) {
	case Batch:
		return len(r.Bytes) + recordWeight
	case Frame:
		return len(r.Payload) + recordWeight
	}
	return recordWeight // a whole document comes once, and may be longer than all that may wait
}

const recordWeight = 64

// Append appends records as they stand in a log.
func Append(dst []byte, records ...Record) []byte {
	for _, r := range records {
		dst = r.append(dst)
	}
	return dst
}

// errBody: a record's body is not what its kind says.
var errBody = errors.New("journal: a record does not hold what it should")

// takeNumbers reads n uvarints.
func takeNumbers(b []byte, n int) ([]uint64, []byte, error) {
	ns := make([]uint64, n)
	for i := range ns {
		x, k := binary.Uvarint(b)
		if k <= 0 {
			return nil, nil, fmt.Errorf("%w: a number is missing", errBody)
		}
		ns[i], b = x, b[k:]
	}
	return ns, b, nil
}

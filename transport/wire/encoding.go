package wire

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// ErrEncoding is wrapped by the errors of Unmarshal.
var ErrEncoding = errors.New("wire: not a message of the protocol")

// MaxRepeated is how many messages a repeated field may hold: a few bytes on the wire make a message in memory.
const MaxRepeated = 4096

var (
	errRepeated = fmt.Errorf("%w: a field is repeated more than %d times", ErrEncoding, MaxRepeated)
	errUTF8     = fmt.Errorf("%w: a string that is not UTF-8", ErrEncoding)
)

// Message is any message of the protocol.
type Message interface {
	EncodedSize() int
	AppendTo(b []byte) []byte
	MergeFrom(b []byte) error
}

// Marshal writes a message. A string that is not UTF-8 is written with replacement characters in it.
func Marshal(m Message) []byte { return m.AppendTo(make([]byte, 0, m.EncodedSize())) }

// Unmarshal reads a message into m, which is fresh. Byte fields share memory with b. Fields that this version does not know
// are kept in Unknown. The error wraps ErrEncoding.
func Unmarshal(b []byte, m Message) error { return m.MergeFrom(b) }

// Equal says whether two messages are written as the same bytes.
func Equal(a, b Message) bool { return string(Marshal(a)) == string(Marshal(b)) }

// field is one field as it was read.
type field struct {
	key   uint64 // number and wire type
	value uint64 // of a number
	bytes []byte // of anything with a length
}

// fields goes through a message. Those that take does not know are added to unknown. Known numbers in another wire type are
// unknown fields, as everywhere in protobuf.
func fields(b []byte, take func(field) (known bool, err error), unknown *[]byte) error {
	for len(b) > 0 {
		number, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return damaged(n)
		}
		if number > protowire.MaxValidNumber {
			return fmt.Errorf("%w: a field has the number %d", ErrEncoding, number)
		}
		f := field{key: protowire.EncodeTag(number, typ)}
		var size int
		switch typ {
		case protowire.VarintType:
			f.value, size = protowire.ConsumeVarint(b[n:])
		case protowire.Fixed64Type:
			f.value, size = protowire.ConsumeFixed64(b[n:])
		case protowire.BytesType:
			f.bytes, size = protowire.ConsumeBytes(b[n:])
		default:
			size = protowire.ConsumeFieldValue(number, typ, b[n:])
		}
		if size < 0 {
			return damaged(size)
		}
		known, err := take(f)
		if err != nil {
			return err
		}
		if !known {
			*unknown = append(*unknown, b[:n+size]...)
		}
		b = b[n+size:]
	}
	return nil
}

func damaged(n int) error { return fmt.Errorf("%w: %w", ErrEncoding, protowire.ParseError(n)) }

// text is a string field.
func text(b []byte) (string, error) {
	if !utf8.Valid(b) {
		return "", errUTF8
	}
	return string(b), nil
}

// valid is a string as it may be written.
func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// number is an enum's value that has no name.
func number(x int32) string { return strconv.Itoa(int(x)) }

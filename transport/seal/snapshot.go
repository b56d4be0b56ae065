package seal

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// A sealed snapshot is a payload whose author is named by the certificate it carries. Its text begins with the
// certificates of those who wrote in it: their number (2 bytes), then each, preceded by its length (2 bytes).

// SealSnapshot seals a snapshot in the own name, with the certificates of those of the authors that have one.
func (r *Room) SealSnapshot(h Header, authors []uint64, content []byte) ([]byte, error) {
	if h.Room != r.manifest.Room || h.Class != classSnapshot || r.own.Right < Write {
		return nil, fmt.Errorf("%w: a snapshot of room %.26s by a %v", ErrRight, h.Room, r.own.Right)
	}
	authors = slices.Compact(slices.Sorted(slices.Values(authors)))
	text := make([]byte, 2, 2+len(content))
	n := 0
	for _, a := range authors {
		c, ok := r.Member(a)
		if !ok || c.Right < Write {
			continue // who wrote in the room that this one was moved from, and did not follow
		}
		text = binary.BigEndian.AppendUint16(text, uint16(len(c.Bytes)))
		text = append(text, c.Bytes...)
		n++
	}
	binary.BigEndian.PutUint16(text, uint16(n))
	h.Replica, h.Counter = r.own.Replica, 0
	return r.seal(h, r.own.Bytes, append(text, content...))
}

// OpenSnapshot opens a snapshot of any participant that may write, and takes in the certificates in it.
func (r *Room) OpenSnapshot(h Header, sealed []byte) (Snapshot, error) {
	if err := r.check(h, sealed); err != nil {
		return Snapshot{}, err
	}
	certificate, body, err := split(sealed)
	if err != nil {
		return Snapshot{}, err
	}
	maker, err := VerifyCertificate(r.manifest, certificate)
	if err != nil {
		return Snapshot{}, fmt.Errorf("%w: %w", ErrForged, err)
	}
	h.Replica, h.Counter = maker.Replica, 0
	text, err := r.decrypt(h, sealed, body)
	if err != nil {
		return Snapshot{}, err
	}
	if err := r.signed(maker, h, sealed); err != nil {
		return Snapshot{}, err
	}
	s := Snapshot{Maker: maker.Replica, Authors: map[uint64]bool{}}
	if s.Content, err = r.admitAll(text, s.Authors); err != nil {
		return Snapshot{}, fmt.Errorf("%w: %w", ErrForged, err)
	}
	return s, nil
}

// admitAll reads the certificates at the beginning of a snapshot's text and gives the rest.
func (r *Room) admitAll(text []byte, authors map[uint64]bool) ([]byte, error) {
	if len(text) < 2 {
		return nil, fmt.Errorf("%w: a snapshot of %d bytes", ErrCertificate, len(text))
	}
	n := int(binary.BigEndian.Uint16(text))
	text = text[2:]
	for range n {
		if len(text) < 2 || len(text)-2 < int(binary.BigEndian.Uint16(text)) {
			return nil, fmt.Errorf("%w: a snapshot ends within its certificates", ErrCertificate)
		}
		end := 2 + int(binary.BigEndian.Uint16(text))
		c, err := r.Admit(text[2:end])
		if err != nil {
			return nil, err
		}
		authors[c.Replica] = c.Right >= Write
		text = text[end:]
	}
	return text, nil
}

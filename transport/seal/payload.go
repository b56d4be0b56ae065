package seal

import (
	"encoding/binary"
	"fmt"
)

// The layout of a sealed payload; the package documentation has it byte by byte.
const (
	payloadVersion = 1
	payloadDomain  = "coedit/v2 payload"

	atSalt        = 2
	atSignature   = atSalt + saltLen
	atCertificate = atSignature + signatureLen
	payloadLeast  = atCertificate + 2 + tagLen
)

// The classes that this package tells apart; their numbers are the protocol's.
const (
	classPresence = 3
	classSnapshot = 4
)

// Seal seals what the own replica says. Presence, and the first frame after Introduce, carry the own certificate.
func (r *Room) Seal(h Header, plain []byte) ([]byte, error) {
	if h.Room != r.manifest.Room || h.Replica != r.own.Replica {
		return nil, fmt.Errorf("%w: sealing for replica %x of room %.26s", ErrForged, h.Replica, h.Room)
	}
	if h.Class != classPresence && r.own.Right < Write {
		return nil, fmt.Errorf("%w: a reader publishes nothing", ErrRight)
	}
	var certificate []byte
	r.mu.Lock()
	if h.Class == classPresence || !r.introduced {
		certificate = r.own.Bytes
	}
	r.introduced = r.introduced || h.Class != classPresence
	r.mu.Unlock()
	return r.seal(h, certificate, plain)
}

func (r *Room) seal(h Header, certificate, plain []byte) ([]byte, error) {
	b := make([]byte, atCertificate, payloadLeast+len(certificate)+padded(len(plain)))
	b[0], b[1] = r.manifest.Suite, payloadVersion
	if err := r.draw(b[atSalt:atSignature]); err != nil {
		return nil, err
	}
	b = binary.BigEndian.AppendUint16(b, uint16(len(certificate)))
	b = append(b, certificate...)
	key, err := r.subkey(h.Replica, h.Class)
	if err != nil {
		return nil, err
	}
	aead, nonce, err := r.p.aead(key, b[atSalt:atSignature], h.Counter)
	if err != nil {
		return nil, err
	}
	header := h.encode()
	b = aead.Seal(b, nonce, pad(plain), header)
	signature, err := r.self.signing.sign(signedPayload(r.p, header, b))
	if err != nil {
		return nil, err
	}
	copy(b[atSignature:], signature)
	return b, nil
}

// Open opens what the header's replica sealed, and checks that it was that replica, and may. ErrUncertified means that
// its certificate is not known yet.
func (r *Room) Open(h Header, sealed []byte) ([]byte, error) {
	if err := r.check(h, sealed); err != nil {
		return nil, err
	}
	certificate, body, err := split(sealed)
	if err != nil {
		return nil, err
	}
	plain, err := r.decrypt(h, sealed, body)
	if err != nil {
		return nil, err
	}
	author, known := r.Member(h.Replica)
	if len(certificate) > 0 {
		if author, err = r.Admit(certificate); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrForged, err)
		}
		if known = author.Replica == h.Replica; !known {
			return nil, fmt.Errorf("%w: replica %016x with the certificate of %016x", ErrForged, h.Replica, author.Replica)
		}
	}
	if !known {
		return nil, fmt.Errorf("%w: replica %016x", ErrUncertified, h.Replica)
	}
	return plain, r.signed(author, h, sealed)
}

// check looks at what needs no key.
func (r *Room) check(h Header, sealed []byte) error {
	switch {
	case len(sealed) == 0:
		return fmt.Errorf("%w: an empty payload has none", ErrSuite)
	case sealed[0] != r.manifest.Suite:
		return fmt.Errorf("%w: the payload is sealed with %s, the room's suite is %s",
			ErrSuite, SuiteName(sealed[0]), SuiteName(r.manifest.Suite))
	case len(sealed) < payloadLeast || sealed[1] != payloadVersion:
		return fmt.Errorf("%w: %d bytes of layout %d", ErrForged, len(sealed), sealed[min(1, len(sealed)-1)])
	case h.Room != r.manifest.Room:
		return fmt.Errorf("%w: of room %.26s", ErrForged, h.Room)
	}
	return nil
}

// split finds the certificate, which may be empty, and the ciphertext.
func split(sealed []byte) (certificate, body []byte, err error) {
	n := int(binary.BigEndian.Uint16(sealed[atCertificate:]))
	rest := sealed[atCertificate+2:]
	if n > len(rest)-tagLen {
		return nil, nil, fmt.Errorf("%w: a certificate of %d bytes in %d", ErrForged, n, len(rest))
	}
	return rest[:n], rest[n:], nil
}

func (r *Room) decrypt(h Header, sealed, body []byte) ([]byte, error) {
	key, err := r.subkey(h.Replica, h.Class)
	if err != nil {
		return nil, err
	}
	aead, nonce, err := r.p.aead(key, sealed[atSalt:atSignature], h.Counter)
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, nonce, body, h.encode())
	if err != nil {
		return nil, fmt.Errorf("%w: replica %016x, counter %d", ErrForged, h.Replica, h.Counter)
	}
	return unpad(plain)
}

// signed checks the author's right and signature.
func (r *Room) signed(author Certificate, h Header, sealed []byte) error {
	if h.Class != classPresence && author.Right < Write {
		return fmt.Errorf("%w: replica %016x may only read: %w", ErrForged, h.Replica, ErrRight)
	}
	if !r.p.verify(author.signs, signedPayload(r.p, h.encode(), sealed), sealed[atSignature:atCertificate]) {
		return fmt.Errorf("%w: the signature is not that of replica %016x", ErrForged, h.Replica)
	}
	return nil
}

// signedPayload is what a payload's signature is of: the header and all of the payload but the signature.
func signedPayload(p primitives, header, sealed []byte) []byte {
	return digest(p, payloadDomain, header, sealed[:atSignature], sealed[atCertificate:])
}

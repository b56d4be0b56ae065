package session_test

import (
	"context"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"testing"

	"golang.org/x/crypto/chacha20poly1305"

	"coedit/transport"
	"coedit/transport/seal"
	"coedit/transport/wire"
)

// stranger is a relay run by somebody who means ill: it stands before the hub's and sees, changes, drops, repeats and
// invents whatever passes to and fro. It has all that a relay has, and what a reader gives it.
type stranger struct {
	*hub

	mu      sync.Mutex
	seen    []byte                                               // everything that passed, in both directions
	deliver map[string]func(*wire.RelayFrame) []*wire.RelayFrame // what each participant, by name, is sent instead
	conns   map[string]transport.Conn                            // the relay's end of each one's newest connection
	wrote   map[string][]transport.Frame                         // what each has published
	put     map[string]int                                       // how many pieces of snapshots each has sent
}

func newStranger(h *hub) *stranger {
	return &stranger{hub: h, deliver: map[string]func(*wire.RelayFrame) []*wire.RelayFrame{}, conns: map[string]transport.Conn{}, wrote: map[string][]transport.Frame{}, put: map[string]int{}}
}

// dial is how one participant reaches the relay.
func (s *stranger) dial(name string) transport.Dialer {
	return func(ctx context.Context) (transport.Conn, error) {
		inner, err := s.hub.dial(ctx)
		if err != nil {
			return nil, err
		}
		near, far := transport.Pipe()
		s.mu.Lock()
		s.conns[name] = far
		s.mu.Unlock()
		s.running.Go(func() { s.carry(far, inner, func(b []byte) [][]byte { return s.noted(name, b) }) })
		s.running.Go(func() { s.carry(inner, far, func(b []byte) [][]byte { return s.changed(name, b) }) })
		return near, nil
	}
}

// carry takes messages from one connection to the other until one of them ends.
func (s *stranger) carry(from, to transport.Conn, change func([]byte) [][]byte) {
	defer from.Close()
	defer to.Close()
	for {
		b, err := from.ReadMessage()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.seen = append(s.seen, b...)
		s.mu.Unlock()
		for _, out := range change(b) {
			if to.WriteMessage(out) != nil {
				return
			}
		}
	}
}

// noted remembers what somebody publishes.
func (s *stranger) noted(name string, b []byte) [][]byte {
	var f wire.ClientFrame
	if wire.Unmarshal(b, &f) != nil {
		return [][]byte{b}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.GetPublish() != nil {
		s.wrote[name] = append(s.wrote[name], transport.FrameOf(f.GetPublish().GetFrame()))
	}
	if f.GetSnapshotPut() != nil {
		s.put[name]++
	}
	return [][]byte{b}
}

func (s *stranger) changed(name string, b []byte) [][]byte {
	s.mu.Lock()
	change := s.deliver[name]
	s.mu.Unlock()
	var f wire.RelayFrame
	if change == nil || wire.Unmarshal(b, &f) != nil {
		return [][]byte{b}
	}
	var out [][]byte
	for _, c := range change(&f) {
		out = append(out, wire.Marshal(c))
	}
	return out
}

// cheat changes what somebody is sent from now on; nil: nothing.
func (s *stranger) cheat(name string, change func(*wire.RelayFrame) []*wire.RelayFrame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deliver[name] = change
}

// cut ends somebody's connection.
func (s *stranger) cut(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.conns[name].Close()
}

// written is what somebody has published so far.
func (s *stranger) written(name string) []transport.Frame {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wrote[name][:len(s.wrote[name]):len(s.wrote[name])]
}

// offered is how many pieces of snapshots somebody has sent so far.
func (s *stranger) offered(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.put[name]
}

// saw is everything that has passed so far.
func (s *stranger) saw() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen[:len(s.seen):len(s.seen)]
}

// frames are the log's frames in a message, or nil.
func frames(f *wire.RelayFrame) []*wire.Frame { return f.GetDeliver().GetFrames() }

// forger makes payloads as package seal lays them out, and obeys none of its rules: it has the read secret of a room and
// the keys of an identity, and writes under any header.
type forger struct {
	read        [32]byte
	identity    *seal.Identity
	certificate []byte
}

func (f forger) seal(t *testing.T, h seal.Header, plain []byte) []byte {
	t.Helper()
	b := make([]byte, 82)
	b[0], b[1] = seal.SuiteXChaCha, 1
	b = binary.BigEndian.AppendUint16(b, uint16(len(f.certificate)))
	b = append(b, f.certificate...)
	info := append([]byte("coedit/v2 subkey "), seal.SuiteXChaCha, h.Class)
	info = binary.BigEndian.AppendUint64(info, h.Replica)
	key, err := hkdf.Key(sha256.New, f.read[:], nil, string(info), 32)
	check(t, err)
	aead, err := chacha20poly1305.NewX(key)
	check(t, err)
	nonce := binary.BigEndian.AppendUint64(b[2:18:18], h.Counter)
	header := headerOf(h)
	b = aead.Seal(b, nonce, padded(plain), header)
	seed, err := hkdf.Key(sha256.New, f.identity.Bytes()[1:], nil, "coedit/v2 identity sign", 32)
	check(t, err)
	copy(b[18:82], ed25519.Sign(ed25519.NewKeyFromSeed(seed), signedOf("coedit/v2 payload", header, b[:18], b[82:])))
	return b
}

func headerOf(h seal.Header) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(h.Room)))
	b = binary.BigEndian.AppendUint64(append(b, h.Room...), h.Replica)
	b = append(binary.BigEndian.AppendUint64(b, h.Counter), h.Class)
	b = binary.BigEndian.AppendUint32(b, uint32(len(h.Target)))
	return append(b, h.Target...)
}

func signedOf(domain string, parts ...[]byte) []byte {
	h := sha256.New()
	for _, p := range parts {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(p))))
		h.Write(p)
	}
	return h.Sum(append([]byte(domain), 0))
}

func padded(plain []byte) []byte {
	size := 64
	for size < len(plain)+1 {
		size *= 2
	}
	if len(plain)+1 > 1024 {
		size = (len(plain) + 1 + 1023) / 1024 * 1024
	}
	b := make([]byte, size)
	b[copy(b, plain)] = 0x80
	return b
}

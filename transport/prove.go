package transport

import (
	"errors"
	"fmt"

	"coedit/transport/wire"
)

// Challenge is what a relay asks a participant to prove its right for. Package transport knows no keys: Options.Prove
// answers, and judges whether the manifest is the room's.
type Challenge struct {
	Host     string // that was dialled, in lower case, with the port if one was given; over TLS with its binding; "" over a pipe
	Version  uint32
	Nonce    []byte
	Manifest []byte // the room's, as the relay has it: not verified
}

// Proof answers a Challenge for its host. The fields are those of the protocol's Proof.
type Proof struct {
	Right       uint8 // 1 read, 2 write, 3 owner
	Signature   []byte
	Certificate []byte
	Replica     []byte
}

// answer sends the proof that a relay asked for.
func (l *link) answer(c *wire.Challenge) error {
	if l.c.o.Prove == nil || len(c.GetManifest()) > MaxManifest {
		return fmt.Errorf("%w: a challenge to a participant of version %d, with a manifest of %d bytes",
			ErrProtocol, l.c.o.MaxVersion, len(c.GetManifest()))
	}
	host := ""
	if d, ok := l.conn.(interface{ DialledHost() string }); ok {
		host = d.DialledHost()
	}
	if b, ok := l.conn.(interface{ ChannelBinding() string }); ok {
		host = BoundHost(host, b.ChannelBinding())
	}
	p, err := l.c.o.Prove(Challenge{Host: host, Version: c.GetVersion(), Nonce: c.GetNonce(), Manifest: c.GetManifest()})
	if err != nil {
		return fmt.Errorf("transport: answering the relay's challenge: %w", err)
	}
	return l.send(&wire.ClientFrame{Kind: &wire.ClientFrame_Proof{Proof: &wire.Proof{
		Right: wire.Right(p.Right), Host: host, Signature: p.Signature, Certificate: p.Certificate, ReplicaSignature: p.Replica,
	}}})
}

// welcomed waits for the Welcome, and answers the challenge that comes before, from version 2 on: a relay that does not ask
// for a proof of whoever comes is none that this participant was meant for.
func (l *link) welcomed() (*wire.Welcome, error) {
	for asked := uint32(0); ; {
		b, err := l.conn.ReadMessage()
		if err != nil {
			return nil, fmt.Errorf("transport: waiting for the relay's welcome: %w", err)
		}
		f, err := decodeRelayFrame(b)
		if err != nil {
			return nil, err
		}
		switch k := f.GetKind().(type) {
		case *wire.RelayFrame_Welcome:
			if v := k.Welcome.GetVersion(); v != asked && v <= l.c.o.MaxVersion && (v >= 2 || asked != 0) {
				return nil, fmt.Errorf("%w: a welcome in version %d after a challenge in version %d (0: none)", ErrProtocol, v, asked)
			}
			return k.Welcome, nil
		case *wire.RelayFrame_Goodbye:
			return nil, goodbye(k.Goodbye)
		case *wire.RelayFrame_Challenge:
			if asked != 0 {
				return nil, fmt.Errorf("%w: a second challenge", ErrProtocol)
			}
			if asked = k.Challenge.GetVersion(); asked < 2 || asked > l.c.o.MaxVersion {
				return nil, fmt.Errorf("%w: a challenge in version %d", ErrProtocol, asked)
			}
			if err := l.answer(k.Challenge); err != nil {
				return nil, l.orGoodbye(err)
			}
		default:
			return nil, fmt.Errorf("%w: the first message is neither Challenge, Welcome nor Goodbye", ErrProtocol)
		}
	}
}

// orGoodbye is what the relay said before it closed, where that is why nothing could be sent.
func (l *link) orGoodbye(err error) error {
	if !errors.Is(err, ErrLost) {
		return err
	}
	if b, readErr := l.conn.ReadMessage(); readErr == nil {
		if f, _ := decodeRelayFrame(b); f.GetGoodbye() != nil {
			return goodbye(f.GetGoodbye())
		}
	}
	return err
}

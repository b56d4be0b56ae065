package relay

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"coedit/transport"
	"coedit/transport/seal"
	"coedit/transport/wire"
)

// A participant is admitted in three steps, and nothing is kept for it, least of all a room made, before the last:
//
//	Hello -> the manifest of its room, which is the room's own or, where there is no such room, the one it brings
//	      -> a challenge, and the proof that it has the key of a right, and its replica's own
//	      -> the room
//
// What it may do follows from what it proved, not from what it says. A participant of version 1 proves nothing; it comes
// into plain rooms only.

// claim is what a Hello asks for.
type claim struct {
	hello    *wire.Hello
	version  uint32 // of the protocol, to be spoken
	manifest seal.Manifest
	signed   []byte // the manifest's bytes, where the Hello brings them: they make the room
	told     []byte // the manifest's bytes, whoever had them
}

// admit judges a Hello, asks for a proof, and joins the room.
func (c *conn) admit(h *wire.Hello) (version uint32, err error) {
	if version, err = c.judge(h); err != nil {
		return 0, err
	}
	q := claim{hello: h, version: version}
	if err := c.findManifest(&q); err != nil {
		return 0, err
	}
	if err := c.judgeSuite(q); err != nil {
		return 0, err
	}
	right := seal.Write
	if version >= 2 {
		if right, err = c.challenge(q); err != nil {
			return 0, err
		}
	}
	c.version, c.right = version, right
	c.replica, c.baseline = h.GetReplica(), h.GetNextCounter()-1
	c.readOnly = right < seal.Write || h.GetReadOnly()
	room, bye := c.relay.enter(c, h.GetRoom(), q.signed)
	if bye != nil {
		return 0, &refusal{bye}
	}
	c.room = room
	return version, nil
}

// judge looks at what a Hello says for itself, and settles the version.
func (c *conn) judge(h *wire.Hello) (version uint32, err error) {
	cfg := &c.relay.cfg
	version = min(h.GetMaxVersion(), cfg.MaxVersion)
	if version < cfg.MinVersion || version < h.GetMinVersion() {
		return 0, &refusal{&wire.Goodbye{
			Code: wire.Goodbye_UNSUPPORTED_VERSION, MinVersion: cfg.MinVersion, MaxVersion: cfg.MaxVersion,
			Text: fmt.Sprintf("this relay speaks protocol versions %d to %d, the participant speaks %d to %d",
				cfg.MinVersion, cfg.MaxVersion, h.GetMinVersion(), h.GetMaxVersion()),
		}}
	}
	switch {
	case !seal.ValidRoomID(h.GetRoom()):
		return 0, &refusal{&wire.Goodbye{Code: wire.Goodbye_NO_ROOM, Text: "that is no name of a room: the link is mistyped"}}
	case h.GetReplica() == 0 || h.GetNextCounter() == 0:
		return 0, fmt.Errorf("%w: Hello with replica %d and counter %d", transport.ErrProtocol, h.GetReplica(), h.GetNextCounter())
	case len(h.GetAgent()) > transport.MaxAgent || len(h.GetManifest()) > transport.MaxManifest:
		return 0, fmt.Errorf("%w: Hello with an agent of %d bytes and a manifest of %d", transport.ErrTooLarge, len(h.GetAgent()), len(h.GetManifest()))
	}
	return version, nil
}

// findManifest finds out whose keys count in the room.
func (c *conn) findManifest(q *claim) error {
	room := q.hello.GetRoom()
	if b := q.hello.GetManifest(); len(b) > 0 {
		m, err := seal.VerifyManifest(room, b)
		if err != nil {
			return &refusal{&wire.Goodbye{Code: wire.Goodbye_RIGHTS, Text: fmt.Sprintf("the room's manifest is not valid: %v", err)}}
		}
		q.manifest, q.signed, q.told = m, b, b
	}
	kept, bye := c.relay.manifestOf(room)
	switch {
	case bye != nil && (bye.GetCode() != wire.Goodbye_NO_ROOM || q.signed == nil):
		return &refusal{bye}
	case bye != nil:
		return nil // the room is to be made
	}
	m, err := seal.VerifyManifest(room, kept)
	if err != nil {
		c.relay.cfg.Logger.Error("a room's manifest is damaged", "error", err)
		return &refusal{unavailable()}
	}
	q.manifest, q.told = m, kept
	return nil
}

// manifestOf is the manifest of a room that is there. It does not open the room: who only says Hello costs no commit, and keeps no
// room from expiring.
func (r *Relay) manifestOf(id string) ([]byte, *wire.Goodbye) {
	manifest, err := r.cfg.Log.Manifest(id)
	if err != nil {
		return nil, r.cannotOpen(err)
	}
	return manifest, nil
}

// cannotOpen is what a participant is told whose room was not opened.
func (r *Relay) cannotOpen(err error) *wire.Goodbye {
	switch {
	case errors.Is(err, ErrNoRoom):
		return &wire.Goodbye{Code: wire.Goodbye_NO_ROOM, Text: "there is no such room on this relay: it has ended, or the link is mistyped"}
	case errors.Is(err, ErrClosed):
		return closedGoodbye()
	}
	r.cfg.Logger.Error("cannot open a room", "error", err)
	return unavailable()
}

// judgeSuite keeps out of a room those for whom its suite is nothing, and all out of rooms that the operator does not want.
func (c *conn) judgeSuite(q claim) error {
	suite, required := q.manifest.Suite, c.relay.cfg.RequireSuite
	switch {
	case required != 0 && suite != required:
		c.relay.stats.suites.Inc()
		code := wire.Goodbye_SUITE
		if q.version < 2 {
			code = wire.Goodbye_RIGHTS
		}
		return &refusal{&wire.Goodbye{Code: code, Text: fmt.Sprintf(
			"this relay serves rooms of suite %s only, and this one is of suite %s", seal.SuiteName(required), seal.SuiteName(suite))}}
	case q.version < 2 && suite != seal.SuitePlain:
		return &refusal{&wire.Goodbye{
			Code: wire.Goodbye_UNSUPPORTED_VERSION, MinVersion: 2, MaxVersion: c.relay.cfg.MaxVersion,
			Text: "this room is encrypted, which protocol version 1 cannot be: update coedit here",
		}}
	}
	return nil
}

// challenge asks for a proof and gives the right that was proved.
func (c *conn) challenge(q claim) (seal.Right, error) {
	nonce := make([]byte, seal.NonceLen)
	_, _ = rand.Read(nonce) // it never fails
	err := c.send(&wire.RelayFrame{Kind: &wire.RelayFrame_Challenge{Challenge: &wire.Challenge{
		Version: q.version, Nonce: nonce, Manifest: q.told,
	}}})
	if err != nil {
		return 0, err
	}
	f, err := c.readFirst()
	if err != nil {
		return 0, err
	}
	p := f.GetProof()
	if p == nil {
		return 0, fmt.Errorf("%w: the second message is no Proof", transport.ErrProtocol)
	}
	host := strings.ToLower(p.GetHost())
	if bad := c.between(host); bad != "" {
		c.relay.stats.proofs.Inc()
		return 0, &refusal{&wire.Goodbye{Code: wire.Goodbye_RIGHTS, Text: bad}}
	}
	if !c.meant(host) {
		return 0, &refusal{&wire.Goodbye{Code: wire.Goodbye_RIGHTS, Text: "this relay is not known by the name that the participant " +
			"dialled: its operator can say so with --advertise"}} // without the name: it is logged, too
	}
	right := seal.Right(p.GetRight())
	err = seal.VerifyProof(q.manifest, seal.Challenge{
		Host: host, Room: q.manifest.Room, Replica: q.hello.GetReplica(), Version: q.version, Nonce: nonce,
	}, seal.Proof{Right: right, Signature: p.GetSignature(), Certificate: p.GetCertificate(), Replica: p.GetReplicaSignature()})
	if err != nil {
		c.relay.stats.proofs.Inc()
		return 0, &refusal{&wire.Goodbye{Code: wire.Goodbye_RIGHTS, Text: fmt.Sprintf("the link does not open this room: %v", err)}}
	}
	return right, nil
}

// between says why a participant's connection is not the one that ends here, where both ends can tell: TLS ends in this process,
// and the operator has not said by which names the relay is reached, which may be another program's.
func (c *conn) between(host string) string {
	own := ""
	if b, ok := c.conn.(interface{ ChannelBinding() string }); ok {
		own = b.ChannelBinding()
	}
	_, theirs := transport.CutHost(host)
	if own == "" || own == theirs || len(c.relay.cfg.Hosts) > 0 {
		return ""
	}
	return "something stands between the participant and this relay and reads along: if it is the relay's own proxy, " +
		"its operator can say with --advertise by which name the relay is reached"
}

// meant says whether a name by which a participant dialled is this relay's: one of those that the operator gave, else
// the one in the HTTP request. Over a pipe there is no name. A name without a port stands for all ports.
func (c *conn) meant(host string) bool {
	names := c.relay.cfg.Hosts
	host, _ = transport.CutHost(host)
	if len(names) == 0 {
		return host == c.host || c.host == ""
	}
	bare := (&url.URL{Host: host}).Hostname()
	return slices.ContainsFunc(names, func(name string) bool {
		return strings.EqualFold(name, host) || strings.EqualFold(name, bare)
	})
}

// closeRoom ends the room for everybody, for the owner.
func (c *conn) closeRoom() error {
	if c.right < seal.Owner {
		return &refusal{&wire.Goodbye{Code: wire.Goodbye_RIGHTS, Text: "only the owner of a room may close it"}}
	}
	if err := c.relay.cfg.Log.Remove(c.room.id); err != nil {
		c.relay.cfg.Logger.Error("cannot remove a room", "error", err)
		return &refusal{unavailable()}
	}
	c.relay.cfg.Logger.Info("room closed by its owner", "room", c.room.id)
	c.relay.mu.Lock()
	delete(c.relay.rooms, c.room.id) // nobody enters it any more
	c.relay.mu.Unlock()
	c.room.sayGoodbye(closedGoodbye())
	return nil
}

func closedGoodbye() *wire.Goodbye {
	return &wire.Goodbye{Code: wire.Goodbye_CLOSED, Text: "the owner closed this room"}
}

// sayGoodbye sends everybody in the room away.
func (r *room) sayGoodbye(bye *wire.Goodbye) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.conns {
		c.sayGoodbye(bye)
	}
}

// readFirst reads a message of the handshake.
func (c *conn) readFirst() (*wire.ClientFrame, error) {
	_ = c.conn.SetReadDeadline(time.Now().Add(c.relay.cfg.HandshakeTimout))
	b, err := c.conn.ReadMessage()
	if err != nil {
		return nil, err
	}
	if len(b) > maxHello {
		return nil, fmt.Errorf("%w: a message of %d bytes before the Welcome, limit %d", transport.ErrTooLarge, len(b), maxHello)
	}
	return c.decode(b)
}

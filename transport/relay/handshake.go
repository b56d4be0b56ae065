package relay

import (
	"fmt"
	"time"

	"coedit/transport"
	"coedit/transport/seal"
	"coedit/transport/wire"
)

// refusal is an error with the Goodbye to be said.
type refusal struct{ bye *wire.Goodbye }

func (r *refusal) Error() string { return r.bye.GetText() }

// messageLimiter is a Conn whose limit can be changed.
type messageLimiter interface{ LimitMessage(bytes int) }

// handshake reads the Hello, brings the connection into its room and answers Welcome.
func (c *conn) handshake() error {
	cfg := &c.relay.cfg
	_ = c.conn.SetReadDeadline(time.Now().Add(cfg.HandshakeTimout))
	// A trickle of bytes pushes the deadline on; this one it does not.
	expired := time.AfterFunc(cfg.HandshakeTimout+lingerTime, func() { _ = c.conn.Close() })
	defer expired.Stop()
	if l, ok := c.conn.(messageLimiter); ok {
		l.LimitMessage(maxHello)
		defer l.LimitMessage(cfg.MaxMessage)
	}
	b, err := c.conn.ReadMessage()
	if err != nil {
		return err
	}
	if len(b) > maxHello {
		return fmt.Errorf("%w: a first message of %d bytes, limit %d", transport.ErrTooLarge, len(b), maxHello)
	}
	f, err := c.decode(b)
	if err != nil {
		return err
	}
	hello := f.GetHello()
	if hello == nil {
		return fmt.Errorf("%w: the first message is no Hello", transport.ErrProtocol)
	}
	version, err := c.admit(hello)
	if err != nil {
		return err
	}
	return c.welcome(hello, version)
}

// admit judges a Hello and joins the room.
func (c *conn) admit(h *wire.Hello) (version uint32, err error) {
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
	var manifest []byte
	if len(h.GetManifest()) > 0 {
		if _, err := seal.VerifyManifest(h.GetRoom(), h.GetManifest()); err != nil {
			return 0, &refusal{&wire.Goodbye{Code: wire.Goodbye_RIGHTS, Text: fmt.Sprintf("the room's manifest is not valid: %v", err)}}
		}
		manifest = h.GetManifest()
	}
	c.version = version
	c.replica, c.readOnly, c.baseline = h.GetReplica(), h.GetReadOnly(), h.GetNextCounter()-1
	room, bye := c.relay.enter(c, h.GetRoom(), manifest)
	if bye != nil {
		return 0, &refusal{bye}
	}
	c.room = room
	return version, nil
}

// welcome answers, and sets the cursor from which the log is written: the
// participant's if it means a place in this log, else the beginning.
func (c *conn) welcome(h *wire.Hello, version uint32) error {
	cfg := &c.relay.cfg
	state := c.room.log.State()
	if r := h.GetResume(); r.GetIncarnation() == state.Incarnation && r.GetNumber() <= state.Head {
		c.cursor = r.GetNumber()
	}
	last := max(c.room.log.LastCounter(c.replica), c.baseline)
	c.mu.Lock()
	bye := c.goodbye
	c.admitted = bye == nil
	c.mu.Unlock()
	if bye != nil {
		return &refusal{bye}
	}
	cfg.Logger.Info("joined", "room", c.room.id, "agent", h.GetAgent(), "version", version, "read_only", c.readOnly)
	err := c.send(&wire.RelayFrame{Kind: &wire.RelayFrame_Welcome{Welcome: &wire.Welcome{
		Version: version, Incarnation: state.Incarnation, Head: state.Head, Generation: state.Generation,
		LastCounter: last, Manifest: state.Manifest, RelayTime: cfg.Now().UnixMicro(),
		Limits:         cfg.limits(version),
		PingIntervalMs: uint32(pingInterval.Milliseconds()),
	}}})
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.joined = true
	c.mu.Unlock()
	return nil
}

// limits are those a participant is told of.
func (c *Config) limits(version uint32) *wire.Limits {
	l := &wire.Limits{
		MaxMessage: uint64(c.MaxMessage), MaxFrame: uint64(c.maxFrame()),
		MaxPresence: uint64(c.MaxPresence), MaxSnapshot: uint64(c.MaxSnapshot),
	}
	if version >= 2 {
		l.FramesPerSecond, l.Burst = uint32(c.FramesPerSecond), uint32(c.Burst)
	}
	return l
}

// refuse says Goodbye to a participant that was not admitted, or is gone during the handshake.
func (c *conn) refuse(bye *wire.Goodbye) {
	c.mu.Lock()
	c.ended = true
	c.mu.Unlock()
	if bye != nil {
		c.countGoodbye(bye)
		if c.send(&wire.RelayFrame{Kind: &wire.RelayFrame_Goodbye{Goodbye: bye}}) == nil {
			c.byeSent = true
		}
	}
	c.closeLingering()
	if c.room != nil {
		c.relay.exit(c, c.room)
	}
}

func (c *conn) countGoodbye(bye *wire.Goodbye) {
	c.relay.stats.goodbyes[bye.GetCode()%maxCode].Add(1)
	c.relay.cfg.Logger.Info("goodbye", "code", bye.GetCode().String(), "text", bye.GetText())
}

// send writes one message. During the handshake the reader calls it, then only the writer.
func (c *conn) send(f *wire.RelayFrame) error {
	b := wire.Marshal(f)
	if err := c.conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return fmt.Errorf("%w: %w", transport.ErrLost, err)
	}
	return c.conn.WriteMessage(b)
}

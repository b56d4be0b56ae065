package relay

import (
	"fmt"
	"time"

	"coedit/transport"
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
	// A trickle of bytes pushes the deadline on; this one it does not.
	expired := time.AfterFunc(cfg.HandshakeTimout+lingerTime, func() {
		c.relay.limited(limitHandshake)
		_ = c.conn.Close()
	})
	defer expired.Stop()
	if l, ok := c.conn.(messageLimiter); ok {
		l.LimitMessage(maxHello)
		defer l.LimitMessage(cfg.MaxMessage)
	}
	f, err := c.readFirst()
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
	c.live = c.cursor == state.Head
	cfg.Logger.Info("joined", "room", c.room.id, "agent", h.GetAgent(), "version", version, "read_only", c.readOnly)
	err := c.send(&wire.RelayFrame{Kind: &wire.RelayFrame_Welcome{Welcome: &wire.Welcome{
		Version: version, Incarnation: state.Incarnation, Head: state.Head, Generation: state.Generation,
		LastCounter: last, Manifest: state.Manifest, RelayTime: cfg.Now().UnixMicro(),
		Limits:         cfg.limits(version),
		Durable:        version >= 2 && cfg.Log.Durable(),
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
	byCode(c.relay.stats.goodbyes, bye.GetCode()).Inc()
	c.relay.cfg.Logger.Info("goodbye", "code", bye.GetCode().String(), "text", bye.GetText())
}

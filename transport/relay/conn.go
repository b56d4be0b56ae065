package relay

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"sync"
	"time"

	"coedit/transport"
	"coedit/transport/seal"
	"coedit/transport/wire"
)

// conn is one participant's connection. One goroutine reads; another writes, and
// exists only while there is something to write. What is to be written is not queued:
// the writer reads the log from the connection's own cursor and the room's newest
// presence. So a participant that does not read costs a few kilobytes and delays nobody.
type conn struct {
	// Static after construction.
	relay *Relay
	conn  transport.Conn
	host  string       // by which the participant dialled, in lower case; "" over a pipe
	peer  netip.Prefix // the address it came from; invalid over a pipe
	usage *usage       // what that address uses, or nil
	gone  func()       // to be called when it is all over

	// Static after the handshake.
	room       *room
	version    uint32 // of the protocol: what only a later one has is never sent
	replica    uint64
	right      seal.Right // proved; of version 1, which proves nothing, Write
	readOnly   bool
	leftBefore uint64 // room.seq at joining: who left until then was never seen by this one

	// Owned by the reader.
	baseline uint64    // the participant has given up, or knows as stored, its counters up to here
	bucket   bucket    // of edits it may send
	assembly *assembly // snapshot arriving, or nil

	// Owned by the writer, handed on under mu.
	cursor      uint64   // number of the last frame written
	generation  uint64   // of the last snapshot written
	sending     *sending // snapshot on its way, or nil
	live        bool     // it stands where the room's feed stands
	wasLive     bool     // it stood there since it fell behind last
	lingerTimer *time.Timer

	// Guarded by room.mu.
	presence     []byte // the participant's newest, as a message; nil for none
	presenceSeq  uint64 // room.seq of it
	presenceSeen uint64 // room.seq up to which changes were written

	writers sync.WaitGroup // the writer; Add only under mu while not ended

	mu       sync.Mutex // guards the following fields; taken last
	admitted bool       // the Welcome is on its way: a Goodbye waits until it is written
	joined   bool       // the Welcome is written: the writer may start
	writing  bool       // there is a writer
	dirty    bool       // there may be news since the writer looked last
	ended    bool       // no writer is started any more
	byeSent  bool
	ackDue   bool
	pongDue  bool
	rewind   bool // Fetch: start again at the beginning
	putting  bool // a snapshot of this connection is being stored
	goodbye  *wire.Goodbye
	replies  []*wire.RelayFrame // bounded by maxReplies
	ackTo    uint64             // Invariant: everything up to here is stored
	nacked   uint64             // counter last asked for by a Nack, 0 for none: later ones are dropped until it comes
	pending  int                // bytes of edits that the log has and has not answered
	wanted   *wire.SnapshotWanted
	pingTime int64  // of the Ping to be answered
	stored   uint64 // generation of the last snapshot this connection stored; 0 for none
}

// maxReplies is how many answers may wait for a participant that does not read.
const maxReplies = 64

var errFlooding = errors.New("relay: the participant causes answers and does not read them")

func newConn(r *Relay, c transport.Conn) *conn { return &conn{relay: r, conn: c} }

// serve brings the connection in, and leaves it to goroutines of its own; ended is called when it is over.
func (c *conn) serve(ended func()) {
	if err := c.handshake(); err != nil {
		c.refuse(c.goodbyeFor(err))
		ended()
		return
	}
	c.gone = ended
	c.wake()
	c.room.wantSnapshot()
	go c.rest()
}

// rest waits for something to read, on a small stack. A connection at rest is this goroutine.
func (c *conn) rest() {
	if w, ok := c.conn.(transport.Waiter); ok && w.CanWait() && !w.Buffered() {
		w.WaitReadable()
	}
	go c.read()
}

// read takes the messages that are there, and goes to rest or ends. Its stack grows with what is in the messages, so
// it is given back.
func (c *conn) read() {
	for {
		if err := c.readOne(); err != nil {
			c.end(err)
			c.gone()
			return
		}
		if w, ok := c.conn.(transport.Waiter); ok && w.CanWait() && !w.Buffered() {
			go c.rest()
			return
		}
	}
}

// readOne takes a message; the error says why the connection ends.
func (c *conn) readOne() error {
	if err := c.conn.SetReadDeadline(time.Now().Add(c.relay.cfg.Silence)); err != nil {
		return fmt.Errorf("%w: %w", transport.ErrLost, err)
	}
	b, err := c.conn.ReadMessage()
	switch {
	case err != nil:
		return err
	case c.saidGoodbye():
		return nil // swallow, until the participant has read it and closes
	}
	c.relay.noteReceived(len(b))
	f, err := c.decode(b)
	if err != nil {
		return err
	}
	return c.handle(f)
}

func (c *conn) decode(b []byte) (*wire.ClientFrame, error) {
	if len(b) > c.relay.cfg.MaxMessage {
		return nil, fmt.Errorf("%w: %d bytes, limit %d", transport.ErrTooLarge, len(b), c.relay.cfg.MaxMessage)
	}
	var f wire.ClientFrame
	if err := wire.Unmarshal(b, &f); err != nil {
		return nil, fmt.Errorf("%w: a message of %d bytes does not parse", transport.ErrProtocol, len(b))
	}
	return &f, nil
}

// handle takes one message. A kind of a later version is skipped.
func (c *conn) handle(f *wire.ClientFrame) error {
	if err := c.hurry(); err != nil {
		return err
	}
	switch k := f.GetKind().(type) {
	case *wire.ClientFrame_Publish:
		return c.publish(transport.FrameOf(k.Publish.GetFrame()))
	case *wire.ClientFrame_Presence:
		if n := len(k.Presence.GetPayload()); n > c.relay.cfg.MaxPresence {
			return &limitError{limitPresence, fmt.Errorf("%w: presence of %d bytes, limit %d", transport.ErrTooLarge, n, c.relay.cfg.MaxPresence)}
		}
		c.room.setPresence(c, k.Presence.GetPayload())
	case *wire.ClientFrame_SnapshotPut:
		return c.snapshotChunk(k.SnapshotPut)
	case *wire.ClientFrame_Fetch:
		c.update(func() { c.rewind = true })
	case *wire.ClientFrame_Ping:
		c.ping(k.Ping.GetClientTime())
	case *wire.ClientFrame_Resync:
		if n := k.Resync.GetNextCounter(); n > 0 {
			c.baseline = max(c.baseline, n-1)
		}
	case *wire.ClientFrame_SnapshotConfirm:
		if !c.readOnly && c.version >= 2 {
			c.room.log.Confirm(k.SnapshotConfirm.GetGeneration(), c.replica)
		}
	case *wire.ClientFrame_CloseRoom:
		return c.closeRoom()
	case *wire.ClientFrame_Hello, *wire.ClientFrame_Proof:
		return fmt.Errorf("%w: a second Hello or Proof", transport.ErrProtocol)
	}
	return nil
}

// ping asks the writer for a pong. The newest ping is the one answered.
func (c *conn) ping(clientTime int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pongDue, c.pingTime = true, clientTime
	c.wakeLocked()
}

// nack answers with a refusal.
func (c *conn) nack(n *wire.Nack) error {
	byCode(c.relay.stats.nacks, n.GetCode()).Inc()
	return c.reply(&wire.RelayFrame{Kind: &wire.RelayFrame_Nack{Nack: n}})
}

// reply adds an answer to those that wait.
func (c *conn) reply(f *wire.RelayFrame) error {
	full := false
	c.update(func() {
		if full = len(c.replies) >= maxReplies; !full {
			c.replies = append(c.replies, f)
		}
	})
	if full {
		return errFlooding
	}
	return nil
}

// update changes what mu guards and wakes the writer.
func (c *conn) update(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
	c.wakeLocked()
}

// end sends the participant away, if it is still there, and leaves the room.
func (c *conn) end(err error) {
	bye := c.goodbyeFor(err)
	if bye != nil {
		c.sayGoodbye(bye)
	} else {
		_ = c.conn.Close()
	}
	c.mu.Lock()
	c.ended = true
	c.mu.Unlock()
	cut := time.AfterFunc(lingerTime, func() { _ = c.conn.Close() })
	c.writers.Wait()
	cut.Stop()
	c.dropAssembly()
	c.relay.exit(c, c.room)
	c.room.refused(c.replica, true)
	c.closeLingering()
	if c.lingerTimer != nil {
		c.lingerTimer.Stop()
	}
	c.relay.cfg.Logger.Info("left", "room", c.room.id, "goodbye", bye.GetCode().String())
}

// closeLingering closes so that a last message is read.
func (c *conn) closeLingering() {
	if l, ok := c.conn.(interface{ CloseLingering(time.Duration) error }); ok && c.byeSent {
		_ = l.CloseLingering(lingerTime)
		return
	}
	_ = c.conn.Close()
}

// goodbyeFor is what a participant is told when the connection ends by err; nil when it is gone itself.
func (c *conn) goodbyeFor(err error) *wire.Goodbye {
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		return refused.bye
	case errors.Is(err, transport.ErrTooLarge):
		l := &limitError{limit: limitMessage}
		errors.As(err, &l)
		c.relay.limited(l.limit)
		return &wire.Goodbye{Code: wire.Goodbye_LIMIT, Text: fmt.Sprintf("over a limit of this relay: %v", err)}
	case errors.Is(err, transport.ErrProtocol):
		return &wire.Goodbye{Code: wire.Goodbye_PROTOCOL, Text: fmt.Sprintf("this is a coedit relay, and it does not understand: %v", err)}
	case errors.Is(err, os.ErrDeadlineExceeded) && c.room == nil:
		c.relay.limited(limitHandshake)
		return &wire.Goodbye{Code: wire.Goodbye_TIMEOUT, Text: fmt.Sprintf("the handshake took longer than %v", c.relay.cfg.HandshakeTimout)}
	case errors.Is(err, os.ErrDeadlineExceeded):
		c.relay.limited(limitSilence)
		return &wire.Goodbye{Code: wire.Goodbye_TIMEOUT, Text: "nothing was heard for too long"}
	case errors.Is(err, errFlooding):
		c.relay.limited(limitAnswers)
		return &wire.Goodbye{Code: wire.Goodbye_LIMIT, Text: "too many answers wait to be read"}
	}
	return nil
}

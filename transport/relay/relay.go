package relay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"coedit/transport"
	"coedit/transport/wire"
)

// Config of a relay; zero limits mean defaults.
type Config struct {
	Log    Log          // required
	Logger *slog.Logger // nil: silent. Never given content, secrets or addresses
	Now    func() time.Time
	// Limits.
	MaxMessage  int // bytes of one message (default 8 MiB, at most 64 MiB)
	MaxPresence int // bytes of one presence (default 64 KiB)
	MaxSnapshot int // bytes of one snapshot (default 64 MiB)
	MaxRooms    int // rooms kept (default 10,000)
	MaxPerRoom  int // connections in one room (default 100)
	MaxConns    int // connections (default 20,000)
	// Of one network address (of IPv6, a /64). Unless one of them is set, this machine's own addresses are not limited.
	MaxPerAddress      int   // connections (default 500)
	MaxRoomsPerAddress int   // rooms made in an hour (default 500)
	MaxBytesPerAddress int64 // bytes of edits and snapshots stored in a day (default 4 GiB)
	MaxAssembling      int   // bytes of snapshots that have not wholly arrived, in all connections together (default 256 MiB)
	FramesPerSecond    int   // edits taken from one connection (default 500), beyond a
	Burst              int   // burst of so many (default 200)
	MaxBacklog         int   // bytes of edits that the log has not answered, of all connections (default 64 MiB)
	// TailFrames and TailBytes are how long a room's log behind its snapshot may get before a participant is asked for
	// another (default 5,000 frames, 4 MiB), which has SnapshotPatience to begin answering (default 30 s).
	TailFrames       int
	TailBytes        int64
	SnapshotPatience time.Duration
	HandshakeTimout  time.Duration // from connection to Hello (default 10 s)
	Silence          time.Duration // nothing received from a participant for so long: it is gone (default 20 s)
	WriteTimeout     time.Duration // for a participant to take what is written at once, at most some 100 KB and one frame (default 90 s)
	// RoomTTL is how long a room without connections is kept (default 24 h; negative: for ever).
	RoomTTL time.Duration
	// SnapshotGrace is how long what a snapshot replaced is kept when nobody confirms the snapshot (default 1 h).
	SnapshotGrace time.Duration
	// Usable, if not nil, says why the log does not work at the moment: the relay is not ready then.
	Usable func() error
	// Origins are hosts whose web pages may connect, beside the relay's own ("example.org", with a port if it has one).
	Origins []string
	// Hosts are the names under which participants reach the relay ("relay.example"; with a port, that port only). Proofs
	// are bound to them; without any, the name in the HTTP request counts, which a relay in between can choose.
	Hosts []string
	// RequireSuite refuses rooms of any other suite (package seal); 0: all are served.
	RequireSuite byte
	// MinVersion and MaxVersion are the protocol versions served (default: all this program knows). An operator
	// narrows them to keep old programs out.
	MinVersion, MaxVersion uint32
}

const (
	lingerTime    = 2 * time.Second // for a Goodbye to be read
	pingInterval  = 3 * time.Second // asked of participants
	shutdownRetry = 500 * time.Millisecond
	busyRetry     = 2 * time.Second
	maxHello      = 16 << 10
	defaultConns  = 20_000
)

func (c Config) withDefaults() Config {
	if c.Log == nil {
		panic("relay: Config.Log is nil")
	}
	setDefault(&c.MaxMessage, transport.DefaultMaxMessage)
	setDefault(&c.MaxPresence, transport.DefaultMaxPresence)
	setDefault(&c.MaxSnapshot, transport.DefaultMaxSnapshot)
	setDefault(&c.MaxRooms, 10_000)
	setDefault(&c.MaxPerRoom, 100)
	setDefault(&c.MaxConns, defaultConns)
	setDefault(&c.MaxAssembling, 256<<20)
	setDefault(&c.FramesPerSecond, 500)
	setDefault(&c.Burst, 200)
	setDefault(&c.MaxBacklog, 64<<20)
	setDefault(&c.TailFrames, 5000)
	setDefault(&c.TailBytes, 4<<20)
	setDefault(&c.SnapshotPatience, 30*time.Second)
	setDefault(&c.HandshakeTimout, 10*time.Second)
	setDefault(&c.Silence, 20*time.Second)
	setDefault(&c.WriteTimeout, 90*time.Second)
	setDefault(&c.RoomTTL, 24*time.Hour)
	setDefault(&c.SnapshotGrace, time.Hour)
	setDefault(&c.MinVersion, transport.MinVersion)
	setDefault(&c.MaxVersion, transport.Version)
	c.MaxMessage = min(max(c.MaxMessage, minMessage), transport.HardMaxMessage)
	c.MaxPresence = min(c.MaxPresence, c.maxFrame())
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// Connections is how many connections there may be.
func (c Config) Connections() int {
	setDefault(&c.MaxConns, defaultConns)
	return c.MaxConns
}

// minMessage is the least a relay can be limited to: a snapshot chunk must fit.
const minMessage = transport.MaxSnapshotChunk + transport.FrameOverhead

// maxFrame is the largest payload of a frame.
func (c Config) maxFrame() int { return c.MaxMessage - transport.FrameOverhead }

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Relay is the hub. All methods may be called from any goroutine.
type Relay struct {
	// Static after construction.
	cfg   Config
	up    transport.Upgrader
	start time.Time
	lanes *lanes

	backlog   backlog
	addresses addresses

	stats      meters
	assembling atomic.Int64   // bytes of snapshots arriving
	serving    sync.WaitGroup // connections; Add only under mu while not draining

	mu       sync.Mutex // guards the following fields
	draining bool
	leaving  bool // not ready, but serving
	conns    map[*conn]struct{}
	rooms    map[string]*room // those with connections
	janitor  *time.Timer      // expires rooms; nil when there is nothing to expire
}

// New makes a relay. It panics without Config.Log.
func New(c Config) *Relay {
	r := &Relay{cfg: c.withDefaults(), start: time.Now(), conns: make(map[*conn]struct{}), rooms: make(map[string]*room)}
	r.lanes = newLanes(r.clock)
	r.addresses = addresses{clock: r.clock, of: make(map[netip.Prefix]*usage)}
	r.stats = newMeters(r)
	r.up = transport.Upgrader{MaxMessage: r.cfg.MaxMessage, CheckOrigin: r.originAllowed}
	return r
}

// ServeConn speaks the protocol on one connection until it ends (for simulations without HTTP).
func (r *Relay) ServeConn(c transport.Conn) {
	ended := make(chan struct{})
	r.accept(c, "", netip.Prefix{}, func() { close(ended) })
	<-ended
}

// accept brings a connection in, of a participant that reached this relay under a name, and returns; ended is called
// when it is over.
func (r *Relay) accept(c transport.Conn, host string, peer netip.Prefix, ended func()) {
	conn := newConn(r, c)
	conn.host, conn.peer = host, peer
	if bye := r.register(conn, peer); bye != nil {
		conn.refuse(bye)
		ended()
		return
	}
	conn.serve(func() {
		r.unregister(conn)
		r.serving.Done()
		ended()
	})
}

// clock is the time since the relay was made, in nanoseconds; never 0.
func (r *Relay) clock() int64 { return int64(time.Since(r.start)) + 1 }

// register counts a connection in, or says why not.
func (r *Relay) register(c *conn, peer netip.Prefix) *wire.Goodbye {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.draining {
		return shutdownGoodbye(len(r.conns))
	}
	if len(r.conns) >= r.cfg.MaxConns {
		r.limited(limitConnections)
		return busyGoodbye(fmt.Sprintf("this relay has all the connections it takes (%d)", r.cfg.MaxConns))
	}
	if most, _, _, counted := r.cfg.limitsOf(peer); counted {
		if c.usage = r.addresses.enter(peer, most); c.usage == nil {
			r.limited(limitAddressConnections)
			return busyGoodbye(fmt.Sprintf("this relay takes %d connections from one address, and there are so many from yours", most))
		}
	}
	r.serving.Add(1)
	r.conns[c] = struct{}{}
	r.stats.connections.Inc()
	return nil
}

func (r *Relay) unregister(c *conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.conns, c)
	if c.usage != nil {
		r.addresses.leave(c.usage)
	}
}

// Shutdown says Goodbye to everybody and waits until they are gone or ctx ends. New
// connections are told to come back later. The log is left open.
func (r *Relay) Shutdown(ctx context.Context) error {
	r.mu.Lock()
	r.draining = true
	if r.janitor != nil {
		r.janitor.Stop()
		r.janitor = nil
	}
	for c := range r.conns {
		c.sayGoodbye(shutdownGoodbye(len(r.conns)))
	}
	r.mu.Unlock()
	gone := make(chan struct{})
	go func() {
		r.serving.Wait()
		close(gone)
	}()
	select {
	case <-gone:
		return nil
	case <-ctx.Done():
	}
	r.mu.Lock()
	left := len(r.conns)
	for c := range r.conns {
		_ = c.conn.Close()
	}
	r.mu.Unlock()
	<-gone
	return fmt.Errorf("relay: %d connections were cut: %w", left, ctx.Err())
}

// shutdownGoodbye spreads so many participants over the time after, so that they do not come back all at once: a
// thousand a second, and not within less than 2 s.
func shutdownGoodbye(participants int) *wire.Goodbye {
	return &wire.Goodbye{
		Code: wire.Goodbye_SHUTDOWN, Text: "the relay is restarting",
		RetryAfterMs: uint64(shutdownRetry.Milliseconds()), JitterMs: 2000 + uint64(participants),
	}
}

func busyGoodbye(text string) *wire.Goodbye {
	return &wire.Goodbye{
		Code: wire.Goodbye_UNAVAILABLE, Text: text,
		RetryAfterMs: uint64(busyRetry.Milliseconds()), JitterMs: uint64(busyRetry.Milliseconds()),
	}
}

// enter brings a connection into its room, which is opened or made if need be. The
// connection of the same replica that was there is sent away.
func (r *Relay) enter(c *conn, id string, manifest []byte) (*room, *wire.Goodbye) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.draining {
		return nil, shutdownGoodbye(len(r.conns))
	}
	rm := r.rooms[id]
	if rm == nil {
		var bye *wire.Goodbye
		if rm, bye = r.open(c, id, manifest); bye != nil {
			return nil, bye
		}
		r.rooms[id] = rm
	}
	if !rm.join(c, r.cfg.MaxPerRoom) {
		r.limited(limitParticipants)
		return nil, &wire.Goodbye{Code: wire.Goodbye_LIMIT, Text: fmt.Sprintf("this room is full: the relay lets %d take part", r.cfg.MaxPerRoom)}
	}
	return rm, nil
}

// open finds or makes a room that has no connections.
func (r *Relay) open(c *conn, id string, manifest []byte) (*room, *wire.Goodbye) {
	rm := newRoom(r, id)
	log, err := r.cfg.Log.Open(id, nil, rm.wakeAll)
	if errors.Is(err, ErrNoRoom) && manifest != nil {
		if r.cfg.Log.Rooms() >= r.cfg.MaxRooms {
			r.limited(limitRooms)
			return nil, &wire.Goodbye{Code: wire.Goodbye_LIMIT, Text: fmt.Sprintf("this relay keeps %d rooms and has no place for another", r.cfg.MaxRooms)}
		}
		if most := r.mayMake(c); most > 0 {
			r.limited(limitAddressRooms)
			return nil, &wire.Goodbye{Code: wire.Goodbye_LIMIT, Text: fmt.Sprintf(
				"this relay lets one address make %d rooms in an hour, and yours has made so many", most)}
		}
		log, err = r.cfg.Log.Open(id, manifest, rm.wakeAll)
	}
	if err != nil {
		return nil, r.cannotOpen(err)
	}
	rm.setLog(log)
	r.expireLater()
	return rm, nil
}

// goodbyeOf says why a log cannot be used.
func goodbyeOf(err error) *wire.Goodbye {
	if errors.Is(err, ErrClosed) {
		return closedGoodbye()
	}
	return unavailable()
}

func unavailable() *wire.Goodbye {
	return busyGoodbye("the relay cannot use its store at the moment")
}

// exit takes a connection out of its room, and closes the room behind the last one.
func (r *Relay) exit(c *conn, rm *room) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if rm.leave(c) {
		delete(r.rooms, rm.id)
		rm.log.Release(r.cfg.Now())
	}
}

// expireLater makes sure that rooms are looked through. mu is held.
func (r *Relay) expireLater() {
	every := r.cfg.SnapshotGrace
	if r.cfg.RoomTTL > 0 {
		every = min(every, r.cfg.RoomTTL)
	}
	if r.janitor == nil && !r.draining {
		r.janitor = time.AfterFunc(every/4+time.Second, r.expire)
	}
}

// expire removes rooms that nobody came back to, and what unconfirmed snapshots replaced long ago.
func (r *Relay) expire() {
	now := r.cfg.Now()
	if r.cfg.RoomTTL > 0 {
		n, err := r.cfg.Log.Expire(now.Add(-r.cfg.RoomTTL))
		if err != nil {
			r.cfg.Logger.Error("cannot expire rooms", "error", err)
		}
		if n > 0 {
			r.cfg.Logger.Info("rooms expired", "rooms", n)
		}
	}
	if _, err := r.cfg.Log.Settle(now.Add(-r.cfg.SnapshotGrace)); err != nil {
		r.cfg.Logger.Error("cannot drop replaced snapshots", "error", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.janitor = nil
	if r.cfg.Log.Rooms() > 0 {
		r.expireLater()
	}
}

// Handler serves /r/ROOM (WebSocket), /healthz, /readyz and a short page for people who open a link in a browser.
func (r *Relay) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", ServeHealth)
	mux.HandleFunc("GET /readyz", r.ServeReady)
	mux.HandleFunc("GET /r/{room...}", r.serveRoom)
	mux.HandleFunc("GET /{$}", serveAbout)
	return mux
}

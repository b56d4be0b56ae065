package relay

import (
	"net/netip"
	"sync"
	"time"
)

// Limits of one network address. An IPv6 customer has at least a /64, which counts as one address.
const (
	roomsWindow = time.Hour
	bytesWindow = 24 * time.Hour
	sweepEvery  = 1000 // addresses noted between two looks for forgotten ones
)

// addresses is what each network address uses of the relay. Participants over a pipe have none.
type addresses struct {
	clock func() int64

	mu    sync.Mutex // guards the following fields and what the entries hold; taken last
	of    map[netip.Prefix]*usage
	noted int // since the last sweep
}

// usage is what one address uses. Guarded by addresses.mu.
type usage struct {
	conns int
	here  int64 // bytes of snapshots that arrive, or are being stored
	rooms quota // made
	bytes quota // of edits and snapshots stored
}

// quota is how much was used in a window that began at a time.
type quota struct{ used, began int64 }

// take uses n, if the window's most allows that.
func (q *quota) take(n, most, now int64, window time.Duration) bool {
	if q.over(now, window) {
		*q = quota{began: now}
	}
	if q.used+n > most {
		return false
	}
	q.used += n
	return true
}

// over says whether nothing counts any more.
func (q *quota) over(now int64, window time.Duration) bool {
	return q.used == 0 || now-q.began > int64(window)
}

// peerOf is the address of a request's other side, as host:port; the zero Prefix when it has none.
func peerOf(remote string) netip.Prefix {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Prefix{}
	}
	addr := at.Addr().Unmap().WithZone("")
	bits := addr.BitLen()
	if addr.Is6() {
		bits = 64
	}
	p, err := addr.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}

// enter counts a connection in; nil when the address has as many as it may.
func (a *addresses) enter(peer netip.Prefix, most int) *usage {
	a.mu.Lock()
	defer a.mu.Unlock()
	u := a.of[peer]
	switch {
	case u == nil:
		u = new(usage)
		a.sweep()
		a.of[peer] = u
	case u.conns >= most:
		return nil
	}
	u.conns++
	return u
}

// leave counts a connection out. What it made and stored stays counted until its window is over.
func (a *addresses) leave(u *usage) {
	a.mu.Lock()
	defer a.mu.Unlock()
	u.conns--
}

// sweep forgets addresses that use nothing any more, now and then. mu is held.
func (a *addresses) sweep() {
	if a.noted++; a.noted < sweepEvery {
		return
	}
	a.noted = 0
	now := a.clock()
	for peer, u := range a.of {
		if u.conns == 0 && u.here == 0 && u.rooms.over(now, roomsWindow) && u.bytes.over(now, bytesWindow) {
			delete(a.of, peer)
		}
	}
}

// takeRoom and takeBytes use up what an address may make and store. A nil usage may do anything.
func (a *addresses) takeRoom(u *usage, most int) bool {
	if u == nil {
		return true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return u.rooms.take(1, int64(most), a.clock(), roomsWindow)
}

func (a *addresses) takeBytes(u *usage, n int, most int64) bool {
	if u == nil {
		return true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return u.bytes.take(int64(n), most, a.clock(), bytesWindow)
}

// takeHere and giveHere count bytes of snapshots that are in memory on behalf of an address. A nil usage may have any.
func (a *addresses) takeHere(u *usage, n int, most int64) bool {
	if u == nil {
		return true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if u.here+int64(n) > most {
		return false
	}
	u.here += int64(n)
	return true
}

func (a *addresses) giveHere(u *usage, n int) {
	if u == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	u.here -= int64(n)
}

// limitsOf are the most that an address may use. The defaults do not count for this machine itself: behind a proxy
// everybody has its address.
func (c *Config) limitsOf(peer netip.Prefix) (conns, rooms int, bytes int64, counted bool) {
	given := c.MaxPerAddress > 0 || c.MaxRoomsPerAddress > 0 || c.MaxBytesPerAddress > 0
	if !peer.IsValid() || peer.Addr().IsLoopback() && !given {
		return 0, 0, 0, false
	}
	conns, rooms, bytes = c.MaxPerAddress, c.MaxRoomsPerAddress, c.MaxBytesPerAddress
	setDefault(&conns, 500)
	setDefault(&rooms, 500)
	setDefault(&bytes, 4<<30)
	return conns, rooms, bytes, true
}

// mayMake takes a room from what a connection's address may make; where there is none left it gives how many that are.
func (r *Relay) mayMake(c *conn) (most int) {
	_, rooms, _, _ := r.cfg.limitsOf(c.peer)
	if r.addresses.takeRoom(c.usage, rooms) {
		return 0
	}
	return rooms
}

// mayStore takes bytes from what a connection's address may store.
func (r *Relay) mayStore(c *conn, n int) bool {
	_, _, bytes, _ := r.cfg.limitsOf(c.peer)
	return r.addresses.takeBytes(c.usage, n, bytes)
}

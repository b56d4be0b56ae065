package relay

import (
	"fmt"
	"sync"
	"time"
)

// MemoryLimits bound a memory log; zero means the default.
type MemoryLimits struct {
	// RoomBytes of the snapshot of one room and the frames after it; as much again may be kept of what an unconfirmed
	// snapshot replaced (default 256 MiB).
	RoomBytes  int64
	TotalBytes int64 // of all rooms (default 2 GiB)
}

const (
	defaultRoomBytes  = 256 << 20
	defaultTotalBytes = 2 << 30
	// entryOverhead is what a frame, or a replica known, counts beside its payload: about what it takes.
	entryOverhead = 128
)

// NewMemoryLog keeps rooms in memory, with the default limits: they end with the
// process. incarnation seeds the rooms' incarnations and should be random: another
// process, and a room made again after it expired, must have other ones.
func NewMemoryLog(incarnation uint64) Log {
	return NewLimitedMemoryLog(incarnation, MemoryLimits{})
}

// NewLimitedMemoryLog is NewMemoryLog with limits.
func NewLimitedMemoryLog(incarnation uint64, l MemoryLimits) Log {
	setDefault(&l.RoomBytes, defaultRoomBytes)
	setDefault(&l.TotalBytes, defaultTotalBytes)
	return &memoryLog{seed: incarnation, limits: l, rooms: make(map[string]*memoryRoom), removed: make(map[string]struct{})}
}

type memoryLog struct {
	seed   uint64
	limits MemoryLimits

	mu      sync.Mutex // guards the following fields; taken after a room's
	rooms   map[string]*memoryRoom
	removed map[string]struct{} // the members of order
	order   []string            // rooms removed for good, the oldest first
	made    uint64              // rooms ever made
	total   int64               // bytes of all rooms
}

func (l *memoryLog) Durable() bool { return false }

func (l *memoryLog) Open(id string, manifest []byte, grew func()) (RoomLog, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, removed := l.removed[id]; removed {
		return nil, fmt.Errorf("%w: %s", ErrClosed, id)
	}
	room := l.rooms[id]
	if room == nil {
		if manifest == nil {
			return nil, fmt.Errorf("%w: %s", ErrNoRoom, id)
		}
		l.made++
		room = newMemoryRoom(l, MixIncarnation(l.seed+l.made), manifest)
		l.total += room.live
		l.rooms[id] = room
	}
	if room.open {
		panic(fmt.Sprintf("relay: room %s opened twice", id))
	}
	room.open, room.grew = true, grew
	return room, nil
}

func (l *memoryLog) Manifest(id string) ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, removed := l.removed[id]; removed {
		return nil, fmt.Errorf("%w: %s", ErrClosed, id)
	}
	if room := l.rooms[id]; room != nil {
		return room.manifest, nil
	}
	return nil, fmt.Errorf("%w: %s", ErrNoRoom, id)
}

func (l *memoryLog) Rooms() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.rooms)
}

func (l *memoryLog) Expire(before time.Time) (int, error) {
	var expired []*memoryRoom
	l.mu.Lock()
	for id, room := range l.rooms {
		if !room.open && room.released.Before(before) {
			delete(l.rooms, id)
			expired = append(expired, room)
		}
	}
	l.mu.Unlock()
	for _, room := range expired {
		room.remove()
	}
	return len(expired), nil
}

func (l *memoryLog) Settle(before time.Time) (int, error) {
	n := 0
	for _, room := range l.all() {
		if room.settle(before) {
			n++
		}
	}
	return n, nil
}

// all are the rooms there are now.
func (l *memoryLog) all() []*memoryRoom {
	l.mu.Lock()
	defer l.mu.Unlock()
	rooms := make([]*memoryRoom, 0, len(l.rooms))
	for _, room := range l.rooms {
		rooms = append(rooms, room)
	}
	return rooms
}

func (l *memoryLog) Remove(id string) error {
	l.mu.Lock()
	room := l.rooms[id]
	delete(l.rooms, id)
	if _, known := l.removed[id]; !known {
		if len(l.order) >= MaxRemoved {
			delete(l.removed, l.order[0])
			l.order = l.order[1:]
		}
		l.removed[id] = struct{}{}
		l.order = append(l.order, id)
	}
	l.mu.Unlock()
	if room != nil {
		room.remove()
	}
	return nil
}

// reserve takes n bytes, or gives them back when n is negative.
func (l *memoryLog) reserve(n int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n > 0 && l.total+n > l.limits.TotalBytes {
		return false
	}
	l.total += n
	return true
}

// MixIncarnation makes the incarnation of a room from a number that no other room is made from: it spreads
// consecutive ones over all 64-bit numbers but 0 (splitmix64).
func MixIncarnation(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return max(1, x^x>>31)
}

package main

import (
	"fmt"
	"time"

	"coedit/transport/relay"

	"github.com/spf13/pflag"
)

// limitFlags are the limits of a relay. 0 means the relay's own.
func (o *serveOptions) limitFlags(f *pflag.FlagSet) {
	const own = " (0: the relay's own limit)"
	for _, n := range []struct {
		to          *int
		name, usage string
	}{
		{&o.maxRooms, "max-rooms", "rooms kept at most"},
		{&o.maxPerRoom, "max-per-room", "participants at most in one room"},
		{&o.maxConns, "max-connections", "connections at most"},
		{&o.maxPerAddress, "max-per-address", "connections at most from one network address"},
		{&o.maxRoomsPerAddress, "max-rooms-per-address", "rooms that one network address may make in an hour"},
		{&o.maxMessage, "max-message", "`BYTES` of one message at most"},
		{&o.maxBacklog, "max-backlog", "`BYTES` of edits at most that wait for the store"},
		{&o.framesPerSecond, "edits-per-second", "edits taken from one participant"},
		{&o.burst, "edit-burst", "edits taken from one participant at once"},
		{&o.tailFrames, "snapshot-frames", "edits behind a room's snapshot before a participant is asked for another"},
	} {
		f.IntVar(n.to, n.name, 0, n.usage+own)
	}
	for _, n := range []struct {
		to          *int64
		name, usage string
	}{
		{&o.store.room, "max-room-bytes", "`BYTES` of one room on disk at most"},
		{&o.store.total, "max-store-bytes", "`BYTES` of all rooms on disk at most"},
		{&o.maxBytesPerAddress, "max-bytes-per-address", "`BYTES` that one network address may store in a day"},
		{&o.tailBytes, "snapshot-bytes", "`BYTES` behind a room's snapshot before a participant is asked for another"},
	} {
		f.Int64Var(n.to, n.name, 0, n.usage+own)
	}
	for _, d := range []struct {
		to          *time.Duration
		name, usage string
	}{
		{&o.handshake, "handshake-timeout", "time in which a connection must say hello"},
		{&o.silence, "idle-timeout", "time after which a participant that says nothing is gone; they ping every 3s"},
		{&o.writeTimeout, "write-timeout", "time for a participant to take what is sent at once"},
		{&o.roomTTL, "room-ttl", "time a room without participants is kept; negative: for ever"},
	} {
		f.DurationVar(d.to, d.name, 0, d.usage+own)
	}
}

func (o *serveOptions) check() error {
	for name, n := range map[string]int64{
		"max-rooms": int64(o.maxRooms), "max-per-room": int64(o.maxPerRoom), "max-connections": int64(o.maxConns),
		"max-per-address": int64(o.maxPerAddress), "max-rooms-per-address": int64(o.maxRoomsPerAddress), "max-message": int64(o.maxMessage),
		"max-backlog": int64(o.maxBacklog), "edits-per-second": int64(o.framesPerSecond), "edit-burst": int64(o.burst),
		"snapshot-frames": int64(o.tailFrames), "max-room-bytes": o.store.room, "max-store-bytes": o.store.total,
		"max-bytes-per-address": o.maxBytesPerAddress, "snapshot-bytes": o.tailBytes,
	} {
		if n < 0 {
			return usageError("0 means the relay's own limit", "--%s %d makes no sense", name, n)
		}
	}
	for name, d := range map[string]time.Duration{
		"handshake-timeout": o.handshake, "idle-timeout": o.silence, "write-timeout": o.writeTimeout,
		"drain-delay": o.drainDelay, "drain-timeout": o.drainTimeout,
	} {
		if d < 0 {
			return usageError("a time is like 10s or 1m30s", "--%s %s makes no sense", name, d)
		}
	}
	if o.logFormat != "text" && o.logFormat != "json" {
		return usageError("it is text or json", "--log-format %s is none", fmt.Sprint(o.logFormat))
	}
	return nil
}

// config is what the flags say about the relay.
func (o *serveOptions) config() relay.Config {
	return relay.Config{
		MaxRooms: o.maxRooms, MaxPerRoom: o.maxPerRoom, MaxConns: o.maxConns, MaxMessage: o.maxMessage,
		MaxPerAddress: o.maxPerAddress, MaxRoomsPerAddress: o.maxRoomsPerAddress, MaxBytesPerAddress: o.maxBytesPerAddress,
		MaxBacklog: o.maxBacklog, FramesPerSecond: o.framesPerSecond, Burst: o.burst,
		TailFrames: o.tailFrames, TailBytes: o.tailBytes, Origins: o.hosts(),
		HandshakeTimout: o.handshake, Silence: o.silence, WriteTimeout: o.writeTimeout, RoomTTL: o.roomTTL,
	}
}

const (
	// spareFiles are open files that are no participants: the store, listeners, those who come while others go.
	spareFiles = 64
	// fewFiles is less than a relay for the public should have place for.
	fewFiles = 4096
)

// fitOpenFiles makes the limit of connections one that the system's limit of open files (0: unknown) can keep, and says
// so where that is less than was asked for, or little.
func fitOpenFiles(c *relay.Config, files uint64) (warning string) {
	if files == 0 || files >= uint64(c.Connections()+spareFiles) {
		return ""
	}
	asked := c.MaxConns > 0
	c.MaxConns = max(1, int(files)-spareFiles)
	if !asked && files >= fewFiles {
		return ""
	}
	return fmt.Sprintf("the system lets this process have %d open files, so it takes %d connections; raise that with `ulimit -n`, "+
		"or LimitNOFILE= in a systemd unit", files, c.MaxConns)
}

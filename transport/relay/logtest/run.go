package logtest

import (
	"testing"
	"time"

	"coedit/transport"
	"coedit/transport/relay"
)

// TB is what of *testing.T and *rapid.T is used here.
type TB interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
	Cleanup(func())
}

// Limits for a new log, in bytes; zero means its own default.
type Limits struct{ RoomBytes, TotalBytes int64 }

// Maker makes logs of one kind.
type Maker struct {
	// New makes an empty log, which is closed by t's Cleanup.
	New func(t TB, limits Limits) relay.Log
	// Restart ends a log and gives what another process, started at the given time, finds; nil for a log that ends with
	// its process. Rooms that were open count as released when that process started.
	Restart func(t TB, old relay.Log, now time.Time) relay.Log
}

// Run runs all tests.
func Run(t *testing.T, m Maker) {
	for name, test := range map[string]func(*testing.T, Maker){
		"against a model":    againstAModel,
		"reads by bytes":     readsByBytes,
		"says when it grew":  saysWhenItGrew,
		"keeps its limits":   keepsItsLimits,
		"expires rooms":      expiresRooms,
		"removes rooms":      removesRooms,
		"keeps the previous": keepsThePrevious,
		"many at once":       manyAtOnce,
	} {
		t.Run(name, func(t *testing.T) { test(t, m) })
	}
}

// Open opens a room, and makes it where there is none.
func Open(t TB, l relay.Log, room string) relay.RoomLog {
	t.Helper()
	r, err := l.Open(room, []byte("manifest of "+room), func() {})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Append appends a frame and waits for the outcome.
func Append(r relay.RoomLog, f transport.Frame, baseline uint64) (number uint64, err error) {
	done := make(chan struct{})
	r.Append(f, baseline, func(n uint64, e error) {
		number, err = n, e
		close(done)
	})
	<-done
	return number, err
}

// PutSnapshot puts a snapshot and waits for the outcome.
func PutSnapshot(r relay.RoomLog, s relay.Snapshot, payload []byte) (generation uint64, err error) {
	done := make(chan struct{})
	r.PutSnapshot(s, payload, func(g uint64, e error) {
		generation, err = g, e
		close(done)
	})
	<-done
	return generation, err
}

// Whole is the whole payload of a snapshot.
func Whole(r relay.RoomLog, s relay.Snapshot) ([]byte, error) { return payload(r, s, 64<<10) }

// Payload is Whole, read in tiny parts.
func Payload(r relay.RoomLog, s relay.Snapshot) ([]byte, error) { return payload(r, s, 3) }

func payload(r relay.RoomLog, s relay.Snapshot, most int) ([]byte, error) {
	var payload []byte
	for len(payload) < s.Size {
		part, err := r.ReadSnapshot(s.Generation, len(payload), most)
		if err != nil || len(part) == 0 {
			return payload, err
		}
		payload = append(payload, part...)
	}
	return payload, nil
}

func text(replica, counter uint64, payload string) transport.Frame {
	return transport.Frame{Replica: replica, Counter: counter, Class: transport.ClassEdit, Payload: []byte(payload)}
}

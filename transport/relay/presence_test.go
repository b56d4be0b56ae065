package relay_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"coedit/transport/relay"
	"coedit/transport/wire"
)

func presence(payload string) *wire.ClientFrame {
	return &wire.ClientFrame{Kind: &wire.ClientFrame_Presence{Presence: &wire.PresenceUpdate{Payload: []byte(payload)}}}
}

// told collects who is here and what their presence is, until nothing more is said for
// a second of fake time.
func (r *raw) told() (here map[uint64]string, left []uint64) {
	r.t.Helper()
	here = map[uint64]string{}
	_ = r.conn.SetReadDeadline(time.Now().Add(time.Second))
	for {
		b, err := r.conn.ReadMessage()
		if err != nil {
			return here, left
		}
		var f wire.RelayFrame
		if err := wire.Unmarshal(b, &f); err != nil {
			r.t.Fatal(err)
		}
		switch {
		case f.GetPresence() != nil:
			here[f.GetPresence().GetReplica()] = string(f.GetPresence().GetPayload())
		case f.GetLeft() != nil:
			left = append(left, f.GetLeft().GetReplica())
		}
	}
}

// sync makes sure that the relay has handled what r sent.
func (r *raw) sync() {
	r.t.Helper()
	r.send(&wire.ClientFrame{Kind: &wire.ClientFrame_Ping{Ping: &wire.Ping{ClientTime: 5}}})
	r.until("the pong", func(f *wire.RelayFrame) bool { return f.GetPong() != nil })
}

func TestANewcomerIsToldWhoIsHereAndNotWhoWas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, 1)
		hub := newRelay(relay.Config{})
		stays := dialRaw(t, hub)
		stays.join(h, 1)
		for i := range uint64(5) {
			r := dialRaw(t, hub)
			r.join(h, 10+i)
			r.send(presence(fmt.Sprint("person ", i)))
			r.send(presence(fmt.Sprint("person ", i, " moved")))
			r.sync()
			if i%2 == 0 {
				_ = r.conn.Close()
				stays.until("it leaves", func(f *wire.RelayFrame) bool { return f.GetLeft().GetReplica() == 10+i })
			}
		}
		newcomer := dialRaw(t, hub)
		newcomer.join(h, 50)
		newcomer.send(presence("own"))
		here, left := newcomer.told()
		if len(left) != 0 || len(here) != 2 || here[11] != "person 1 moved" || here[13] != "person 3 moved" {
			t.Errorf("a newcomer is told %v, and that %v left", here, left)
		}
	})
}

func TestOneWhoComesBackIsHereAgain(t *testing.T) {
	h := newHouse(t, 1)
	hub := newRelay(relay.Config{})
	watcher := dialRaw(t, hub)
	watcher.join(h, 1)
	for i := range 3 {
		r := dialRaw(t, hub)
		r.join(h, 7)
		r.send(presence(fmt.Sprint("visit ", i)))
		watcher.until("the visit", func(f *wire.RelayFrame) bool {
			return string(f.GetPresence().GetPayload()) == fmt.Sprint("visit ", i)
		})
		_ = r.conn.Close()
		watcher.until("the end of the visit", func(f *wire.RelayFrame) bool { return f.GetLeft().GetReplica() == 7 })
	}
}

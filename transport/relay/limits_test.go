package relay_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"coedit/transport"
	"coedit/transport/relay"
	"coedit/transport/wire"
)

// limitCase goes over one of the relay's limits and gives the answer.
type limitCase struct {
	name   string // of the limit, as it is counted
	config relay.Config
	over   func(t *testing.T, l limitTest) (code, text string)
	code   string // of the Goodbye or the Nack, or the HTTP status
	text   string // in its sentence
}

type limitTest struct {
	hub  *relay.Relay
	url  string
	h    house
	home house // another
}

// socket dials without joining.
func (l limitTest) socket(t *testing.T) *websocket.Conn {
	t.Helper()
	ws, _, err := socket(t, l.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return ws
}

// joined dials and joins a room.
func (l limitTest) joined(t *testing.T, h house, replica uint64) *websocket.Conn {
	t.Helper()
	ws := l.socket(t)
	say(t, ws, hello(h, replica))
	return ws
}

func say(t *testing.T, ws *websocket.Conn, frames ...*wire.ClientFrame) {
	t.Helper()
	for _, f := range frames {
		if err := ws.WriteMessage(websocket.BinaryMessage, wire.Marshal(f)); err != nil {
			t.Fatal(err)
		}
	}
}

// answer is the next Goodbye or Nack.
func answer(t *testing.T, ws *websocket.Conn) (code, text string) {
	t.Helper()
	for {
		switch f := hear(t, ws); {
		case f.GetGoodbye() != nil:
			return f.GetGoodbye().GetCode().String(), f.GetGoodbye().GetText()
		case f.GetNack() != nil:
			return f.GetNack().GetCode().String(), f.GetNack().GetText()
		}
	}
}

func hear(t *testing.T, ws *websocket.Conn) *wire.RelayFrame {
	t.Helper()
	_ = ws.SetReadDeadline(time.Now().Add(20 * time.Second))
	_, b, err := ws.ReadMessage()
	if err != nil {
		t.Fatal(err)
	}
	f := new(wire.RelayFrame)
	if err := wire.Unmarshal(b, f); err != nil {
		t.Fatal(err)
	}
	return f
}

// welcomed waits for the Welcome.
func welcomed(t *testing.T, ws *websocket.Conn) *wire.Welcome {
	t.Helper()
	for {
		switch f := hear(t, ws); {
		case f.GetWelcome() != nil:
			return f.GetWelcome()
		case f.GetGoodbye() != nil:
			t.Fatalf("refused: %v", f)
		}
	}
}

// sending joins and sends these.
func sending(frames ...*wire.ClientFrame) func(*testing.T, limitTest) (string, string) {
	return func(t *testing.T, l limitTest) (string, string) {
		ws := l.joined(t, l.h, 7)
		say(t, ws, frames...)
		return answer(t, ws)
	}
}

// second has one participant in the room, and another that is refused.
func second(of func(limitTest) house) func(*testing.T, limitTest) (string, string) {
	return func(t *testing.T, l limitTest) (string, string) {
		welcomed(t, l.joined(t, l.h, 7))
		return answer(t, l.joined(t, of(l), 8))
	}
}

func sameRoom(l limitTest) house    { return l.h }
func anotherRoom(l limitTest) house { return l.home }

func text(n int) string { return strings.Repeat("x", n) }

var limitCases = []limitCase{
	{"connections", relay.Config{MaxConns: 1}, second(sameRoom), "UNAVAILABLE", "all the connections it takes (1)"},
	{"address_connections", relay.Config{MaxPerAddress: 1}, second(sameRoom), "UNAVAILABLE", "1 connections from one address"},
	{"participants", relay.Config{MaxPerRoom: 1}, second(sameRoom), "LIMIT", "room is full"},
	{"rooms", relay.Config{MaxRooms: 1}, second(anotherRoom), "LIMIT", "keeps 1 rooms"},
	{"address_rooms", relay.Config{MaxRoomsPerAddress: 1}, second(anotherRoom), "LIMIT", "make 1 rooms in an hour"},
	{"message", relay.Config{MaxMessage: 1 << 20}, sending(publish(7, 1, text(2<<20))), "LIMIT", "1048576"},
	{"frame", relay.Config{MaxMessage: 1 << 20}, sending(publish(7, 1, text(1<<20-100))), "TOO_LARGE", "limit of 1044480"},
	{"presence", relay.Config{MaxPresence: 10}, sending(presence(text(11))), "LIMIT", "presence of 11 bytes, limit 10"},
	{"snapshot", relay.Config{MaxSnapshot: 10}, sending(putChunk(0, 1, 11, text(11), transport.Cursor{}, false)), "TOO_LARGE", "limit of 10"},
	{"snapshots_arriving", relay.Config{MaxAssembling: 10}, sending(putChunk(0, 1, 11, text(11), transport.Cursor{}, false)), "RESOURCE_EXHAUSTED", "too many snapshots"},
	{"rate", relay.Config{FramesPerSecond: 1, Burst: 1}, sending(publish(7, 1, "a"), publish(7, 2, "b")), "RESOURCE_EXHAUSTED", "more than 1 edits a second"},
	{"backlog", relay.Config{MaxBacklog: 10}, sending(publish(7, 1, text(9))), "RESOURCE_EXHAUSTED", "store is slower"},
	{"room_bytes", relay.Config{Log: relay.NewLimitedMemoryLog(1, relay.MemoryLimits{RoomBytes: 1000})}, sending(publish(7, 1, text(1000))), "RESOURCE_EXHAUSTED", "room has reached"},
	{"address_bytes", relay.Config{MaxBytesPerAddress: 10}, sending(publish(7, 1, text(11))), "RESOURCE_EXHAUSTED", "in a day"},
	{"address_bytes", relay.Config{MaxBytesPerAddress: 10}, sending(putChunk(0, 1, 11, text(11), transport.Cursor{}, false)), "RESOURCE_EXHAUSTED", "in a day"},
	{"handshake", relay.Config{HandshakeTimout: 50 * time.Millisecond}, func(t *testing.T, l limitTest) (string, string) {
		return answer(t, l.socket(t))
	}, "TIMEOUT", "handshake took longer than 50ms"},
	{"handshake", relay.Config{HandshakeTimout: 50 * time.Millisecond}, trickle, "closed", "in time"},
	{"silence", relay.Config{Silence: 100 * time.Millisecond}, sending(), "TIMEOUT", "nothing was heard"},
	{"origin", relay.Config{Origins: []string{"editor.example"}}, func(t *testing.T, l limitTest) (string, string) {
		_, resp, err := socket(t, l.url, http.Header{"Origin": {"https://evil.example"}})
		if err == nil {
			t.Fatal("admitted")
		}
		b, _ := io.ReadAll(resp.Body)
		return resp.Status[:3], string(b)
	}, "403", "this origin may not connect"},
}

// trickle sends a Hello byte by byte for ever: each byte pushes the read deadline on, but not the handshake's.
func trickle(t *testing.T, l limitTest) (code, text string) {
	ws := l.socket(t)
	began := time.Now()
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		_, _ = io.Copy(io.Discard, ws.NetConn())
	}()
	frame := append([]byte{0x82, 0xfe, 0x40, 0x00}, make([]byte, 0x4004)...) // binary, masked, 16 KB
	for i := range frame {
		if _, err := ws.NetConn().Write(frame[i : i+1]); err != nil {
			break
		}
		select {
		case <-closed:
			if time.Since(began) > 10*time.Second {
				return "closed", "late"
			}
			return "closed", "in time"
		case <-time.After(5 * time.Millisecond):
		}
	}
	return "closed", "in time"
}

// TestEveryLimitAnswersWithItsName: who goes over it is told which one it was, and the operator sees it counted.
func TestEveryLimitAnswersWithItsName(t *testing.T) {
	for _, c := range limitCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			hub := newRelay(c.config)
			l := limitTest{hub: hub, url: serveHTTP(t, hub), h: newHouse(t, 1), home: newHouse(t, 2)}
			code, text := c.over(t, l)
			if code != c.code || !strings.Contains(text, c.text) {
				t.Errorf("answered %s %q, want %s with %q", code, text, c.code, c.text)
			}
			if n := hub.Stats().Limited[c.name]; n == 0 {
				t.Errorf("not counted: %v", hub.Stats().Limited)
			}
		})
	}
}

// TestEveryLimitIsTested: one that is added is added to the table too. Flooding with answers has a test of its own.
func TestEveryLimitIsTested(t *testing.T) {
	tested := map[string]bool{"answers": true}
	for _, c := range limitCases {
		tested[c.name] = true
	}
	var b bytes.Buffer
	newRelay(relay.Config{}).WriteMetrics(&b)
	found := 0
	for line := range strings.Lines(b.String()) {
		if name, ok := strings.CutPrefix(line, `coedit_limited_total{limit="`); ok {
			found++
			if name, _, _ = strings.Cut(name, `"`); !tested[name] {
				t.Errorf("no test goes over the limit %q", name)
			}
		}
	}
	if found != len(tested) {
		t.Errorf("%d limits are counted, %d tested", found, len(tested))
	}
}

// TestAnAddressThatLeftMayComeBack: connections that ended do not count.
func TestAnAddressThatLeftMayComeBack(t *testing.T) {
	hub := newRelay(relay.Config{MaxPerAddress: 1})
	l := limitTest{hub: hub, url: serveHTTP(t, hub), h: newHouse(t, 1)}
	for range 3 {
		ws := l.joined(t, l.h, 7)
		welcomed(t, ws)
		_ = ws.Close()
		for hub.Stats().Present > 0 {
			time.Sleep(time.Millisecond)
		}
	}
}

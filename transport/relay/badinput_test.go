package relay_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"coedit/transport"
	"coedit/transport/relay"
	"coedit/transport/wire"
)

// socket is a WebSocket to a relay, without this project's client around it.
func socket(t *testing.T, url string, header http.Header) (*websocket.Conn, *http.Response, error) {
	t.Helper()
	ws, resp, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(url, "http")+"/r/", header)
	if err == nil {
		t.Cleanup(func() { _ = ws.Close() })
	}
	return ws, resp, err
}

// farewell reads until the Goodbye, and expects the end after it.
func farewell(t *testing.T, ws *websocket.Conn) *wire.Goodbye {
	t.Helper()
	_ = ws.SetReadDeadline(time.Now().Add(20 * time.Second))
	var bye *wire.Goodbye
	for {
		_, b, err := ws.ReadMessage()
		if err != nil {
			if bye == nil {
				t.Errorf("the connection ended without a Goodbye: %v", err)
			}
			return bye
		}
		var f wire.RelayFrame
		if err := wire.Unmarshal(b, &f); err != nil {
			t.Fatal(err)
		}
		if f.GetGoodbye() != nil {
			bye = f.GetGoodbye()
		}
	}
}

func encode(t testing.TB, f *wire.ClientFrame) []byte {
	t.Helper()
	b := wire.Marshal(f)
	return b
}

// TestBadInputEndsItsOwnConnectionWithAReason sends every kind of nonsense over real
// sockets, while two other people work on undisturbed.
func TestBadInputEndsItsOwnConnectionWithAReason(t *testing.T) {
	h, strange := newHouse(t, 1), newHouse(t, 2)
	hub := newRelay(relay.Config{MaxMessage: 1 << 20})
	url := serveHTTP(t, hub)
	anna := enter(t, transport.Options{Dial: transport.WebSocket(url), Room: h.room, Replica: 11, Manifest: h.manifest})
	await[transport.Online](anna, 0)
	ben := enter(t, transport.Options{Dial: transport.WebSocket(url), Room: h.room, Replica: 22})
	await[transport.Online](ben, 0)

	welcome := hello(h, 7)
	for _, c := range []struct {
		name  string
		join  bool // says a right Hello first
		kind  int
		bytes []byte
		code  wire.Goodbye_Code
		text  string
	}{
		{"text", false, websocket.TextMessage, []byte("hello"), wire.Goodbye_PROTOCOL, "text message"},
		{"random bytes", false, websocket.BinaryMessage, []byte("\xff\xff\xff\x17"), wire.Goodbye_PROTOCOL, "does not parse"},
		{"empty", false, websocket.BinaryMessage, nil, wire.Goodbye_PROTOCOL, "no Hello"},
		{"publish first", false, websocket.BinaryMessage, encode(t, publish(7, 1, "x")), wire.Goodbye_PROTOCOL, "no Hello"},
		{"giant first message", false, websocket.BinaryMessage, make([]byte, 5<<20), wire.Goodbye_LIMIT, "16384"},
		{"a later version", false, websocket.BinaryMessage, encode(t, hello(h, 7, func(m *wire.Hello) { m.MinVersion, m.MaxVersion = 3, 4 })), wire.Goodbye_UNSUPPORTED_VERSION, "versions 1 to 2, the participant speaks 3 to 4"},
		{"no version", false, websocket.BinaryMessage, encode(t, hello(h, 7, func(m *wire.Hello) { m.MinVersion, m.MaxVersion = 0, 0 })), wire.Goodbye_UNSUPPORTED_VERSION, "0 to 0"},
		{"no such room", false, websocket.BinaryMessage, encode(t, hello(strange, 7, func(m *wire.Hello) { m.Manifest = nil })), wire.Goodbye_NO_ROOM, "no such room"},
		{"a room's name that is none", false, websocket.BinaryMessage, encode(t, hello(h, 7, func(m *wire.Hello) { m.Room = "lobby" })), wire.Goodbye_NO_ROOM, "mistyped"},
		{"another room's manifest", false, websocket.BinaryMessage, encode(t, hello(h, 7, func(m *wire.Hello) { m.Manifest = strange.manifest })), wire.Goodbye_RIGHTS, "manifest"},
		{"a forged manifest", false, websocket.BinaryMessage, encode(t, hello(h, 7, func(m *wire.Hello) { m.Manifest = append(bytes.Clone(h.manifest[:len(h.manifest)-1]), 0x5a) })), wire.Goodbye_RIGHTS, "signature"},
		{"a giant manifest", false, websocket.BinaryMessage, encode(t, hello(h, 7, func(m *wire.Hello) { m.Manifest = make([]byte, 5000) })), wire.Goodbye_LIMIT, "5000"},
		{"replica 0", false, websocket.BinaryMessage, encode(t, hello(h, 0)), wire.Goodbye_PROTOCOL, "replica 0"},
		{"counter 0", false, websocket.BinaryMessage, encode(t, hello(h, 7, func(m *wire.Hello) { m.NextCounter = 0 })), wire.Goodbye_PROTOCOL, "counter 0"},
		{"Hello again", true, websocket.BinaryMessage, encode(t, welcome), wire.Goodbye_PROTOCOL, "second Hello"},
		{"random bytes later", true, websocket.BinaryMessage, []byte("\xff\xff\xff\x17"), wire.Goodbye_PROTOCOL, "does not parse"},
		{"text later", true, websocket.TextMessage, []byte("hello"), wire.Goodbye_PROTOCOL, "text message"},
		{"giant message", true, websocket.BinaryMessage, make([]byte, 9<<20), wire.Goodbye_LIMIT, "1048576"},
		{"another's frame", true, websocket.BinaryMessage, encode(t, publish(11, 1, "x")), wire.Goodbye_PROTOCOL, "another participant"},
		{"frame 0", true, websocket.BinaryMessage, encode(t, publish(7, 0, "x")), wire.Goodbye_PROTOCOL, "counter 0"},
		{"no frame", true, websocket.BinaryMessage, encode(t, &wire.ClientFrame{Kind: &wire.ClientFrame_Publish{Publish: &wire.Publish{}}}), wire.Goodbye_PROTOCOL, ""},
		{"giant presence", true, websocket.BinaryMessage, encode(t, &wire.ClientFrame{Kind: &wire.ClientFrame_Presence{Presence: &wire.PresenceUpdate{Payload: make([]byte, 1<<17)}}}), wire.Goodbye_LIMIT, "131072"},
		{"a snapshot longer than announced", true, websocket.BinaryMessage, encode(t, putChunk(0, 2, 1, "too long", transport.Cursor{}, false)), wire.Goodbye_PROTOCOL, "longer"},
		{"a snapshot shorter than announced", true, websocket.BinaryMessage, encode(t, putChunk(0, 1, 9, "short", transport.Cursor{}, false)), wire.Goodbye_PROTOCOL, "announced 9"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := hub.Stats().Goodbyes[c.code.String()]
			ws, _, err := socket(t, url, nil)
			if err != nil {
				t.Fatal(err)
			}
			if c.join {
				if err := ws.WriteMessage(websocket.BinaryMessage, encode(t, welcome)); err != nil {
					t.Fatal(err)
				}
			}
			_ = ws.WriteMessage(c.kind, c.bytes) // the relay may close before it is all written
			if bye := farewell(t, ws); bye.GetCode() != c.code || !strings.Contains(bye.GetText(), c.text) {
				t.Errorf("Goodbye %v, want %v with %q", bye, c.code, c.text)
			}
			if n := hub.Stats().Goodbyes[c.code.String()]; n != before+1 {
				t.Errorf("%d Goodbyes counted, want %d", n, before+1)
			}
		})
	}
	anna.say(11, "still here")
	ben.wait("a frame", func() bool { return len(ben.frames) == 1 })
	if _, wasOffline := first[transport.Offline](ben, 0); wasOffline {
		t.Error("somebody else was disturbed")
	}
}

func TestRandomBytesOnTheSocket(t *testing.T) {
	hub := newRelay(relay.Config{})
	url := serveHTTP(t, hub)
	ws, _, err := socket(t, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ws.NetConn().Write(bytes.Repeat([]byte{0xa5, 0x13, 0xff, 0x00}, 1000)); err != nil {
		t.Fatal(err)
	}
	_ = ws.SetReadDeadline(time.Now().Add(20 * time.Second))
	for {
		if _, _, err := ws.ReadMessage(); err != nil {
			break // it ends; what it says first is up to the WebSocket layer
		}
	}
	if got := get(t, url+"/healthz"); got != "ok\n" {
		t.Errorf("healthz says %q", got)
	}
}

func TestAHeaderThatAnnouncesGigabytesCostsNothing(t *testing.T) {
	url := serveHTTP(t, newRelay(relay.Config{}))
	ws, _, err := socket(t, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	frame := append([]byte{0x82, 0xff}, binary.BigEndian.AppendUint64(nil, 1<<62)...) // binary, masked, 4 EiB
	frame = append(frame, 1, 2, 3, 4)
	if _, err := ws.NetConn().Write(append(frame, make([]byte, 64<<10)...)); err != nil {
		t.Fatal(err)
	}
	if bye := farewell(t, ws); bye.GetCode() != wire.Goodbye_LIMIT {
		t.Errorf("Goodbye %v", bye)
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestBrowsersAreToldHowToJoin(t *testing.T) {
	h := newHouse(t, 1)
	url := serveHTTP(t, newRelay(relay.Config{}))
	for path, want := range map[string]string{
		"/r/" + h.room: "coedit join 'ADDRESS'", "/": "coedit join 'LINK'", "/r/lobby": "mistyped", "/healthz": "ok",
	} {
		if got := get(t, url+path); !strings.Contains(got, want) {
			t.Errorf("%s says %q, want %q in it", path, got, want)
		}
	}
}

func TestOnlyPagesOfTheSameHostMayConnect(t *testing.T) {
	hub := newRelay(relay.Config{Origins: []string{"editor.example"}})
	url := serveHTTP(t, hub)
	for origin, want := range map[string]bool{
		url: true, "https://editor.example": true, "https://evil.example": false, "null": false, "://": false,
	} {
		ws, resp, err := socket(t, url, http.Header{"Origin": {origin}})
		if (err == nil) != want {
			t.Errorf("Origin %s: %v, want admitted %v", origin, err, want)
		}
		if err == nil {
			_ = ws.Close()
		} else if resp.StatusCode != http.StatusForbidden {
			t.Errorf("Origin %s: status %s", origin, resp.Status)
		}
	}
}

func TestWhatAnswersIsDistinguished(t *testing.T) {
	other := http.NewServeMux()
	other.HandleFunc("/r/", func(w http.ResponseWriter, r *http.Request) {
		up := websocket.Upgrader{}
		if ws, err := up.Upgrade(w, r, nil); err == nil {
			_ = ws.Close()
		}
	})
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closedPort := silent.Addr().String()
	_ = silent.Close()
	greeter, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer greeter.Close()
	go func() {
		for {
			c, err := greeter.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte("SSH-2.0-OpenSSH_9.9\r\n"))
			_ = c.Close()
		}
	}()
	notFound := serve(t, http.NotFoundHandler())
	webSocket := serve(t, other)
	for name, c := range map[string]struct {
		base string
		want error
		text string
	}{
		"closed port":       {"http://" + closedPort, transport.ErrConnect, closedPort},
		"web server":        {notFound, transport.ErrProtocol, "404"},
		"another WebSocket": {webSocket, transport.ErrProtocol, "another kind"},
		"an SSH server":     {"http://" + greeter.Addr().String(), transport.ErrProtocol, "not a coedit relay"},
		"no address":        {"relay.example", transport.ErrConnect, "http://"},
		"another scheme":    {"ftp://relay.example", transport.ErrConnect, "http://"},
		"no host":           {"http://", transport.ErrConnect, "no host"},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		conn, err := transport.WebSocket(c.base)(ctx)
		cancel()
		if err == nil {
			_ = conn.Close()
		}
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) || errors.Is(err, transport.ErrRefused) {
			t.Errorf("%s: %v, want %v with %q", name, err, c.want, c.text)
		}
	}
}

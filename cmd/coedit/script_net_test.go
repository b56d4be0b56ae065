package main

import (
	"bytes"
	"context"
	crand "crypto/rand"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"time"

	"coedit/internal/session"
	"coedit/transport/relay"
	"coedit/transport/seal"
	"coedit/transport/wire"

	"github.com/gorilla/websocket"
	"github.com/rogpeppe/go-internal/testscript"
)

// linkTo makes a link to a room that nobody has, at an address, and sets $ADDR and $LINK.
func linkTo(ts *testscript.TestScript, addr string) {
	owner, err := seal.NewOwner(crand.Reader)
	ts.Check(err)
	room, err := owner.RoomID()
	ts.Check(err)
	secret, err := owner.Derive(seal.Write)
	ts.Check(err)
	ts.Setenv("ADDR", addr)
	ts.Setenv("LINK", seal.Link{Base: "http://" + addr, Room: room, Secret: secret}.String())
}

// closed: sets $ADDR and $LINK to a port where nobody listens.
func closedPort(ts *testscript.TestScript, _ bool, _ []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	linkTo(ts, l.Addr().String())
	ts.Check(l.Close())
}

// web: starts a web server that is no relay, and sets $ADDR and $LINK.
func webServer(ts *testscript.TestScript, _ bool, _ []string) {
	s := httptest.NewServer(http.NotFoundHandler())
	ts.Defer(s.Close)
	linkTo(ts, s.Listener.Addr().String())
}

// mute: starts a server that takes connections and says nothing, and sets $ADDR and $LINK.
func muteServer(ts *testscript.TestScript, _ bool, _ []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // connections wait in its queue
	ts.Check(err)
	ts.Defer(func() { l.Close() })
	linkTo(ts, l.Addr().String())
}

// relay MIN MAX: starts a relay that speaks these versions of the protocol only, and sets $ADDR.
func foreignRelay(ts *testscript.TestScript, _ bool, args []string) {
	least, err := strconv.ParseUint(args[0], 10, 32)
	ts.Check(err)
	most, err := strconv.ParseUint(args[1], 10, 32)
	ts.Check(err)
	r := relay.New(relay.Config{Log: relay.NewMemoryLog(1), MinVersion: uint32(least), MaxVersion: uint32(most)})
	s := httptest.NewServer(r.Handler())
	ts.Defer(s.Close)
	ts.Setenv("ADDR", s.Listener.Addr().String())
}

// garbage ADDR: sends random bytes to a relay, as they are and inside WebSocket messages. The relay ends each connection.
func garbage(ts *testscript.TestScript, _ bool, args []string) {
	junk := make([]byte, 64<<10)
	_, err := crand.Read(junk)
	ts.Check(err)
	raw, err := net.Dial("tcp", args[0])
	ts.Check(err)
	defer raw.Close()
	ts.Check(raw.SetDeadline(time.Now().Add(patience)))
	_, _ = raw.Write(junk) // the relay may hang up in the middle
	var rest bytes.Buffer
	if _, err := rest.ReadFrom(raw); errors.Is(err, os.ErrDeadlineExceeded) {
		ts.Fatalf("the relay kept a connection that speaks no HTTP")
	}
	for _, kind := range []int{websocket.BinaryMessage, websocket.TextMessage} {
		if bye := answer(ts, args[0], kind, junk[:1000]); bye.GetCode() != wire.Goodbye_PROTOCOL {
			ts.Fatalf("the relay's answer to random bytes is %v", bye)
		}
	}
}

// oversize ADDR BYTES: sends one message of that length; the relay names its limit and hangs up.
func oversize(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	bye := answer(ts, args[0], websocket.BinaryMessage, make([]byte, n))
	if bye.GetCode() != wire.Goodbye_LIMIT || !strings.Contains(bye.GetText(), "limit") {
		ts.Fatalf("the relay's answer to a message of %d bytes is %v", n, bye)
	}
}

// answer sends one message to a relay and returns the Goodbye it gets for it.
func answer(ts *testscript.TestScript, addr string, kind int, message []byte) *wire.Goodbye {
	dialer := websocket.Dialer{Subprotocols: []string{"coedit"}, HandshakeTimeout: patience}
	c, _, err := dialer.Dial("ws://"+addr+"/r/", nil)
	ts.Check(err)
	defer c.Close()
	ts.Check(c.SetReadDeadline(time.Now().Add(patience)))
	_ = c.WriteMessage(kind, message) // the relay may hang up in the middle
	for {
		_, b, err := c.ReadMessage()
		if err != nil {
			ts.Fatalf("the relay hung up without a goodbye: %v", err)
		}
		var f wire.RelayFrame
		ts.Check(wire.Unmarshal(b, &f))
		if bye := f.GetGoodbye(); bye != nil {
			return bye
		}
	}
}

// ask-save LINK: joins, asks the host to save as Ctrl+S does for a guest, and waits until it says that it did; with ! that it could not.
func askSave(ts *testscript.TestScript, neg bool, args []string) {
	link, err := seal.ParseLink(args[0])
	ts.Check(err)
	part, err := session.New(session.Options{Link: link, Name: "guest"})
	ts.Check(err)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	go func() { _ = part.Run(ctx) }()
	defer part.Close()
	ts.Check(part.WaitReady(ctx))
	asked, saves, fails := false, uint64(0), uint64(0)
	ts.Check(part.Drive(ctx, func(now time.Time) (time.Duration, bool, error) {
		for _, peer := range part.Status(now).Peers {
			if !peer.Host {
				continue
			}
			if !asked {
				asked, saves, fails = true, peer.Saves, peer.SaveFails
				part.AskSave()
			}
			if failed := peer.SaveFails > fails; failed != neg && (failed || peer.Saves > saves) {
				ts.Fatalf("saving: failed is %v: %v", failed, peer.Problem)
			}
			return 0, peer.Saves > saves || peer.SaveFails > fails, nil
		}
		return 0, false, nil
	}))
}

// showsText is shows LINK TEXT: waits until the shared document holds a text.
func showsText(ts *testscript.TestScript, _ bool, args []string) {
	await(ts, args[1], func() bool {
		return ts.Exec("coedit", "cat", args[0]) == nil && strings.Contains(ts.ReadFile("stdout"), args[1])
	})
}

// holds FILE OTHER: waits until a file holds the same bytes as another.
func holds(ts *testscript.TestScript, _ bool, args []string) {
	await(ts, args[0], func() bool {
		got, err := os.ReadFile(ts.MkAbs(args[0]))
		return err == nil && string(got) == ts.ReadFile(args[1])
	})
}

// contains FILE TEXT: waits until a file holds a text.
func contains(ts *testscript.TestScript, _ bool, args []string) {
	await(ts, args[0]+" with "+args[1], func() bool {
		got, err := os.ReadFile(ts.MkAbs(args[0]))
		return err == nil && strings.Contains(string(got), args[1])
	})
}

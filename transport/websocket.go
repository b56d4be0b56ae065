package transport

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const subprotocol = "coedit"

// WebSocket returns a Dialer for a relay's base address (http, https, ws or wss; HTTP_PROXY and HTTPS_PROXY are honoured).
// Without a path in base it dials /r/. Its errors are a *ConnectError or a *NotRelayError, whose texts are for the user.
func WebSocket(base string) Dialer { return WebSocketTLS(base, nil) }

// WebSocketTLS is [WebSocket] with a configuration for https, which is copied; nil trusts the system's authorities.
func WebSocketTLS(base string, config *tls.Config) Dialer {
	return func(ctx context.Context) (Conn, error) {
		u, err := socketURL(base)
		if err != nil {
			return nil, &ConnectError{Host: base, Err: err}
		}
		var counted *countingConn
		d := websocket.Dialer{
			Proxy:            http.ProxyFromEnvironment,
			HandshakeTimeout: dialTimeout,
			Subprotocols:     []string{subprotocol},
			TLSClientConfig:  config,
			NetDialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
				if err != nil {
					return nil, err
				}
				counted = newCountingConn(c)
				return counted, nil
			},
		}
		ws, resp, err := d.DialContext(ctx, u.String(), nil)
		if err != nil {
			return nil, dialError(u.Host, resp, err)
		}
		if ws.Subprotocol() != subprotocol {
			_ = ws.Close()
			return nil, &NotRelayError{Host: u.Host, Answer: "a WebSocket of another kind"}
		}
		c := &wsConn{ws: ws, net: counted, max: HardMaxMessage, host: strings.ToLower(u.Host)}
		if over, ok := ws.NetConn().(*tls.Conn); ok {
			state := over.ConnectionState()
			c.binding = channelBinding(&state)
		}
		return c, nil
	}
}

// Upgrader makes the relay's side of a WebSocket from an HTTP request.
type Upgrader struct {
	MaxMessage int // bytes
	// CheckOrigin decides about requests from browsers; nil refuses those of another host.
	CheckOrigin func(*http.Request) bool
}

// upgradeBuffers are written through a pool: an idle connection holds none.
var upgradeBuffers = &sync.Pool{}

// Upgrade answers the request and takes the connection over. After an error the
// request has been answered.
func (u *Upgrader) Upgrade(w http.ResponseWriter, r *http.Request) (Conn, error) {
	h := &hijacker{ResponseWriter: w}
	up := websocket.Upgrader{
		HandshakeTimeout: handshakeTimeout,
		ReadBufferSize:   0, // the hijacker's
		WriteBufferSize:  4096,
		WriteBufferPool:  upgradeBuffers,
		Subprotocols:     []string{subprotocol},
		CheckOrigin:      u.CheckOrigin,
	}
	ws, err := up.Upgrade(h, r, nil)
	if err != nil {
		return nil, fmt.Errorf("transport: upgrade: %w", err)
	}
	return &wsConn{
		ws: ws, net: h.conn, max: u.MaxMessage, reader: h.reader, readable: h.readable, binding: channelBinding(r.TLS),
	}, nil
}

// socketURL is where to dial for a base address.
func socketURL(base string) (*url.URL, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, errors.New("the address is malformed")
	}
	switch u.Scheme {
	case "http", "ws":
		u.Scheme = "ws"
	case "https", "wss":
		u.Scheme = "wss"
	default:
		return nil, errors.New("the address must begin with http:// or https://")
	}
	if u.Hostname() == "" {
		return nil, errors.New("the address has no host")
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/r/"
	}
	u.Fragment, u.User = "", nil
	return u, nil
}

func dialError(host string, resp *http.Response, err error) error {
	if resp != nil && errors.Is(err, websocket.ErrBadHandshake) {
		return &NotRelayError{Host: host, Answer: "HTTP status " + resp.Status}
	}
	if errors.Is(err, websocket.ErrBadHandshake) || strings.Contains(err.Error(), "malformed HTTP") {
		return &NotRelayError{Host: host, Answer: "no HTTP answer"}
	}
	return &ConnectError{Host: host, Err: err}
}

// wsConn is a Conn over a WebSocket.
type wsConn struct {
	ws  *websocket.Conn
	net *countingConn
	max int

	host    string // that was dialled, with the port if one was given; "" at the relay
	binding string // of the TLS connection that ends here; "" where none does

	reader   *bufio.Reader // below ws; nil on the dialing side
	readable *readable     // or nil
}

// DialledHost is the host that this connection was meant to reach.
func (c *wsConn) DialledHost() string { return c.host }

// ChannelBinding names the TLS connection that ends here; "" where none does.
func (c *wsConn) ChannelBinding() string { return c.binding }

// CanWait says whether WaitReadable waits.
func (c *wsConn) CanWait() bool { return c.readable != nil && c.reader != nil }

// WaitReadable waits for bytes on the socket.
func (c *wsConn) WaitReadable() { c.readable.wait() }

// Buffered says whether bytes wait between socket and message.
func (c *wsConn) Buffered() bool { return c.reader.Buffered() > 0 }

func (c *wsConn) ReadMessage() ([]byte, error) {
	kind, r, err := c.ws.NextReader()
	if err != nil {
		return nil, readError(err)
	}
	if kind != websocket.BinaryMessage {
		return nil, fmt.Errorf("%w: a text message", ErrProtocol)
	}
	b, err := readAll(io.LimitReader(r, int64(c.max)+1))
	if err != nil {
		return nil, readError(err)
	}
	if len(b) > c.max {
		return nil, fmt.Errorf("%w: a message of more than %d bytes", ErrTooLarge, c.max)
	}
	return b, nil
}

// shortMessages are lent for the time a message takes to arrive.
var shortMessages = sync.Pool{New: func() any { return new([4096]byte) }}

// readAll reads to the end. What is kept of a short message, perhaps for long, is no larger than the message.
func readAll(r io.Reader) ([]byte, error) {
	buffer := shortMessages.Get().(*[4096]byte)
	defer shortMessages.Put(buffer)
	for n := 0; n < len(buffer); {
		more, err := r.Read(buffer[n:])
		n += more
		switch {
		case errors.Is(err, io.EOF):
			return append([]byte{}, buffer[:n]...), nil
		case err != nil:
			return nil, err
		}
	}
	return io.ReadAll(io.MultiReader(bytes.NewReader(buffer[:]), r))
}

// readError sorts what a peer did wrong from a connection that ended.
func readError(err error) error {
	var closed *websocket.CloseError
	if errors.As(err, &closed) && closed.Code != websocket.CloseAbnormalClosure {
		return fmt.Errorf("%w: closed by the other side (WebSocket code %d)", ErrLost, closed.Code)
	}
	var netErr net.Error
	if errors.As(err, &netErr) && netErr.Timeout() {
		return fmt.Errorf("%w: %w", ErrLost, os.ErrDeadlineExceeded)
	}
	if errors.As(err, &netErr) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || closed != nil {
		return fmt.Errorf("%w: %w", ErrLost, err)
	}
	return fmt.Errorf("%w: %w", ErrProtocol, err)
}

func (c *wsConn) WriteMessage(b []byte) error {
	return c.ws.WriteMessage(websocket.BinaryMessage, b)
}

// WriteMessages sends the messages in one piece. The write deadline is that of the whole.
func (c *wsConn) WriteMessages(messages [][]byte) error {
	c.net.hold()
	for _, m := range messages {
		if err := c.ws.WriteMessage(websocket.BinaryMessage, m); err != nil {
			_ = c.net.release()
			return err
		}
	}
	return c.net.release()
}

// SetReadDeadline counts from the last byte that arrived, not from now.
func (c *wsConn) SetReadDeadline(t time.Time) error {
	var idle time.Duration
	if !t.IsZero() {
		idle = max(time.Until(t), 1)
	}
	c.net.idle.Store(int64(idle))
	return c.ws.SetReadDeadline(t)
}

func (c *wsConn) SetWriteDeadline(t time.Time) error { return c.ws.SetWriteDeadline(t) }

func (c *wsConn) Close() error { return c.ws.Close() }

// ReadIdle is how long ago the last byte arrived.
func (c *wsConn) ReadIdle() time.Duration { return c.net.readIdle() }

// CloseLingering closes, but first ends the sending side and swallows what the other
// side still sends, for at most d: closing with unread bytes would make TCP throw
// away the last message before it is read.
func (c *wsConn) CloseLingering(d time.Duration) error {
	deadline := time.Now().Add(d)
	msg := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	if c.ws.WriteControl(websocket.CloseMessage, msg, deadline) == nil {
		c.net.idle.Store(0)
		_ = c.ws.SetReadDeadline(deadline)
		_, _ = io.Copy(io.Discard, c.ws.NetConn())
	}
	return c.ws.Close()
}

// LimitMessage sets how long a message may be, in bytes. Called by the goroutine that reads.
func (c *wsConn) LimitMessage(bytes int) { c.max = bytes }

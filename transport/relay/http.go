package relay

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gorilla/websocket"

	"coedit/transport/seal"
)

const joinPage = `This is a room of coedit, a collaborative text editor for the terminal.

To take part, copy the whole address of this page, with everything after the #,
and run in a terminal:

    coedit join 'ADDRESS'
`

const aboutPage = `This is a relay of coedit, a collaborative text editor for the terminal.

To take part in a room you need its link:

    coedit join 'LINK'
`

// ServeHealth answers that the process lives.
func ServeHealth(w http.ResponseWriter, _ *http.Request) { writePage(w, http.StatusOK, "ok\n") }

var errDraining = errors.New("the relay is ending")

// Leave makes the relay not ready, while it goes on serving whoever comes: Shutdown follows, when load balancers have noticed.
func (r *Relay) Leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.leaving = true
}

// Ready says why new participants should go elsewhere: the relay is ending, or its log does not work. nil: it is ready.
func (r *Relay) Ready() error {
	r.mu.Lock()
	draining := r.draining || r.leaving
	r.mu.Unlock()
	switch {
	case draining:
		return errDraining
	case r.cfg.Usable != nil:
		return r.cfg.Usable()
	}
	return nil
}

// ServeReady answers a load balancer: 200, or 503 with the reason.
func (r *Relay) ServeReady(w http.ResponseWriter, _ *http.Request) {
	if err := r.Ready(); err != nil {
		writePage(w, http.StatusServiceUnavailable, err.Error()+"\n")
		return
	}
	writePage(w, http.StatusOK, "ready\n")
}

func serveAbout(w http.ResponseWriter, _ *http.Request) { writePage(w, http.StatusOK, aboutPage) }

// serveRoom upgrades a participant, and tells a browser how to join.
func (r *Relay) serveRoom(w http.ResponseWriter, req *http.Request) {
	room := strings.ToLower(req.PathValue("room"))
	if room != "" && !seal.ValidRoomID(room) {
		writePage(w, http.StatusNotFound, "There is no such page: the link is cut short or mistyped.\n")
		return
	}
	if !websocket.IsWebSocketUpgrade(req) {
		writePage(w, http.StatusOK, joinPage)
		return
	}
	if !r.originAllowed(req) {
		r.limited(limitOrigin)
		writePage(w, http.StatusForbidden, "Web pages of this origin may not connect to this relay; its operator can allow them with --origin.\n")
		return
	}
	conn, err := r.up.Upgrade(w, req)
	if err != nil {
		r.cfg.Logger.Info("upgrade refused", "error", err)
		return
	}
	// A fresh goroutine: what the HTTP server keeps for a request goes with the handler.
	go r.accept(conn, strings.ToLower(req.Host), peerOf(req.RemoteAddr), func() {})
}

func writePage(w http.ResponseWriter, status int, text string) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}

// originAllowed lets programs in, which send no Origin, and of web pages only the
// relay's own and those the operator named.
func (r *Relay) originAllowed(req *http.Request) bool {
	origin := req.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return false
	}
	return strings.EqualFold(u.Host, req.Host) || slices.ContainsFunc(r.cfg.Origins, func(o string) bool {
		return strings.EqualFold(o, u.Host)
	})
}

package relay

import (
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

func serveHealth(w http.ResponseWriter, _ *http.Request) { writePage(w, http.StatusOK, "ok\n") }

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
	conn, err := r.up.Upgrade(w, req)
	if err != nil {
		r.cfg.Logger.Info("upgrade refused", "error", err)
		return
	}
	// A fresh goroutine: what the HTTP server keeps for a request goes with the handler.
	go r.accept(conn, strings.ToLower(req.Host), func() {})
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

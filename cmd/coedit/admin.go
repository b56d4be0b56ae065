package main

import (
	"log/slog"
	"net"
	"net/http"
	"time"

	"coedit/transport/relay"

	"github.com/VictoriaMetrics/metrics"
)

// admin is the operator's door of a relay: metrics, readiness, and profiles for whoever sits at this machine. It is not the
// door of participants, who must not see how many rooms there are.
type admin struct {
	server *http.Server
	ended  chan struct{}
}

// adminAddress reads --metrics. Without a host it is this machine only: whoever wants more says so.
func adminAddress(s string) (address, error) {
	at, err := splitAddress(s, "--metrics", "7334")
	if at.host == "" {
		at.host = "127.0.0.1"
	}
	return at, err
}

// startAdmin listens. extra writes the metrics of what is not the relay's.
func startAdmin(listenAt string, r *relay.Relay, extra *metrics.Set, logger *slog.Logger) (*admin, net.Addr, error) {
	at, err := adminAddress(listenAt)
	if err != nil {
		return nil, nil, err
	}
	l, err := net.Listen("tcp", at.String())
	if err != nil {
		return nil, nil, failure(err, "choose another address with --metrics; port 0 takes any that is free",
			"cannot listen on %s for metrics: %s", at, cause(err))
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		r.WriteMetrics(w)
		extra.WritePrometheus(w)
		metrics.WriteProcessMetrics(w)
	})
	mux.HandleFunc("GET /healthz", relay.ServeHealth)
	mux.HandleFunc("GET /readyz", r.ServeReady)
	if loopback(at.host) {
		profiles(mux)
	}
	a := &admin{
		server: &http.Server{
			Handler: mux, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute,
			ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
		},
		ended: make(chan struct{}),
	}
	go func() {
		defer close(a.ended)
		_ = a.server.Serve(l)
	}()
	return a, l.Addr(), nil
}

// close ends it at once; nil is one that never was.
func (a *admin) close() {
	if a == nil {
		return
	}
	_ = a.server.Close()
	<-a.ended
}

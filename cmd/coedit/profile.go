package main

import (
	"net/http"
	"runtime/pprof"
	"strconv"
	"time"
)

// maxProfile is how long a processor profile may take.
const maxProfile = 5 * time.Minute

// profiles are the profiles of this process, in the form `go tool pprof` reads. They are served by hand: the standard library's
// own handlers would make the program half a megabyte larger.
func profiles(mux *http.ServeMux) {
	mux.HandleFunc("GET /debug/pprof/profile", func(w http.ResponseWriter, r *http.Request) {
		seconds, err := strconv.Atoi(r.FormValue("seconds"))
		if err != nil || seconds <= 0 {
			seconds = 30
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		if err := pprof.StartCPUProfile(w); err != nil {
			http.Error(w, "another profile is being taken", http.StatusConflict)
			return
		}
		defer pprof.StopCPUProfile()
		select {
		case <-time.After(min(time.Duration(seconds)*time.Second, maxProfile)):
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("GET /debug/pprof/{name}", func(w http.ResponseWriter, r *http.Request) {
		p := pprof.Lookup(r.PathValue("name"))
		if p == nil {
			http.NotFound(w, r)
			return
		}
		debug, _ := strconv.Atoi(r.FormValue("debug"))
		w.Header().Set("Content-Type", "application/octet-stream")
		_ = p.WriteTo(w, debug)
	})
}

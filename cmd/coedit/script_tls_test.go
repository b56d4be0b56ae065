package main

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// tunnels is a proxy that takes connections to any host to the same port of loopback. It remembers the hosts.
type tunnels struct {
	open sync.WaitGroup

	mu    sync.Mutex // guards the following
	hosts map[string]bool
}

func (p *tunnels) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		http.Error(w, "no host", http.StatusBadRequest)
		return
	}
	p.mu.Lock()
	p.hosts[host] = true
	p.mu.Unlock()
	to, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	from, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		to.Close()
		return
	}
	_, _ = io.WriteString(from, "HTTP/1.1 200 Connection established\r\n\r\n")
	p.open.Go(func() { _, _ = io.Copy(to, buffered); to.Close() })
	p.open.Go(func() { _, _ = io.Copy(from, to); from.Close() })
}

// proxy: starts a proxy, which programs use from now on.
func startProxy(ts *testscript.TestScript, _ bool, _ []string) {
	p := &tunnels{hosts: map[string]bool{}}
	s := httptest.NewServer(p)
	ts.Defer(s.Close)
	ts.Setenv("HTTPS_PROXY", s.URL)
	ts.Setenv("HTTP_PROXY", s.URL)
	ts.Setenv("NO_PROXY", "")
	proxies.Store(s.URL, p)
}

// proxies are those started, by address.
var proxies sync.Map

// proxied HOST: checks that the proxy was asked for a host.
func proxied(ts *testscript.TestScript, _ bool, args []string) {
	p, _ := proxies.Load(ts.Getenv("HTTPS_PROXY"))
	t := p.(*tunnels)
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.hosts[args[0]] {
		ts.Fatalf("the proxy was asked for %v only", t.hosts)
	}
}

// mispin FILE TO [-]: writes the link of a file with another pin, or with none.
func mispin(ts *testscript.TestScript, _ bool, args []string) {
	link, pin, found := strings.Cut(linkIn(ts, args[0]), "~")
	if !found {
		ts.Fatalf("there is no pin in the link")
	}
	if len(args) < 3 {
		link += "~" + strings.Map(func(r rune) rune {
			if r == 'a' {
				return 'b'
			}
			return 'a'
		}, pin[:32])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(link), 0o600))
}

// relay-at FILE: sets $RELAY to the address in what `coedit serve` printed.
func relayAt(ts *testscript.TestScript, _ bool, args []string) {
	_, rest, found := strings.Cut(ts.ReadFile(args[0]), "Relay at ")
	at, _, ends := strings.Cut(rest, ";")
	if !found || !ends {
		ts.Fatalf("there is no address in %q", rest)
	}
	ts.Setenv("RELAY", at)
}

package main

import (
	"bytes"
	crand "crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"coedit/transport/certificate"
	"coedit/transport/seal"

	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
	"github.com/miekg/dns"
)

var (
	here  = address{"127.0.0.1", "7333"}
	there = address{"relay.example.org", "7333"}

	atHome     = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 7333}
	everywhere = &net.TCPAddr{IP: net.IPv6unspecified, Port: 7333}
)

func TestCarrierOfServe(t *testing.T) {
	dir := t.TempDir()
	key := filepath.Join(dir, "key.pem")
	silent := slog.New(slog.DiscardHandler)
	for name, c := range map[string]struct {
		plain      bool
		o          tlsOptions
		advertised address
		scheme     string // "": an error
	}{
		"on this machine":             {advertised: here, scheme: "http"},
		"on this machine, with a key": {advertised: here, o: tlsOptions{keyFile: key}, scheme: "https"},
		"for others":                  {advertised: there, o: tlsOptions{keyFile: key}, scheme: "https"},
		"for others, plain":           {advertised: there, plain: true, scheme: "http"},
		"half a pair of files":        {advertised: there, o: tlsOptions{cert: key}},
		"files that are not there":    {advertised: there, o: tlsOptions{cert: key + "x", key: key + "x"}},
		"ACME for no host":            {advertised: there, o: tlsOptions{acmeHosts: []string{"../x.example"}}},
		"files and ACME":              {advertised: there, o: tlsOptions{cert: key, key: key, acmeHosts: []string{"a.example"}}},
		"plain with a key":            {advertised: there, plain: true, o: tlsOptions{keyFile: key}},
		"a key file of another kind":  {advertised: there, o: tlsOptions{keyFile: os.Args[0]}},
	} {
		got, err := (&program{plain: c.plain}).carrierFor(c.o, atHome, c.advertised, silent)
		if c.scheme == "" {
			if err == nil || explain(err).hint == "" {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if base := got.base(c.advertised); err != nil || !strings.HasPrefix(base, c.scheme+"://") || (got.pin != "") != (c.scheme == "https") {
			t.Errorf("%s: %s, pin %q, %v", name, base, got.pin, err)
		}
	}
}

// TestShareIsReachableAndNeverInTheClear: by default others can join, and only over TLS, also where no address but
// loopback is known for the links.
func TestShareIsReachableAndNeverInTheClear(t *testing.T) {
	if listen := newShare(&program{}).Flags().Lookup("listen").DefValue; listen != ":0" {
		t.Errorf("share listens on %s", listen)
	}
	owner, err := seal.NewOwner(crand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, advertised := range []address{here, there} {
		c, err := (&program{}).ownCarrier(everywhere, advertised, owner)
		if err != nil || c.config == nil || !certificate.ValidPin(c.pin) {
			t.Errorf("listening everywhere, links to %s: %+v, %v", advertised, c, err)
		}
		again, err := (&program{}).ownCarrier(everywhere, advertised, owner)
		if err != nil || again.pin != c.pin {
			t.Errorf("the pin was %s and is %s when the same room is shared again, %v", c.pin, again.pin, err)
		}
	}
	if c, err := (&program{}).ownCarrier(atHome, here, owner); err != nil || c.config != nil {
		t.Errorf("on this machine: %+v, %v", c, err)
	}
}

func TestSelfSignedKeyIsKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key.pem")
	first, err := keptKeyCarrier(file)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key file: %v, %v", info.Mode(), err)
	}
	again, err := keptKeyCarrier(file)
	if err != nil || again.pin != first.pin || !certificate.ValidPin(first.pin) {
		t.Errorf("the pin was %s and is %s, %v", first.pin, again.pin, err)
	}
}

// TestACME gets a certificate from an authority of the test's own, for a relay that is reached under a name of its own.
func TestACME(t *testing.T) {
	const host = "relay.test"
	relay, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	authority, roots := startAuthority(t, host, relay.Addr().(*net.TCPAddr).Port)
	dir := t.TempDir()
	c, err := acmeCarrier(tlsOptions{
		acmeHosts: []string{host}, acmeDir: dir, authority: authority.URL + wfe.DirectoryPath, client: authority.Client(),
	}, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{
		Handler:  http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "here") }),
		ErrorLog: log.New(io.Discard, "", 0),
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(c.over(relay)) }()
	defer func() { server.Close(); <-done }()

	shake := func(name string) (*tls.Conn, error) {
		return tls.Dial("tcp", relay.Addr().String(), &tls.Config{ServerName: name, InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}})
	}
	if conn, err := shake("other.test"); err == nil {
		conn.Close()
		t.Error("a certificate for a host that nobody named")
	}
	conn, err := shake(host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	leaf, chain := conn.ConnectionState().PeerCertificates[0], x509.NewCertPool()
	for _, between := range conn.ConnectionState().PeerCertificates[1:] {
		chain.AddCert(between)
	}
	if _, err := leaf.Verify(x509.VerifyOptions{DNSName: host, Roots: roots(), Intermediates: chain}); err != nil {
		t.Errorf("the certificate got by ACME: %v", err)
	}

	// Another process, when the authority is gone, goes on with what was kept; one that ends soon is renewed, and
	// serves meanwhile.
	again := newAuthority(tlsOptions{acmeHosts: []string{host}, authority: "https://127.0.0.1:1"}, dir, slog.New(slog.DiscardHandler))
	kept, err := again.get(&tls.ClientHelloInfo{ServerName: "Relay.Test."})
	if err != nil || !bytes.Equal(kept.Certificate[0], leaf.Raw) {
		t.Errorf("the certificate that was kept: %v", err)
	}
	again.now = func() time.Time { return leaf.NotAfter.Add(-time.Hour) }
	if kept, err = again.await(t.Context(), host); err != nil || !bytes.Equal(kept.Certificate[0], leaf.Raw) {
		t.Errorf("an hour before its end: %v", err)
	}
	again.now = func() time.Time { return leaf.NotAfter.Add(time.Hour) }
	if _, err = again.await(t.Context(), host); err == nil {
		t.Error("an hour behind its end, and no authority: it is served all the same")
	}
	if info, err := os.Stat(filepath.Join(dir, host+certSuffix)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the kept certificate's mode: %v, %v", info, err)
	}
}

// TestACMETriesAgain: an authority that could not be reached at first is asked again.
func TestACMETriesAgain(t *testing.T) {
	s, _ := startAuthority(t, "relay.test", 1)
	a := newAuthority(tlsOptions{authority: "https://127.0.0.1:1", client: s.Client()}, t.TempDir(), slog.New(slog.DiscardHandler))
	if err := a.register(t.Context()); err == nil {
		t.Fatal("registered with nobody")
	}
	a.client.DirectoryURL = s.URL + wfe.DirectoryPath
	if err := a.register(t.Context()); err != nil {
		t.Errorf("when it can be reached: %v", err)
	}
}

// startAuthority starts an ACME authority that reaches host at a port of loopback.
func startAuthority(t *testing.T, host string, port int) (s *httptest.Server, roots func() *x509.CertPool) {
	t.Helper()
	t.Setenv("PEBBLE_VA_NOSLEEP", "1")
	t.Setenv("PEBBLE_WFE_NONCEREJECT", "0")
	silent, store := log.New(io.Discard, "", 0), db.NewMemoryStore()
	issuer := ca.New(silent, store, "", "ecdsa", 0, 1, map[string]ca.Profile{"default": {Description: "test"}})
	front := wfe.New(silent, store, va.New(silent, 0, port, false, startResolver(t, host), store), issuer, []string{"authority.test"}, false, false, 1, 1)
	s = httptest.NewTLSServer(front.Handler())
	t.Cleanup(s.Close)
	return s, func() *x509.CertPool {
		pool := x509.NewCertPool()
		pool.AddCert(issuer.GetRootCert(0).Cert)
		return pool
	}
}

// startResolver answers over TCP that a name is at loopback, and that every other is nowhere.
func startResolver(t *testing.T, host string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &dns.Server{Listener: l, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		answer := new(dns.Msg)
		answer.SetReply(q)
		if len(q.Question) == 1 && q.Question[0].Qtype == dns.TypeA && q.Question[0].Name == host+"." {
			answer.Answer = append(answer.Answer, &dns.A{
				Hdr: dns.RR_Header{Name: host + ".", Rrtype: dns.TypeA, Class: dns.ClassINET}, A: net.IPv4(127, 0, 0, 1),
			})
		}
		_ = w.WriteMsg(answer)
	})}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.ActivateAndServe() }()
	t.Cleanup(func() { _ = server.Shutdown(); <-done })
	return l.Addr().String()
}

// TestTheRelaysPinStaysWhenTheRoomMoves, also once the owner shares again: links that were given away hold it.
func TestTheRelaysPinStaysWhenTheRoomMoves(t *testing.T) {
	p, at, public := &program{}, &net.TCPAddr{IP: net.IPv4zero, Port: 7000}, address{"10.0.0.1", "7000"}
	owner, next := ownerOf(t, 1), ownerOf(t, 2)
	pin := func(s *hosted, owner seal.Secret) string {
		over, err := p.ownCarrier(at, public, s.carrier(owner))
		if err != nil {
			t.Fatal(err)
		}
		return over.pin
	}
	s := &hosted{record: &record{}}
	first := pin(s, owner)
	s.about.Owner = owner.Bytes[:]
	for range 2 {
		s.moved(seal.Link{}, &next)
		again := &hosted{record: &record{}}
		secret := ownerOf(t, 9)
		again.asBefore(shareOptions{}, s.about, &secret)
		if secret != next {
			t.Error("the room that goes on is not the one moved to")
		}
		if got := pin(again, secret); got != first {
			t.Errorf("the pin was %s and is %s", first, got)
		}
		again.about.Owner = secret.Bytes[:]
		s, next = again, ownerOf(t, 3)
	}
}

func ownerOf(t *testing.T, seed byte) seal.Secret {
	t.Helper()
	owner, err := seal.NewOwner(rand.NewChaCha8([32]byte{seed}))
	if err != nil {
		t.Fatal(err)
	}
	return owner
}

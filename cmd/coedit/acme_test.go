package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"math/big"
	"net"
	"path/filepath"
	"testing"
	"time"
)

func someAuthority(dir string) *authority {
	return newAuthority(tlsOptions{acmeHosts: []string{"relay.test"}}, dir, slog.New(slog.DiscardHandler))
}

// TestACertificateThatCannotBeKept is used all the same: authorities give but few.
func TestACertificateThatCannotBeKept(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"relay.test"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	a := someAuthority(filepath.Join(t.TempDir(), "is not there"))
	if cert, err := a.keep("relay.test", key, [][]byte{der}); err != nil || cert == nil {
		t.Errorf("certificate %v, %v", cert, err)
	}
}

// TestAHandshakeWaitsNoLongerThanItsClient for a certificate.
func TestAHandshakeWaitsNoLongerThanItsClient(t *testing.T) {
	a := someAuthority(t.TempDir())
	a.busy["relay.test"] = make(chan struct{}) // one is being got, and does not come
	returned := make(chan error, 1)
	near, far := net.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	server := tls.Server(far, &tls.Config{GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		cancel()
		cert, err := a.get(hello)
		returned <- err
		return cert, err
	}})
	done := make(chan struct{})
	go func() { defer close(done); _ = server.HandshakeContext(ctx); _ = far.Close() }()
	client := tls.Client(near, &tls.Config{ServerName: "relay.test", InsecureSkipVerify: true})
	if err := client.Handshake(); err == nil {
		t.Error("a handshake without a certificate")
	}
	if err := <-returned; err == nil {
		t.Error("a certificate from nowhere")
	}
	<-done
	_ = near.Close()
}

// TestAttemptsAreMadeAgainSoon at first, and ever less often.
func TestAttemptsAreMadeAgainSoon(t *testing.T) {
	a := someAuthority(t.TempDir())
	now := time.Unix(1e9, 0)
	a.now = func() time.Time { return now }
	for i, pause := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 32 * time.Minute, time.Hour, time.Hour} {
		done := make(chan struct{})
		a.client.DirectoryURL = "http://127.0.0.1:1"
		a.busy["relay.test"] = done
		a.renew("relay.test", done)
		now = now.Add(pause - time.Second)
		if _, wait := a.held("relay.test"); wait != nil {
			t.Fatalf("failure %d: another attempt before %v", i+1, pause)
		}
		now = now.Add(time.Second)
		_, wait := a.held("relay.test")
		if wait == nil {
			t.Fatalf("failure %d: no other attempt after %v", i+1, pause)
		}
		<-wait
		a.failed["relay.test"] = failedAttempt{now, pause}
	}
}

package certificate_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"net"
	"testing"
	"time"

	"coedit/transport/certificate"
)

func key(b byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{b}, ed25519.SeedSize))
}

func selfSigned(t *testing.T, b byte, now time.Time) tls.Certificate {
	t.Helper()
	c, err := certificate.SelfSigned(key(b), now)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// shake makes a handshake in memory and returns the participant's error.
func shake(t *testing.T, server, client *tls.Config) error {
	t.Helper()
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	done := make(chan error, 1)
	go func() { done <- tls.Server(a, server).Handshake(); a.Close() }()
	c := tls.Client(b, client)
	err := c.Handshake()
	b.Close()
	<-done
	return err
}

func TestPinBelongsToTheKey(t *testing.T) {
	then := time.Unix(1_700_000_000, 0)
	a := certificate.Pin(selfSigned(t, 1, then).Leaf)
	if again := certificate.Pin(selfSigned(t, 1, then.AddDate(1, 0, 0)).Leaf); again != a {
		t.Errorf("the same key has the pins %s and %s", a, again)
	}
	if other := certificate.Pin(selfSigned(t, 2, then).Leaf); other == a {
		t.Errorf("two keys have the pin %s", a)
	}
	if !certificate.ValidPin(a) || len(a) != 32 {
		t.Errorf("%q is no pin", a)
	}
	// As openssl has it: openssl pkey -pubout -outform DER, of the seed in a PKCS #8 file, then openssl dgst -sha256.
	if want := "7uiq2ma5f4dx3ykbjohzt5cbwfad7kza"; a != want {
		t.Errorf("pin %s, want %s", a, want)
	}
}

func TestPinnedHandshake(t *testing.T) {
	cert := selfSigned(t, 1, time.Now())
	serving := certificate.Serving(cert)
	if err := shake(t, serving, certificate.Pinned(certificate.Pin(cert.Leaf))); err != nil {
		t.Errorf("the relay that the link names: %v", err)
	}
	other := certificate.Pin(selfSigned(t, 2, time.Now()).Leaf)
	if err := shake(t, serving, certificate.Pinned(other)); !errors.Is(err, certificate.ErrPin) {
		t.Errorf("another relay: %v", err)
	}
	expired := selfSigned(t, 1, time.Now().AddDate(-20, 0, 0))
	if err := shake(t, certificate.Serving(expired), certificate.Pinned(certificate.Pin(expired.Leaf))); err != nil {
		t.Errorf("a pinned relay with an old certificate: %v", err)
	}
	old := &tls.Config{Certificates: []tls.Certificate{cert}, MaxVersion: tls.VersionTLS12}
	if err := shake(t, old, certificate.Pinned(certificate.Pin(cert.Leaf))); err == nil {
		t.Error("a pinned handshake with TLS 1.2")
	}
	if certificate.Pinned("") != nil {
		t.Error("no pin must leave the check to the system")
	}
}

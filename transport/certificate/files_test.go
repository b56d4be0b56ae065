package certificate_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"coedit/transport/certificate"
)

// keep writes a certificate and its key as PEM files, and gives them a time of their own.
func keep(t *testing.T, certFile, keyFile string, b byte, at time.Time) (pin string) {
	t.Helper()
	c := selfSigned(t, b, time.Now())
	der, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey.(ed25519.PrivateKey))
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{
		certFile: {Type: "CERTIFICATE", Bytes: c.Certificate[0]}, keyFile: {Type: "PRIVATE KEY", Bytes: der},
	} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, at, at); err != nil {
			t.Fatal(err)
		}
	}
	return certificate.Pin(c.Leaf)
}

func TestFilesAreReadAgain(t *testing.T) {
	certFile, keyFile := filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	now := time.Unix(1_700_000_000, 0)
	var log bytes.Buffer
	first := keep(t, certFile, keyFile, 1, now)
	f, err := certificate.NewFiles(certFile, keyFile, func() time.Time { return now }, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	serves := func(want, when string) {
		t.Helper()
		c, err := f.Get(nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := certificate.Pin(c.Leaf); got != want {
			t.Errorf("%s: it serves %s, want %s", when, got, want)
		}
	}
	serves(first, "at the start")
	second := keep(t, certFile, keyFile, 2, now.Add(time.Minute))
	serves(first, "within a second of looking")
	now = now.Add(time.Second)
	serves(second, "a second later")

	if err := os.WriteFile(certFile, []byte("half a certif"), 0o600); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Second)
	serves(second, "with a damaged file")
	now = now.Add(time.Second)
	serves(second, "with a damaged file, again")
	if n := strings.Count(log.String(), "former one"); n != 1 {
		t.Errorf("the damage was told %d times:\n%s", n, log.String())
	}
	third := keep(t, certFile, keyFile, 3, now.Add(2*time.Minute))
	now = now.Add(time.Second)
	serves(third, "mended")
}

func TestFilesThatCannotServe(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	c, d := filepath.Join(dir, "c"), filepath.Join(dir, "d")
	keep(t, a, b, 1, time.Now())
	keep(t, c, d, 2, time.Now())
	for name, files := range map[string][2]string{"no file": {a + "x", b}, "another's key": {a, d}, "no certificate": {b, b}} {
		if _, err := certificate.NewFiles(files[0], files[1], time.Now, slog.New(slog.DiscardHandler)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

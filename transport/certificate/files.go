package certificate

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// lookEvery is how often files are looked at, at most; each handshake may be the occasion.
const lookEvery = time.Second

// Files is a certificate with its key in two PEM files that may be replaced at any time, as tools that renew them do. Its
// methods may be called from any goroutine.
type Files struct {
	// Static after construction.
	certFile, keyFile string
	logger            *slog.Logger
	now               func() time.Time

	mu     sync.Mutex // guards the following
	cert   *tls.Certificate
	stamp  [2]stamp  // of the files when they were last read, whether that went well or not
	looked time.Time // when the files were last looked at
}

// stamp tells one content of a file from the next, as far as that can be told without reading it.
type stamp struct {
	changed time.Time
	size    int64
}

// NewFiles reads both files. logger is told, without anything of the content, when they are read again.
func NewFiles(certFile, keyFile string, now func() time.Time, logger *slog.Logger) (*Files, error) {
	f := &Files{certFile: certFile, keyFile: keyFile, now: now, logger: logger}
	f.stamp, f.looked = f.stamps(), now()
	cert, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, fmt.Errorf("certificate: read %s with %s: %w", certFile, keyFile, err)
	}
	f.cert = &cert
	return f, nil
}

// Config is the configuration of a relay that serves the certificate.
func (f *Files) Config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: f.Get}
}

// Get is the certificate as it stands in the files now. It has the signature of tls.Config's GetCertificate.
func (f *Files) Get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now := f.now(); now.Sub(f.looked) >= lookEvery {
		f.looked = now
		f.look()
	}
	return f.cert, nil
}

// look reads the files again if they changed. mu is held.
func (f *Files) look() {
	stamps := f.stamps()
	if stamps == f.stamp {
		return
	}
	f.stamp = stamps
	cert, err := tls.LoadX509KeyPair(f.certFile, f.keyFile)
	if err != nil {
		f.logger.Error("the certificate was replaced by one that cannot be used; the former one goes on serving", "error", err)
		return
	}
	f.cert = &cert
	f.logger.Info("the certificate was read again", "expires", cert.Leaf.NotAfter)
}

func (f *Files) stamps() (s [2]stamp) {
	for i, name := range []string{f.certFile, f.keyFile} {
		if info, err := os.Stat(name); err == nil {
			s[i] = stamp{info.ModTime(), info.Size()}
		}
	}
	return s
}

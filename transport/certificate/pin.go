package certificate

import (
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base32"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// ErrPin is wrapped by the error of a handshake with a relay that has another key than the pin names.
var ErrPin = errors.New("certificate: not the relay that the link names")

// pinBytes is how much of the hash a pin holds.
const pinBytes = 20

var base32Lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Validity of a self-signed certificate. Pinned participants do not look at it; it is for other programs that do.
const (
	validBefore = 24 * time.Hour // clocks differ
	validFor    = 10 * 365 * 24 * time.Hour
)

// SelfSigned makes the certificate of a key. Its pin depends on the key alone.
func SelfSigned(key ed25519.PrivateKey, now time.Time) (tls.Certificate, error) {
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "coedit relay"},
		NotBefore:             now.Add(-validBefore),
		NotAfter:              now.Add(validFor),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		DNSNames:              []string{"coedit.invalid"}, // nobody can own it
	}
	// Ed25519 signs without randomness.
	der, err := x509.CreateCertificate(nil, template, template, key.Public(), crypto.Signer(key))
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("certificate: sign: %w", err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("certificate: read what was signed: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, nil
}

// Pin is the pin of a certificate's public key.
func Pin(c *x509.Certificate) string {
	sum := sha256.Sum256(c.RawSubjectPublicKeyInfo)
	return base32Lower.EncodeToString(sum[:pinBytes])
}

// ValidPin says whether s has the form of a pin.
func ValidPin(s string) bool {
	b, err := base32Lower.DecodeString(s)
	return err == nil && len(b) == pinBytes
}

// Pinned is the configuration of a participant whose link has a pin; nil for an empty pin, which leaves the decision to
// the system's authorities.
func Pinned(pin string) *tls.Config {
	if pin == "" {
		return nil
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS13,
		// The pin takes the place of the check against authorities, in VerifyConnection, which runs at each handshake.
		InsecureSkipVerify: true,
		VerifyConnection: func(s tls.ConnectionState) error {
			if len(s.PeerCertificates) == 0 {
				return fmt.Errorf("%w: it has no certificate", ErrPin)
			}
			if got := Pin(s.PeerCertificates[0]); got != pin {
				return fmt.Errorf("%w: its key is %s, and %s was expected", ErrPin, got, pin)
			}
			return nil
		},
	}
}

// Serving is the configuration of a relay with one certificate.
func Serving(c tls.Certificate) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{c}}
}

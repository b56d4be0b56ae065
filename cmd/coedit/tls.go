package main

import (
	"crypto/ed25519"
	crand "crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"coedit/transport/certificate"
	"coedit/transport/seal"

	"github.com/adrg/xdg"
	"github.com/spf13/cobra"
	"golang.org/x/crypto/acme"
)

// carrier is what a relay of this process speaks WebSocket over: plain HTTP or TLS. The zero value is plain HTTP.
type carrier struct {
	config *tls.Config // nil: plain HTTP
	pin    string      // of a self-signed certificate; "" where an authority vouches
}

// base is the beginning of links to an address, and what is dialled.
func (c carrier) base(a address) string {
	if c.config == nil {
		return "http://" + a.String()
	}
	return "https://" + a.String()
}

// described is base with the pin, as --relay takes it.
func (c carrier) described(a address) string {
	if c.pin == "" {
		return c.base(a)
	}
	return c.base(a) + "~" + c.pin
}

// over lets a listener speak TLS, if it is to.
func (c carrier) over(l net.Listener) net.Listener {
	if c.config == nil {
		return l
	}
	return tls.NewListener(l, c.config)
}

// tlsOptions are the flags of `serve` about how its relay proves who it is.
type tlsOptions struct {
	cert, key string // PEM files
	keyFile   string // the key of a self-signed certificate
	acmeHosts []string
	acmeDir   string
	authority string // its directory's URL
	email     string
	client    *http.Client // to reach the authority; nil: the usual one
}

func tlsFlags(cmd *cobra.Command, o *tlsOptions) {
	f := cmd.Flags()
	f.StringVar(&o.cert, "tls-cert", "", "PEM `FILE` with the certificate and its chain; read again when it is replaced")
	f.StringVar(&o.key, "tls-key", "", "PEM `FILE` with the certificate's key")
	f.StringVar(&o.keyFile, "tls-self-key", "", "`FILE` with the key of a self-signed certificate, made if need be (default: in the XDG state folder)")
	f.StringSliceVar(&o.acmeHosts, "acme-host", nil, "get a certificate for this `HOST` by ACME, accepting the authority's terms; needs port 443 (may be repeated)")
	f.StringVar(&o.acmeDir, "acme-cache", "", "`DIR` for certificates got by ACME (default: in the XDG state folder)")
	f.StringVar(&o.authority, "acme-directory", acme.LetsEncryptURL, "`URL` of the authority's ACME directory")
	f.StringVar(&o.email, "acme-email", "", "`ADDRESS` at which the authority can reach you")
}

// carrierFor decides how `serve` is reached: by what the flags say, else self-signed off this machine, and plain on it.
func (p *program) carrierFor(o tlsOptions, at net.Addr, advertised address, logger *slog.Logger) (carrier, error) {
	files := o.cert != "" || o.key != ""
	switch {
	case files && len(o.acmeHosts) > 0:
		return carrier{}, usageError("leave one of them out", "--tls-cert brings a certificate, and --acme-host gets one")
	case p.plain && (files || len(o.acmeHosts) > 0 || o.keyFile != ""):
		return carrier{}, usageError("leave one of them out", "--plain is without TLS, and another flag asks for it")
	case files && (o.cert == "" || o.key == ""):
		return carrier{}, usageError("name both files", "--tls-cert and --tls-key belong together")
	case files:
		return fileCarrier(o, logger)
	case len(o.acmeHosts) > 0:
		return acmeCarrier(o, logger)
	case o.keyFile == "" && (p.plain || private(at, advertised)):
		return carrier{}, nil
	}
	return keptKeyCarrier(o.keyFile)
}

// private says whether only this machine can reach a listener, and is meant to.
func private(at net.Addr, advertised address) bool {
	tcp, ok := at.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback() && loopback(advertised.host)
}

func fileCarrier(o tlsOptions, logger *slog.Logger) (carrier, error) {
	files, err := certificate.NewFiles(o.cert, o.key, time.Now, logger)
	if err != nil {
		return carrier{}, failure(err, "both are PEM files; the certificate file begins with the relay's own, then its chain",
			"cannot use the certificate: %s", cause(err))
	}
	return carrier{config: overHTTP1(files.Config())}, nil
}

// acmeCarrier gets certificates of hosts by ACME.
func acmeCarrier(o tlsOptions, logger *slog.Logger) (carrier, error) {
	for i, host := range o.acmeHosts {
		if !plainHost(host) {
			return carrier{}, usageError("a name in another script is written as xn--...", "--acme-host %s is no host name", host)
		}
		o.acmeHosts[i] = strings.ToLower(host)
	}
	dir := o.acmeDir
	if dir == "" {
		dir = filepath.Join(xdg.StateHome, "coedit", "acme")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return carrier{}, failure(err, "choose another folder with --acme-cache", "cannot keep certificates in %s: %s", dir, cause(err))
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: newAuthority(o, dir, logger).get}
	return carrier{config: overHTTP1(config, acme.ALPNProto)}, nil
}

// plainHost says whether a name is one that authorities certify: labels of letters, digits and hyphens, at least two.
func plainHost(host string) bool {
	labels := strings.Split(host, ".")
	for _, l := range labels {
		if l == "" || strings.Trim(strings.ToLower(l), "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	return len(labels) > 1 && len(host) <= 253
}

// overHTTP1 leaves out HTTP/2, over which no WebSocket comes about.
func overHTTP1(c *tls.Config, protocols ...string) *tls.Config {
	c.NextProtos = append([]string{"http/1.1"}, protocols...)
	return c
}

// ownCarrier is that of a host's own relay: plain where only this machine is meant, else with a certificate whose key
// follows from the owner's secret.
func (p *program) ownCarrier(at net.Addr, advertised address, owner seal.Secret) (carrier, error) {
	if p.plain || private(at, advertised) {
		return carrier{}, nil
	}
	key, err := owner.RelayKey()
	if err != nil {
		return carrier{}, err
	}
	return selfSigned(key)
}

func selfSigned(key ed25519.PrivateKey) (carrier, error) {
	cert, err := certificate.SelfSigned(key, time.Now())
	if err != nil {
		return carrier{}, err
	}
	return carrier{config: overHTTP1(certificate.Serving(cert)), pin: certificate.Pin(cert.Leaf)}, nil
}

// keptKeyCarrier signs with a key that is kept, so that the pin stays when the relay starts again.
func keptKeyCarrier(file string) (carrier, error) {
	if file == "" {
		file = filepath.Join(xdg.StateHome, "coedit", "relay-key.pem")
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return carrier{}, failure(err, "choose another place with --tls-self-key", "cannot keep the relay's key: %s", cause(err))
		}
	}
	key, err := keptKey(file)
	if err != nil {
		return carrier{}, err
	}
	return selfSigned(key)
}

const keyBlock = "PRIVATE KEY"

// keptKey reads an Ed25519 key in PKCS #8, or makes one where there is none.
func keptKey(file string) (ed25519.PrivateKey, error) {
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return newKey(file)
	}
	if err != nil {
		return nil, failure(err, "choose another one with --tls-self-key", "cannot read the relay's key: %s", cause(err))
	}
	if block, _ := pem.Decode(b); block != nil && block.Type == keyBlock {
		if key, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
			if key, ok := key.(ed25519.PrivateKey); ok {
				return key, nil
			}
		}
	}
	return nil, failure(nil, "move it away to have a new one made; links with the old pin then end", "%s holds no Ed25519 key", file)
}

func newKey(file string) (ed25519.PrivateKey, error) {
	_, key, err := ed25519.GenerateKey(crand.Reader)
	if err != nil {
		return nil, fmt.Errorf("drawing a key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("encoding a key: %w", err)
	}
	return key, writePrivate(file, string(pem.EncodeToMemory(&pem.Block{Type: keyBlock, Bytes: der})))
}

// splitPin takes the pin off an address as `serve` prints it.
func splitPin(s string) (base, pin string, err error) {
	base, pin, found := strings.Cut(s, "~")
	if found && !certificate.ValidPin(pin) {
		return "", "", usageError("copy the whole address that `coedit serve` printed", "--relay %s has no whole pin after ~", s)
	}
	if found && !strings.HasPrefix(base, "https://") {
		return "", "", usageError("copy the whole address that `coedit serve` printed", "--relay %s has a pin, which only https:// has", s)
	}
	return base, pin, nil
}

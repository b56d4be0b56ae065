package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	crand "crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
)

// Certificates got by ACME (RFC 8555) over TLS itself (RFC 8737, tls-alpn-01), so that no second port is needed. The library's
// own manager is not used: the names it takes in all scripts cost half a megabyte, and relays have plain host names.
const (
	renewBefore  = 30 * 24 * time.Hour // of the end of a certificate
	obtainLimit  = 2 * time.Minute
	firstPause   = time.Minute // after an attempt that failed; it doubles
	mostPause    = time.Hour
	accountFile  = "account-key.pem"
	certSuffix   = ".pem" // behind a host's name
	certPEMBlock = "CERTIFICATE"
)

// authority gets and renews the certificates of some hosts. Its methods may be called from any goroutine.
type authority struct {
	// Static after construction.
	client *acme.Client // its key is set by account
	hosts  []string
	dir    string // where account key and certificates are kept, each readable by this user only
	email  string
	now    func() time.Time
	logger *slog.Logger

	registering sync.Mutex // guards the following; held over registering, so that one does it for all hosts
	registered  bool

	mu         sync.Mutex // guards the following
	certs      map[string]*tls.Certificate
	challenges map[string]*tls.Certificate // by host, while the authority looks
	busy       map[string]chan struct{}    // by host, closed when what is being got is there or has failed
	failed     map[string]failedAttempt    // the last attempt, where that failed
}

// failedAttempt is one to get a certificate.
type failedAttempt struct {
	at    time.Time
	pause time.Duration // until another is made
}

func newAuthority(o tlsOptions, dir string, logger *slog.Logger) *authority {
	return &authority{
		client: &acme.Client{DirectoryURL: o.authority, HTTPClient: o.client, UserAgent: "coedit/" + releaseVersion},
		hosts:  o.acmeHosts, dir: dir, email: o.email, now: time.Now, logger: logger,
		certs: map[string]*tls.Certificate{}, challenges: map[string]*tls.Certificate{},
		busy: map[string]chan struct{}{}, failed: map[string]failedAttempt{},
	}
}

// get answers a handshake: the authority's with the challenge, everybody else's with the host's certificate, which is got
// first if there is none. One that ends soon is renewed meanwhile.
func (a *authority) get(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	host := strings.ToLower(strings.TrimSuffix(hello.ServerName, "."))
	if !slices.Contains(a.hosts, host) {
		return nil, fmt.Errorf("no certificate for %q: --acme-host does not name it", host)
	}
	if slices.Contains(hello.SupportedProtos, acme.ALPNProto) {
		a.mu.Lock()
		defer a.mu.Unlock()
		if c := a.challenges[host]; c != nil {
			return c, nil
		}
		return nil, fmt.Errorf("no challenge is under way for %s", host)
	}
	return a.await(hello.Context(), host)
}

// await is the host's certificate, when there is one.
func (a *authority) await(ctx context.Context, host string) (*tls.Certificate, error) {
	for {
		cert, wait := a.held(host)
		if cert != nil {
			return cert, nil
		}
		if wait == nil {
			return nil, fmt.Errorf("no certificate for %s could be got; another attempt follows later", host)
		}
		select {
		case <-wait:
		case <-ctx.Done(): // who asked is gone, or has waited long enough
			return nil, fmt.Errorf("no certificate for %s in time: %w", host, context.Cause(ctx))
		}
	}
}

// held is a certificate that can be used, or what to wait for; neither just after an attempt that failed.
func (a *authority) held(host string) (*tls.Certificate, <-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	cert := a.certs[host]
	if cert == nil {
		if cert = a.read(host); cert != nil {
			a.certs[host] = cert
		}
	}
	left := time.Duration(0)
	if cert != nil {
		left = cert.Leaf.NotAfter.Sub(a.now())
	}
	if left <= 0 {
		cert = nil
	}
	if left < renewBefore && a.busy[host] == nil && a.now().Sub(a.failed[host].at) >= a.failed[host].pause {
		done := make(chan struct{})
		a.busy[host] = done
		go a.renew(host, done)
	}
	return cert, a.busy[host]
}

// renew gets a certificate and keeps it.
func (a *authority) renew(host string, done chan struct{}) {
	ctx, cancel := context.WithTimeout(context.Background(), obtainLimit)
	defer cancel()
	cert, err := a.obtain(ctx, host)
	a.mu.Lock()
	defer a.mu.Unlock()
	if err == nil {
		a.certs[host] = cert
		delete(a.failed, host)
		a.logger.Info("a certificate was got", "host", host, "expires", cert.Leaf.NotAfter)
	} else {
		a.failed[host] = failedAttempt{a.now(), min(max(2*a.failed[host].pause, firstPause), mostPause)}
		a.logger.Error("no certificate could be got", "host", host, "error", err)
	}
	delete(a.busy, host)
	close(done)
}

// obtain goes through an order: prove to be the host, then have a fresh key certified.
func (a *authority) obtain(ctx context.Context, host string) (*tls.Certificate, error) {
	if err := a.register(ctx); err != nil {
		return nil, err
	}
	order, err := a.client.AuthorizeOrder(ctx, acme.DomainIDs(host))
	if err != nil {
		return nil, fmt.Errorf("order a certificate: %w", err)
	}
	for _, url := range order.AuthzURLs {
		if err := a.prove(ctx, host, url); err != nil {
			return nil, err
		}
	}
	if order, err = a.client.WaitOrder(ctx, order.URI); err != nil {
		return nil, fmt.Errorf("wait for the order: %w", err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), crand.Reader)
	if err != nil {
		return nil, fmt.Errorf("draw a key: %w", err)
	}
	request, err := x509.CreateCertificateRequest(crand.Reader, &x509.CertificateRequest{DNSNames: []string{host}}, key)
	if err != nil {
		return nil, fmt.Errorf("request a certificate: %w", err)
	}
	chain, _, err := a.client.CreateCertFromOrder(ctx, order, request, true)
	if err != nil {
		return nil, fmt.Errorf("get the certificate: %w", err)
	}
	return a.keep(host, key, chain)
}

// prove shows that this relay is the host.
func (a *authority) prove(ctx context.Context, host, url string) error {
	authz, err := a.client.GetAuthorization(ctx, url)
	if err != nil {
		return fmt.Errorf("read what is to be proved: %w", err)
	}
	if authz.Status == acme.StatusValid {
		return nil
	}
	i := slices.IndexFunc(authz.Challenges, func(c *acme.Challenge) bool { return c.Type == "tls-alpn-01" })
	if i < 0 {
		return errors.New("the authority offers no challenge over TLS")
	}
	challenge := authz.Challenges[i]
	cert, err := a.client.TLSALPN01ChallengeCert(challenge.Token, host)
	if err != nil {
		return fmt.Errorf("answer the challenge: %w", err)
	}
	a.mu.Lock()
	a.challenges[host] = &cert
	a.mu.Unlock()
	defer func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.challenges, host)
	}()
	if _, err := a.client.Accept(ctx, challenge); err != nil {
		return fmt.Errorf("accept the challenge: %w", err)
	}
	if _, err := a.client.WaitAuthorization(ctx, url); err != nil {
		return fmt.Errorf("the authority did not reach this relay: %w", err)
	}
	return nil
}

// register makes this relay known to the authority, under a key that is kept. What failed is tried again the next time.
func (a *authority) register(ctx context.Context) error {
	a.registering.Lock()
	defer a.registering.Unlock()
	if a.registered {
		return nil
	}
	key, err := a.accountKey()
	if err != nil {
		return err
	}
	a.client.Key = key
	account := &acme.Account{}
	if a.email != "" {
		account.Contact = []string{"mailto:" + a.email}
	}
	if _, err := a.client.Register(ctx, account, acme.AcceptTOS); err != nil && !errors.Is(err, acme.ErrAccountAlreadyExists) {
		return fmt.Errorf("register with the authority: %w", err)
	}
	a.registered = true
	return nil
}

func (a *authority) accountKey() (crypto.Signer, error) {
	file := filepath.Join(a.dir, accountFile)
	b, err := os.ReadFile(file)
	if err == nil {
		return ecKey(b)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the account's key: %w", err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), crand.Reader)
	if err != nil {
		return nil, fmt.Errorf("draw a key: %w", err)
	}
	block, err := keyPEM(key)
	if err != nil {
		return nil, err
	}
	return key, writePrivate(file, string(block))
}

func ecKey(b []byte) (crypto.Signer, error) {
	block, _ := pem.Decode(b)
	if block == nil {
		return nil, errors.New("the account's key file holds no key")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read the account's key: %w", err)
	}
	signer, ok := key.(*ecdsa.PrivateKey)
	if !ok {
		return nil, errors.New("the account's key is of another kind")
	}
	return signer, nil
}

func keyPEM(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("encode a key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: keyBlock, Bytes: der}), nil
}

// keep writes a certificate with its key, so that a restart does not ask for another. Where that cannot be done it is still good for
// this process.
func (a *authority) keep(host string, key *ecdsa.PrivateKey, chain [][]byte) (*tls.Certificate, error) {
	b, err := keyPEM(key)
	if err != nil {
		return nil, err
	}
	var whole bytes.Buffer
	whole.Write(b)
	for _, der := range chain {
		_ = pem.Encode(&whole, &pem.Block{Type: certPEMBlock, Bytes: der})
	}
	cert, err := tls.X509KeyPair(whole.Bytes(), whole.Bytes())
	if err != nil {
		return nil, fmt.Errorf("what the authority sent is no certificate: %w", err)
	}
	if err := writePrivate(filepath.Join(a.dir, host+certSuffix), whole.String()); err != nil {
		a.logger.Error("a certificate cannot be kept: the next start has to ask for another", "host", host, "error", err)
	}
	return &cert, nil
}

// read is the certificate kept of a host, or nil.
func (a *authority) read(host string) *tls.Certificate {
	b, err := os.ReadFile(filepath.Join(a.dir, host+certSuffix))
	if err != nil {
		return nil
	}
	cert, err := tls.X509KeyPair(b, b)
	if err != nil || cert.Leaf.VerifyHostname(host) != nil {
		return nil
	}
	return &cert
}

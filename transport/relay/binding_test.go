package relay_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/gorilla/websocket"

	"coedit/transport"
	"coedit/transport/relay"
	"coedit/transport/seal"
)

// between takes participants' connections under a name of its own, with a certificate that they trust, and passes everything
// on to another relay, to which it says that it was dialled by that name.
type between struct {
	t      *testing.T
	to     string
	config *tls.Config
	up     transport.Upgrader
	all    sync.WaitGroup
}

func (b *between) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	d := websocket.Dialer{TLSClientConfig: b.config, Subprotocols: []string{"coedit"}}
	relay, resp, err := d.Dial(b.to, http.Header{"Host": {req.Host}})
	if err != nil {
		b.t.Errorf("the one between does not reach the relay: %v", err)
		return
	}
	_ = resp.Body.Close()
	participant, err := b.up.Upgrade(w, req)
	if err != nil {
		b.t.Errorf("upgrade: %v", err)
		return
	}
	b.all.Go(func() {
		defer participant.Close()
		for {
			_, m, err := relay.ReadMessage()
			if err != nil || participant.WriteMessage(m) != nil {
				return
			}
		}
	})
	b.all.Go(func() {
		defer relay.Close()
		for {
			m, err := participant.ReadMessage()
			if err != nil || relay.WriteMessage(websocket.BinaryMessage, m) != nil {
				return
			}
		}
	})
}

// entering says what becomes of a participant at a relay that is dialled by an address.
func entering(t *testing.T, h house, address string, config *tls.Config) error {
	t.Helper()
	id := identity(t, 1)
	c := transport.NewClient(transport.Options{
		Dial: transport.WebSocketTLS(address, config), Room: h.room, Manifest: h.manifest, Replica: id.ReplicaID(),
		Prove: h.prove(seal.Write, id, id.ReplicaID()),
	})
	ended := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { ended <- c.Run(ctx) }()
	for ev := range c.Events() {
		if _, ok := ev.(transport.Online); ok {
			cancel() // Events is closed then, and Run says nil
		}
	}
	cancel()
	return <-ended
}

// TestAProofIsGoodForOneTLSConnection: a relay that ends TLS itself refuses whoever reached it through somebody in between,
// also one who repeats the name that was dialled, unless its operator has said by which names it is reached.
func TestAProofIsGoodForOneTLSConnection(t *testing.T) {
	for _, c := range []struct {
		hosts   []string
		refused string
	}{{nil, "something stands between"}, {[]string{"relay.example"}, "not known by the name"}, {[]string{"127.0.0.1"}, ""}} {
		t.Run(strings.Join(c.hosts, ","), func(t *testing.T) {
			h := sealedHouse(t, 1)
			hub := newRelay(relay.Config{Hosts: c.hosts})
			honest := httptest.NewTLSServer(hub.Handler())
			trusted := x509.NewCertPool()
			trusted.AddCert(honest.Certificate())
			config := &tls.Config{RootCAs: trusted}
			b := &between{t: t, to: "wss" + strings.TrimPrefix(honest.URL, "https") + "/r/", config: config, up: transport.Upgrader{MaxMessage: 1 << 20}}
			middle := httptest.NewTLSServer(b)
			defer func() {
				stop(t, hub)
				middle.Close()
				honest.Close()
				b.all.Wait()
			}()
			err := entering(t, h, middle.URL, config)
			if c.refused == "" && err != nil || c.refused != "" && (err == nil || !strings.Contains(err.Error(), c.refused)) {
				t.Errorf("through somebody in between: %v, want %q", err, c.refused)
			}
			if c.hosts == nil {
				if err := entering(t, h, honest.URL, config); err != nil {
					t.Errorf("without anybody in between: %v", err)
				}
			}
		})
	}
}

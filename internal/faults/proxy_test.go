package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// proxy stands between one participant and the relay.
type proxy struct {
	p   *toxiproxy.Proxy
	did map[string]int // faults so far, by name; owned by misbehave
}

// Some of its parts do not ask the logger that it is given.
func init() { zerolog.SetGlobalLevel(zerolog.Disabled) }

func startProxy(t *testing.T, upstream string) *proxy {
	t.Helper()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	p := &proxy{p: toxiproxy.NewProxy(server, t.Name(), "127.0.0.1:0", upstream), did: map[string]int{}}
	check(t, p.p.Start())
	return p
}

func (p *proxy) address() string { return p.p.Listen }

func (p *proxy) stop() { p.p.Stop() }

// toxics are toxiproxy's with their settings: times in milliseconds, rates in kilobytes a second. A timeout of 0
// lets nothing through while the connection stands: it is half open.
var toxics = []string{
	`{"type": "latency", "attributes": {"latency": 150, "jitter": 0}}`,
	`{"type": "latency", "attributes": {"latency": 80, "jitter": 70}}`,
	`{"type": "bandwidth", "attributes": {"rate": 2}}`,
	`{"type": "slow_close", "attributes": {"delay": 400}}`,
	`{"type": "reset_peer", "attributes": {"timeout": 0}}`,
	`{"type": "reset_peer", "attributes": {"timeout": 200}}`,
	`{"type": "timeout", "attributes": {"timeout": 0}}`,
	`{"type": "timeout", "attributes": {"timeout": 300}}`,
	`{"type": "slicer", "attributes": {"average_size": 40, "size_variation": 20, "delay": 500}}`,
	`{"type": "limit_data", "attributes": {"bytes": 3000}}`,
}

const refuse = "refuse" // no toxic: the proxy does not listen for a while

// misbehave breaks the connection in one way after the other, with rests in between, until ctx ends; then all is well.
func (p *proxy) misbehave(t *testing.T, ctx context.Context, random *rand.Rand) {
	for rest(ctx, random, 100, 900) {
		if random.IntN(8) == 0 {
			p.did[refuse]++
			p.p.Stop()
			rest(ctx, random, 100, 1500)
			if err := p.p.Start(); err != nil {
				t.Errorf("the proxy does not start again: %v", err)
				return
			}
			continue
		}
		toxic := toxics[random.IntN(len(toxics))]
		direction := []string{"upstream", "downstream"}[random.IntN(2)]
		toxic = strings.Replace(toxic, "{", fmt.Sprintf(`{"name": "fault", "stream": %q, `, direction), 1)
		added, err := p.p.Toxics.AddToxicJson(strings.NewReader(toxic))
		if err != nil {
			t.Errorf("%s: %v", toxic, err)
			return
		}
		p.did[added.Type]++
		rest(ctx, random, 200, 3000)
		removing, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		err = p.p.Toxics.RemoveToxic(removing, "fault")
		cancel()
		if err != nil {
			t.Errorf("taking back %s: %v", toxic, err)
			return
		}
	}
}

// rest waits for a random time, in milliseconds; false when ctx ended.
func rest(ctx context.Context, random *rand.Rand, least, most int) bool {
	timer := time.NewTimer(time.Duration(least+random.IntN(most-least)) * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

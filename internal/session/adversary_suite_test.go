package session_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"coedit/internal/session"
	"coedit/transport/seal"
	"coedit/transport/wire"
)

// TestOtherSuitesAreRefusedAndCounted: what comes under another suite than the room's, and a room of another suite than the one
// that is asked for.
func TestOtherSuitesAreRefusedAndCounted(t *testing.T) {
	against(t, "text", func(p *plot) {
		p.same()
		for _, suite := range []byte{seal.SuitePlain, seal.SuiteSM4} {
			p.cheat("bob", func(f *wire.RelayFrame) []*wire.RelayFrame {
				for _, frame := range frames(f) {
					frame.Payload = bytes.Clone(frame.Payload)
					frame.Payload[0] = suite
				}
				return []*wire.RelayFrame{f}
			})
			p.types(p.ann, "x")
			notices := p.passes(time.Second)
			if suite == seal.SuitePlain && !told(notices, session.Tampered) {
				t.Errorf("bob is not told: %v", notices)
			}
		}
		if i := p.bob.Status(time.Now()).Integrity; text(p.bob) != "text" || i.OtherSuites < 2 || i.Tampered > 0 || !strings.HasSuffix(i.String(), " of another cipher suite") {
			t.Errorf("bob has %q and counts %+v: %s", text(p.bob), i, i)
		}
		p.cheat("bob", nil)
		picky := p.enter("picky", session.Options{Link: p.link(seal.Write), RequireSuite: seal.SuiteSM4})
		if err := picky.WaitReady(p.ctx); err == nil || !strings.Contains(err.Error(), "--require-suite asks for sm4") {
			t.Errorf("a room of another suite: %v", err)
		}
		if i := picky.Status(time.Now()).Integrity; i.OtherSuites != 1 || text(picky) != "" {
			t.Errorf("it counts %+v", i)
		}
		picky.Close()
	})
}

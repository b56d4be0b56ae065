package transport

import (
	"context"
	"errors"
	"testing"
	"time"

	"coedit/transport/wire"
)

func challenge(nonce, manifest string) *wire.RelayFrame {
	c := &wire.Challenge{Version: 2, Nonce: []byte(nonce), Manifest: []byte(manifest)}
	return &wire.RelayFrame{Kind: &wire.RelayFrame_Challenge{Challenge: c}}
}

func TestAChallengeIsAnswered(t *testing.T) {
	prove := func(c Challenge) (Proof, error) {
		return Proof{Right: 1, Signature: c.Nonce, Certificate: c.Manifest, Replica: []byte{byte(c.Version)}}, nil
	}
	play(t, Options{Prove: prove}, func(s *script) {
		p := s.accept()
		p.say(challenge("nonce", "manifest"))
		got := p.next().GetProof()
		if got.GetRight() != wire.Right_RIGHT_READ || got.GetHost() != "" || string(got.GetSignature()) != "nonce" ||
			string(got.GetCertificate()) != "manifest" || string(got.GetReplicaSignature()) != "\x02" {
			t.Errorf("proof %v", got)
		}
		p.say(&wire.RelayFrame{Kind: &wire.RelayFrame_Welcome{Welcome: &wire.Welcome{
			Version: 2, Incarnation: 5, Limits: &wire.Limits{MaxMessage: 1 << 20, MaxFrame: 1 << 19, MaxPresence: 99},
		}}})
		if on := event[Online](s); on.Version != 2 {
			t.Errorf("online as %+v", on)
		}
	})
}

// TestNoWelcomeWithoutAChallenge: a relay that lets in whoever comes, or asks in one version and welcomes in another, is left.
func TestNoWelcomeWithoutAChallenge(t *testing.T) {
	welcome := func(version uint32) *wire.RelayFrame {
		return &wire.RelayFrame{Kind: &wire.RelayFrame_Welcome{Welcome: &wire.Welcome{
			Version: version, Incarnation: 5, Limits: &wire.Limits{MaxMessage: 1 << 20, MaxFrame: 1 << 19, MaxPresence: 99},
		}}}
	}
	old := challenge("nonce", "")
	old.GetChallenge().Version = 1
	newer := challenge("nonce", "")
	newer.GetChallenge().Version = 3
	for name, said := range map[string][]*wire.RelayFrame{
		"no challenge": {welcome(2)}, "another version": {challenge("nonce", ""), welcome(1)}, "a version without challenges": {old}, "a version to come": {newer},
	} {
		play(t, Options{}, func(s *script) {
			p := s.accept()
			p.say(said[0])
			if len(said) > 1 {
				p.next()
				p.say(said[1])
			}
			if off := event[Offline](s); !errors.Is(off.Err, ErrProtocol) {
				t.Errorf("%s: offline by %v", name, off.Err)
			}
		})
	}
}

func TestARefusalToProveIsFinal(t *testing.T) {
	prove := func(Challenge) (Proof, error) {
		return Proof{}, &Refusal{Code: RefusedRights, Text: "the suite is another one"}
	}
	play(t, Options{Prove: prove}, func(s *script) {
		s.accept().say(challenge("nonce", ""))
		wantRefusal(t, <-s.ended, RefusedRights, "another one")
	})
}

func TestOneChallengeIsEnough(t *testing.T) {
	play(t, Options{}, func(s *script) {
		p := s.accept()
		p.say(challenge("nonce", ""))
		p.next()
		p.say(challenge("again", ""))
		if off := event[Offline](s); !errors.Is(off.Err, ErrProtocol) {
			t.Errorf("offline by %v", off.Err)
		}
	})
}

// TestWithoutProofsVersion1IsSpoken: what cannot be answered is not offered.
func TestWithoutProofsVersion1IsSpoken(t *testing.T) {
	o := Options{Dial: func(context.Context) (Conn, error) { return nil, errDown }, Replica: 1}.withDefaults()
	if o.MaxVersion != 1 {
		t.Errorf("version %d is offered", o.MaxVersion)
	}
	play(t, Options{MaxVersion: 1}, func(s *script) {
		p := s.accept()
		s.client.o.Prove = nil
		p.say(challenge("nonce", ""))
		if off := event[Offline](s); !errors.Is(off.Err, ErrProtocol) || off.RetryIn > time.Minute {
			t.Errorf("offline %+v", off)
		}
	})
}

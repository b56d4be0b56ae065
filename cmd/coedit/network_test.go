package main

import (
	"net"
	"testing"
)

func TestSplitAddress(t *testing.T) {
	for in, want := range map[string]string{
		"127.0.0.1:7000": "127.0.0.1:7000",
		":7000":          ":7000",
		"host":           "host:5",
		"host:0":         "host:0",
		"[::1]:7000":     "[::1]:7000",
		"[::1]":          "[::1]:5",
		"::1":            "[::1]:5",
		"host:http":      "host:80",
	} {
		got, err := splitAddress(in, "--listen", "5")
		if err != nil || got.String() != want {
			t.Errorf("%q: %v, %v; want %s", in, got, err, want)
		}
	}
	for _, in := range []string{"host:", "host:99999", "http://host:80", "host:x:y", "ho st:80", "user@host:1", "host:nonsense"} {
		if got, err := splitAddress(in, "--listen", "5"); err == nil {
			t.Errorf("%q is taken for %v", in, got)
		} else if explain(err).code != exitUsage || explain(err).hint == "" {
			t.Errorf("%q: %+v", in, explain(err))
		}
	}
}

func TestListenFindsAddresses(t *testing.T) {
	for _, c := range []struct {
		listen, advertise string
		own, link         string // hosts
	}{
		{"127.0.0.1:0", "", "127.0.0.1", "127.0.0.1"},
		{"127.0.0.1:0", "example.org", "127.0.0.1", "example.org"},
		{"localhost:0", "", "localhost", "localhost"},
	} {
		l, own, link, err := listen(c.listen, c.advertise)
		if err != nil {
			t.Fatal(err)
		}
		_, port, err := net.SplitHostPort(l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if own != (address{c.own, port}) || link != (address{c.link, port}) {
			t.Errorf("%+v: own %v, in links %v, port %s", c, own, link, port)
		}
		l.Close()
	}
}

func TestListenOnTakenPort(t *testing.T) {
	l, own, _, err := listen("127.0.0.1:0", "")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, _, _, err = listen(own.String(), "")
	if e := explain(err); err == nil || e.code != exitFailure || e.hint == "" {
		t.Errorf("a taken port: %+v", e)
	}
}

func TestExposed(t *testing.T) {
	for _, c := range []struct {
		listen, base string
		warned       bool
	}{
		{"127.0.0.1", "http://127.0.0.1:7000", false},
		{"127.0.0.1", "http://localhost:7000", false},
		{"::1", "http://[::1]:7000", false},
		{"", "http://127.0.0.1:7000", false}, // a relay elsewhere on this machine
		{"0.0.0.0", "http://127.0.0.1:7000", true},
		{"::", "http://[::1]:7000", true},
		{"192.0.2.1", "http://192.0.2.1:7000", true},
		{"127.0.0.1", "http://example.org:7000", true}, // a tunnel
		{"", "http://example.org:7000", true},
		{"", "https://example.org", true}, // the relay itself can read
		{"", "http://127.0.0.1.example.org", true},
	} {
		if got := exposed(c.listen, c.base); (got != "") != c.warned {
			t.Errorf("listening on %q, links to %s: %q", c.listen, c.base, got)
		}
	}
}

func TestRelayBase(t *testing.T) {
	const pin = "7uiq2ma5f4dx3ykbjohzt5cbwfad7kza"
	for in, want := range map[string][2]string{
		"http://host:7333":          {"http://host:7333"},
		"http://HOST:7333/":         {"http://host:7333"},
		"https://relay.example.org": {"https://relay.example.org"},
		"https://host:7333~" + pin:  {"https://host:7333", pin},
	} {
		if got, gotPin, err := relayBase(in); got != want[0] || gotPin != want[1] || err != nil {
			t.Errorf("%s: %s, %s, %v", in, got, gotPin, err)
		}
	}
	for _, in := range []string{"", "host:7333", "ftp://host", "http://", "http://host/r/x#w.y", "http://a@host", "http://host?x", "http://%zz", "https://host~", "https://host~" + pin[1:], "http://host~" + pin} {
		if got, _, err := relayBase(in); err == nil {
			t.Errorf("%q is taken for the relay %s", in, got)
		}
	}
}

func TestNobodyLeavesTheMachineInTheClearUnasked(t *testing.T) {
	for base, allowed := range map[string]bool{
		"http://127.0.0.1:7000": true, "http://localhost:1": true, "http://[::1]:1": true,
		"https://relay.example.org": true,
		"http://relay.example.org":  false, "http://192.0.2.1:80": false, "http://127.0.0.1.example.org": false,
	} {
		err := (&program{}).mayDial(base)
		if (err == nil) != allowed {
			t.Errorf("%s: %v", base, err)
		}
		if err != nil && explain(err).code != exitRefused {
			t.Errorf("%s: exit code %d", base, explain(err).code)
		}
		if err := (&program{plain: true}).mayDial(base); err != nil {
			t.Errorf("%s with --plain: %v", base, err)
		}
	}
}

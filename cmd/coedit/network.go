package main

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// address is where a relay listens and what the links call it.
type address struct {
	host string // name or address, without brackets
	port string
}

func (a address) String() string { return net.JoinHostPort(a.host, a.port) }

// listen opens the listener and finds the addresses for the links (advertised) and for this process (own).
func listen(listenAt, advertise string) (l net.Listener, own, advertised address, err error) {
	at, err := splitAddress(listenAt, "--listen", "0")
	if err != nil {
		return nil, own, advertised, err
	}
	l, err = net.Listen("tcp", at.String())
	if err != nil {
		return nil, own, advertised, failure(err, "choose another address with --listen; port 0 takes any that is free",
			"cannot listen on %s: %s", at, cause(err))
	}
	port := fmt.Sprint(l.Addr().(*net.TCPAddr).Port)
	own, advertised = address{at.host, port}, address{at.host, port}
	if wildcard(at.host) {
		own.host = "127.0.0.1"
		advertised.host = outwardHost()
	}
	if advertise != "" {
		if advertised, err = splitAddress(advertise, "--advertise", port); err != nil {
			l.Close()
			return nil, own, advertised, err
		}
	}
	return l, own, advertised, nil
}

// splitAddress reads HOST, HOST:PORT, :PORT and [V6]:PORT.
func splitAddress(s, flag, defaultPort string) (address, error) {
	host, port, err := net.SplitHostPort(s)
	switch {
	case err != nil && !strings.Contains(strings.Trim(s, "[]"), ":"):
		host, port = strings.Trim(s, "[]"), defaultPort
	case err != nil:
		if _, v6 := netip.ParseAddr(strings.Trim(s, "[]")); v6 != nil {
			return address{}, usageError("an address is HOST:PORT, and IPv6 stands in [brackets]", "%s %s is no address", flag, s)
		}
		host, port = strings.Trim(s, "[]"), defaultPort
	}
	if strings.ContainsAny(host, "/#?@ ") {
		return address{}, usageError("an address is HOST:PORT, without http://", "%s %s is no address", flag, s)
	}
	if n, err := net.LookupPort("tcp", port); err != nil || port == "" {
		return address{}, usageError("a port is a number up to 65535", "%s %s has no usable port", flag, s)
	} else {
		port = fmt.Sprint(n)
	}
	return address{host, port}, nil
}

func wildcard(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "" || err == nil && ip.IsUnspecified()
}

// outwardHost is this machine's address as others on the network see it; a guess that --advertise corrects.
func outwardHost() string {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return "127.0.0.1"
	}
	found := "127.0.0.1"
	for _, a := range addrs {
		n, ok := a.(*net.IPNet)
		if !ok || n.IP.IsLoopback() || n.IP.IsLinkLocalUnicast() || n.IP.IsMulticast() {
			continue
		}
		if n.IP.To4() != nil {
			return n.IP.String()
		}
		found = n.IP.String()
	}
	return found
}

// loopback says whether only this machine can reach the host.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// relayBase checks --relay: an address, with the pin behind it if the relay's certificate is self-signed.
func relayBase(s string) (base, pin string, err error) {
	const hint = "a relay is https://HOST:PORT, as `coedit serve` prints it"
	s, pin, err = splitPin(s)
	if err != nil {
		return "", "", err
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", "", usageError(hint, "--relay %s is no address of a relay", s)
	}
	if u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", "", usageError(hint, "--relay %s has more than a host and a port", s)
	}
	return u.Scheme + "://" + strings.ToLower(u.Host), pin, nil
}

// mayDial refuses to leave this machine in the clear unless that was asked for.
func (p *program) mayDial(base string) error {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" || loopback(u.Hostname()) || p.plain {
		return nil
	}
	return errorWithHint{
		code: exitRefused, what: fmt.Sprintf("%s is not reached over TLS: everybody on the way sees who takes part, when and how much", u.Host),
		hint: "ask for a link that begins with https://, or add --plain if you trust the network",
	}
}

// exposed says of a room that is not encrypted who can read along besides those who have the link; "" nobody, because
// nothing leaves this machine. base is the relay's address as the links have it.
func exposed(listenHost, base string) string {
	u, err := url.Parse(base)
	if err == nil && loopback(u.Hostname()) && (listenHost == "" || loopback(listenHost)) {
		return ""
	}
	if err == nil && u.Scheme == "https" {
		return "not encrypted: the relay can read the text"
	}
	return "not encrypted: the relay and everybody on the network between can read the text"
}

// watched says of a relay what can be seen on the way to it, whatever its rooms encrypt; "" nothing.
func watched(listenHost, base string) string {
	if strings.HasPrefix(base, "https:") || exposed(listenHost, base) == "" {
		return ""
	}
	return "without TLS: everybody on the network between sees who takes part, when and how much"
}

// names are what an advertised relay goes by: its name, and those by which this machine itself reaches it. Without
// --advertise nobody knows them all, and whatever name a participant uses will do.
func names(advertise string, advertised, own address) []string {
	if advertise == "" {
		return nil
	}
	return []string{advertised.host, own.host, "localhost", "127.0.0.1", "::1"}
}

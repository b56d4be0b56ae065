package transport

import (
	"crypto/tls"
	"encoding/hex"
	"strings"
)

// A proof names the host that was dialled. Over TLS it also names the connection, by a secret that only its two ends can
// derive (RFC 9266, tls-exporter): a relay that ends the connection itself so knows whether somebody stands in between. Where
// another program ends TLS for it, the two ends are others, and the name alone counts.

// bindingLabel and bindingLen are what the two ends derive.
const (
	bindingLabel = "EXPORTER-Channel-Binding"
	bindingLen   = 16 // bytes, twice as many characters
	bindingMark  = "~"
)

// channelBinding names a TLS connection; "" where there is none, or where its version cannot.
func channelBinding(s *tls.ConnectionState) string {
	if s == nil || !s.HandshakeComplete {
		return ""
	}
	b, err := s.ExportKeyingMaterial(bindingLabel, nil, bindingLen)
	if err != nil {
		return ""
	}
	return hex.EncodeToString(b)
}

// BoundHost is the host of a proof: the name, and behind a mark the binding if there is one.
func BoundHost(name, binding string) string {
	if binding == "" {
		return name
	}
	return name + bindingMark + binding
}

// CutHost is the reverse of BoundHost.
func CutHost(host string) (name, binding string) {
	name, binding, _ = strings.Cut(host, bindingMark)
	return name, binding
}

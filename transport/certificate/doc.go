// Package certificate is how relays prove over TLS who they are: by files that an operator keeps, which are read again
// when they change, or by a certificate they sign themselves, whose pin stands in the link.
//
// # Pins
//
// A pin is 32 characters: the first 20 bytes of SHA-256 of the certificate's public key (SubjectPublicKeyInfo, as
// RFC 7469 hashes it), in lower-case base32 without padding. Whoever got a link from somebody they trust needs no
// authority to vouch for the relay in it: the pin does. 160 bits are as hard to meet again as a room's id is.
//
// A pinned connection is checked against the pin alone. Names and dates in the certificate are not looked at, because
// whoever holds the key is the relay, whatever the address is called and however wrong a clock is.
//
//	key, _ := owner.RelayKey()                       // the same whenever this host shares again
//	cert, _ := certificate.SelfSigned(key, time.Now())
//	link.Pin = certificate.Pin(cert.Leaf)
//	...
//	dial := transport.WebSocketTLS(link.Base, certificate.Pinned(link.Pin))
//
// # Guarantees
//
//   - TLS 1.3 only, on both sides, where a pin is used.
//   - A certificate file that is replaced serves the next handshake at most a second later. One that cannot be read, or
//     does not belong to its key, is reported once and the former one goes on serving.
//
// # What it does not promise
//
// A pin says that the relay is the one the link names, not that it is honest: what the text is sealed against is the
// matter of package seal. A key that was stolen cannot be taken back: make a new link.
package certificate

// Package seal holds what makes a room private: secrets, the keys derived from
// them, the room's signed manifest, links, and the suites that seal payloads.
//
// The package is pure: it starts no goroutine, reads no clock and does no I/O;
// randomness and time are arguments.
//
// # Rights
//
// Owner > Write > Read. A room begins with 32 random bytes, the owner secret; the
// write secret is derived from it and the read secret from the write secret, by
// HKDF-SHA256 (no salt, 32 bytes out) with these info strings:
//
//	owner secret -> write secret    "coedit/v1 secret write"
//	write secret -> read secret     "coedit/v1 secret read"
//	owner secret -> owner key       "coedit/v1 key owner"   (an Ed25519 seed)
//	owner secret -> relay key       "coedit/v1 key relay"   (of the certificate of the owner's own relay)
//	write secret -> write key       "coedit/v1 key write"
//	read secret  -> read key        "coedit/v1 key read"
//
// So a holder can give away what it has and anything below, and nothing above.
//
// The room id is the first 16 bytes of SHA-256("coedit/v1 room" || owner public
// key), in base32 (RFC 4648, lower case, no padding): 26 characters. Nobody but
// the owner can make a manifest for it.
//
// # Manifest
//
// 174 bytes, big-endian, one form only (so that equal manifests are equal bytes):
//
//	  0   4  "CEDM"
//	  4   1  layout version, 1
//	  5   1  suite (SuitePlain, ...)
//	  6   8  created at, unix milliseconds
//	 14  32  owner key, Ed25519 public key; its hash is the room id
//	 46  32  write key
//	 78  32  read key
//	110  64  Ed25519 signature by the owner key of "coedit/v1 manifest" || bytes 0..109
//
// # Link
//
//	link    = scheme "://" host "/r/" room "#" right "." secret *( "~" extra )
//	scheme  = "http" / "https"
//	host    = name or address, optionally with ":" port; IPv6 in brackets
//	room    = 26 base32 characters
//	right   = "w" (may write) / "r" (may read)
//	secret  = 56 base32 characters: the 32 secret bytes, then 3 bytes of checksum
//	extra   = pin / suite, in this order, each at most once
//	pin     = 32 base32 characters: the first 20 bytes of SHA-256 of the public key
//	          (SubjectPublicKeyInfo) of a self-signed relay's certificate
//	suite   = a lower-case letter, then up to 15 of a-z 0-9 and "-"; without it
//	          the manifest alone says which suite the room uses
//
// Base32 is RFC 4648 without padding. It is read in either case and written in
// lower case: it has no characters at which a double click or a terminal ends a
// selection, and survives being read aloud. The checksum is the first 3 bytes of
// SHA-256("coedit/v1 link" || right || room || secret), so a link that was cut
// short or mistyped is noticed before anybody connects; it reveals nothing to
// those who have not the secret, because it stands beside it. Everything after
// "#" is the fragment, which browsers do not send.
//
// An owner secret never stands in a link: [Link.String] of one prints none.
//
// # Suites
//
// A sealed payload begins with its suite byte. [NewPlain] is the only suite yet:
// it does not encrypt (see [Sealer].Encrypted), but it binds the payload to its
// header as an encrypting suite does, so that code which mixes headers up fails
// with every suite:
//
//	0  1  suite, 1
//	1  4  CRC-32C (Castagnoli), big-endian, of the encoded header and the payload
//	5  n  payload
//
// The encoded header is: room, replica (8), counter (8), class (1), target; each
// string preceded by its length (4), integers big-endian.
//
// # What it does not promise
//
// Plain protects against mistakes, not against people: relay and network can
// read and alter. Secrets cannot be taken back from somebody who has them.
package seal

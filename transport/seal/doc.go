// Package seal holds what makes a room private: secrets and the keys derived from
// them, the room's signed manifest, links, the keys of each replica with their
// certificates, the suites that seal payloads, and the proofs by which a relay admits.
//
// The package is pure: it starts no goroutine, reads no clock and does no I/O;
// randomness and time are arguments. testdata/vectors.json has known answers for
// everything here; the tests check them by openssl.
//
// # Suites
//
//	1 plain    not encrypted; SHA-256, Ed25519
//	2 xchacha  XChaCha20-Poly1305, SHA-256, Ed25519, X25519
//	3 sm4      SM4-GCM, SM3, SM2 (signatures GB/T 32918.2 with the default identity, encryption GB/T 32918.4)
//
// Plain and xchacha are one family and share their keys, sm4 is the other. HKDF and
// "hash" below are with the family's hash; HKDF has no salt. A public key has 32 bytes
// (standard) or 64, the two coordinates (sm4); a signature has 64 (sm4: r, s). SM2 signs
// deterministically, as RFC 6979 has it for ECDSA with SM3. Integers are big-endian.
//
// # Rights
//
// Owner > Write > Read. A room begins with 32 random bytes, the owner secret; the
// write secret is derived from it and the read secret from the write secret, by
// HKDF (32 bytes out) with these info strings:
//
//	owner secret -> write secret    "coedit/v1 secret write"
//	write secret -> read secret     "coedit/v1 secret read"
//	owner secret -> owner key       "coedit/v1 key owner"   (seed of a key that signs)
//	write secret -> write key       "coedit/v1 key write"
//	read secret  -> read key        "coedit/v1 key read"
//
// So a holder can give away what it has and anything below, and nothing above. The
// seed of an Ed25519 key is its RFC 8032 secret; an SM2 scalar is 1 + HKDF(seed,
// "coedit/v2 sm2 scalar", 48 bytes) mod (n-2).
//
// What may be read follows from the read secret, what may be written from signatures:
// a reader has every key that opens, and none that counts as an author's.
//
// The room id is the first 16 bytes of hash("coedit/v1 room" || owner public key), in
// base32 (RFC 4648, lower case, no padding): 26 characters. Nobody but the owner can
// make a manifest for it.
//
// # Manifest
//
// 174 bytes, sm4: 270; k is the length of a public key. One form only, so that equal
// manifests are equal bytes:
//
//	   0   4  "CEDM"
//	   4   1  layout version, 1
//	   5   1  suite
//	   6   8  created at, unix milliseconds
//	  14   k  owner key; its hash is the room id
//	14+k   k  write key
//	  +k   k  read key
//	  +k  64  signature by the owner key of "coedit/v1 manifest" || all before
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
//	suite   = a lower-case letter, then up to 15 of a-z 0-9 and "-". "sm4" says that
//	          the keys are of that family; otherwise the manifest alone says which
//	          suite the room uses
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
// # Replicas and certificates
//
// An [Identity] is a seed of 32 bytes; by HKDF with "coedit/v2 identity sign" and
// "coedit/v2 identity open" it gives a key that signs and one that others can encrypt
// to. The replica id is the first 8 bytes of hash("coedit/v2 replica" || public key that
// signs || public key that opens). A fingerprint is 16 bytes of the same with
// "coedit/v2 fingerprint"; its first 6 bytes are said in words.
//
// A certificate is 135 bytes, sm4: 199:
//
//	  0   4  "CEDC"
//	  4   1  layout version, 1
//	  5   1  suite
//	  6   1  right: 1 read, 2 write
//	  7   k  key that signs
//	7+k   k  key that opens
//	 +k  64  signature by the room's key of that right of S("coedit/v2 certificate", room, all before)
//
// S(domain, parts...) = domain || 0 || hash of the parts, each behind its length (8 bytes).
//
// # Sealed payloads
//
//	 0   1  suite
//	 1   1  layout version, 1
//	 2  16  salt, random
//	18  64  signature by the author of S("coedit/v2 payload", header, bytes 0..17, bytes 82...)
//	82   2  c, the length of the author's certificate, or 0
//	84   c  certificate
//	 +c  n  ciphertext with its tag of 16 bytes; header is the associated data
//
// header is: room, replica (8), counter (8), class (1), target; each string preceded by
// its length (4). The key is HKDF(read secret, "coedit/v2 subkey " || suite || class ||
// replica, 32 bytes). xchacha: its nonce is salt || counter. sm4: the key is
// HKDF(that, "coedit/v2 payload " || salt, 16 bytes), the nonce 4 zero bytes || counter.
//
// The text is padded, so that typing cannot be read from lengths: a byte 0x80 and zeros
// up to 64, 128, 256, 512, 1024 bytes, or a multiple of 1024.
//
// A replica's certificate goes with its presence, with its first frame and with the
// first after the log was lost; in between an author is known. So no separate frame has
// to arrive first, and none can be left out.
//
// Why no key and nonce are ever used twice with different texts. Edits count (replica,
// counter), and the sealed bytes are journaled before they are sent. That alone would
// depend on the journal: a copy of it put back from a backup would repeat counters. And
// presence and snapshots, which count nothing, are sealed again and again, in every
// process. So each payload draws a salt of 128 bits, which with XChaCha is part of the
// nonce (192 bits) and with SM4 makes a key of its own. That two of one replica and class
// are equal by chance becomes likely only after 2^64 payloads; that the counters are equal
// too need not be so. A broken source of randomness alone, with the journal whole, still
// repeats nothing for edits. Different replicas and classes have different subkeys.
//
// A snapshot is a payload of class 4, counter 0, whose replica is the one of the
// certificate it carries: its maker, who vouches for it. Its text begins with the
// certificates of those who wrote in it: their number (2), then each behind its length
// (2); the content follows. It says who may have written, not what: the text of others is
// the maker's word.
//
// # Moving
//
// The owner takes a room's rights back by making another one and telling those who are to
// follow. The notice, which stands in a frame of class 6:
//
//	0  4  "CEDV"
//	4  1  layout version, 1
//	5  1  length of the new room's address, then scheme://host
//	  +2  length of the new room's manifest, then it
//	  +2  number of followers, the owner first, then for each:
//	      8  replica; 0: whoever has the owner's secret of the old room
//	      1  right; the owner's is 3
//	      2  length, then the secret of that right, wrapped
//	 +64  signature by the old room's owner key of S("coedit/v2 moved", old room, all before)
//
// A wrapped secret is bound to b = S("coedit/v2 moved secret", old room, new room, replica (8) ||
// right (1)). The owner's is wrapped for the key that follows from the old owner's secret by HKDF with "coedit/v2 key owner
// opens", so that an owner whose process ended in the middle of a move goes on. Standard: an X25519 key made for it (32 bytes), then the secret sealed by
// XChaCha20-Poly1305 with nonce 0, associated data b, under HKDF(what the two keys share,
// "coedit/v2 wrap " || that key || the follower's key). sm4: SM2 encryption, C1 || C3 || C2,
// of SM3(b) || secret.
//
// The plain suite protects against mistakes only, with a checksum that binds the payload
// to its header as an encrypting suite does:
//
//	0  1  suite, 1
//	1  4  CRC-32C (Castagnoli) of the encoded header and the payload
//	5  n  payload
//
// # Admission
//
// A participant proves its right by two signatures over what the relay asks: by the
// room's key of that right of S("coedit/v2 proof", host, room, replica (8) || right (1) ||
// version (4), nonce), and by its own key of the same with "coedit/v2 proof replica". host
// is as the participant dialled it; over TLS followed by "~" and 32 hexadecimal digits, the
// connection's tls-exporter (RFC 9266, 16 bytes of it). The second keeps others who may
// write from taking its place. Plain rooms have the first only.
//
// # What it does not promise
//
// Secrets cannot be taken back from somebody who has them, and there is no forward
// secrecy: who gets the read secret later opens what was recorded before. Whoever has the
// write secret can certify any number of replicas under any name; fingerprints are what
// tells them apart. Lengths above 1024 bytes, times, and who talks when are visible to the
// relay. Key material is not wiped from memory.
package seal

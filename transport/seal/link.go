package seal

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
)

// ErrLink is wrapped by every error of ParseLink; the whole text is a sentence for the user.
var ErrLink = errors.New("this link cannot be used")

const (
	maxLink      = 1024 // characters; a link of ours has under 300
	secretLen    = 56   // characters: 32 bytes of secret and linkSumLen of checksum
	linkSumLen   = 3
	pinLen       = 32
	maxSuiteName = 16
)

// Link is a room's address with the secret that opens it:
// http(s)://HOST/r/ROOM#w.SECRET or #r.SECRET, then optionally ~PIN and ~SUITE
// (the package documentation has the whole grammar).
type Link struct {
	Base   string // scheme and host[:port]
	Room   string
	Secret Secret // Write or Read
	Pin    string // of a self-signed relay; "" none
	Suite  string // "" where the keys are the standard ones; the manifest says which suite it is
}

// ParseLink reads a link; its errors are sentences for the user and never contain the secret.
func ParseLink(s string) (Link, error) {
	s = strings.TrimSpace(s)
	s = strings.TrimSuffix(strings.TrimPrefix(s, "<"), ">")
	switch {
	case s == "":
		return Link{}, badLink("it is empty; copy the whole link, from http to its end")
	case len(s) > maxLink:
		return Link{}, badLink("it is %d characters long, and no link is longer than %d", len(s), maxLink)
	case strings.IndexFunc(s, notInLinks) >= 0:
		return Link{}, badLink("it contains a space, a line break or an unusual character; copy it again as one line")
	}
	address, fragment, hasFragment := strings.Cut(s, "#")
	var l Link
	if err := l.parseAddress(address); err != nil {
		return Link{}, err
	}
	if !hasFragment {
		return Link{}, badLink("it ends before the #, so the secret is missing; copy the whole link (in a shell, put it in quotes)")
	}
	if fragment == "" {
		return Link{}, badLink("it ends after the #, so the secret is missing; copy the whole link")
	}
	secret, extras, hasExtras := strings.Cut(fragment, "~")
	if err := l.parseSecret(secret); err != nil {
		return Link{}, err
	}
	if !hasExtras {
		return l, nil
	}
	if err := l.parseExtras(strings.Split(extras, "~")); err != nil {
		return Link{}, err
	}
	return l, nil
}

// String is the link as it is given to others. A link with an owner secret, which
// is never printed, is as Redacted.
func (l Link) String() string {
	if l.Secret.Right != Write && l.Secret.Right != Read {
		return l.Redacted()
	}
	sum := linkSum(l.Secret, l.Room)
	return l.with(base32Lower.EncodeToString(append(l.Secret.Bytes[:], sum[:]...)))
}

// Redacted is the link without its secret, for logs.
func (l Link) Redacted() string { return l.with("...") }

// IdentitySuite is the suite for which whoever joins by this link needs an identity.
func (l Link) IdentitySuite() byte {
	if l.Secret.Family == FamilyShangMi {
		return SuiteSM4
	}
	return SuiteXChaCha
}

// LogValue is Redacted: a link that strays into a log shows no secret.
func (l Link) LogValue() slog.Value { return slog.StringValue(l.Redacted()) }

// GoString is Redacted.
func (l Link) GoString() string { return l.Redacted() }

func (l Link) with(secret string) string {
	s := l.Base + "/r/" + l.Room + "#" + l.Secret.Right.String()[:1] + "." + secret
	suite := l.Suite
	if suite == "" && l.Secret.Family == FamilyShangMi {
		suite = SuiteName(SuiteSM4) // without it the secret would be taken for one of the other family
	}
	for _, extra := range []string{l.Pin, suite} {
		if extra != "" {
			s += "~" + extra
		}
	}
	return s
}

func (l *Link) parseAddress(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return badLink("what stands before the # is not an address")
	case u.Scheme != "http" && u.Scheme != "https":
		return badLink("it must begin with http:// or https://")
	case u.User != nil:
		return badLink("it has a name or password before the host, which links never have")
	case u.Hostname() == "" || strings.HasSuffix(u.Host, ":"):
		return badLink("the host is missing")
	case u.RawQuery != "" || u.ForceQuery:
		return badLink("it has a question mark, which links never have")
	}
	room, ok := strings.CutPrefix(u.Path, "/r/")
	room = strings.ToLower(room)
	if !ok || !ValidRoomID(room) || u.RawPath != "" {
		return badLink("between host and # it must have /r/ and a room of %d letters and digits; copy the whole link", RoomIDLen)
	}
	l.Base, l.Room = u.Scheme+"://"+strings.ToLower(u.Host), room
	return nil
}

func (l *Link) parseSecret(s string) error {
	right, text, ok := strings.Cut(s, ".")
	switch {
	case ok && strings.EqualFold(right, "w"):
		l.Secret.Right = Write
	case ok && strings.EqualFold(right, "r"):
		l.Secret.Right = Read
	case ok && strings.EqualFold(right, "o"):
		return badLink("it holds the owner's secret, which is never shared in a link")
	default:
		return badLink("after the # it must have w. or r. and the secret; copy the whole link")
	}
	if len(text) != secretLen {
		return badLink("its secret has %d characters and should have %d; copy the whole link", len(text), secretLen)
	}
	b, err := base32Lower.DecodeString(strings.ToLower(text))
	if err != nil || len(b) != len(l.Secret.Bytes)+linkSumLen {
		return badLink("its secret contains a character that no secret has; copy it again")
	}
	copy(l.Secret.Bytes[:], b)
	if sum := linkSum(l.Secret, l.Room); string(sum[:]) != string(b[len(l.Secret.Bytes):]) {
		return badLink("some of its characters are wrong; copy it again")
	}
	return nil
}

func (l *Link) parseExtras(extras []string) error {
	for _, e := range extras {
		e = strings.ToLower(e)
		switch {
		case len(e) == pinLen && l.Pin == "" && l.Suite == "":
			if _, err := base32Lower.DecodeString(e); err != nil {
				return badLink("the relay's pin (after ~) contains a character that no pin has; copy it again")
			}
			l.Pin = e
		case validSuiteName(e) && l.Suite == "":
			l.Suite = e
			l.Secret.Family = FamilyOf(suiteNamed(e))
		default:
			return badLink("what stands after ~ is neither a relay's pin nor a suite; copy it again, or update coedit")
		}
	}
	return nil
}

func validSuiteName(s string) bool {
	if s == "" || len(s) > maxSuiteName || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

func notInLinks(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune("\"'<>\\^`{|}", r) }

func badLink(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrLink}, args...)...)
}

func linkSum(s Secret, room string) [linkSumLen]byte {
	h := sha256.New()
	h.Write([]byte("coedit/v1 link"))
	h.Write([]byte{byte(s.Right)})
	h.Write([]byte(room))
	h.Write(s.Bytes[:])
	return [linkSumLen]byte(h.Sum(nil)[:linkSumLen])
}

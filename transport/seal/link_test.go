package seal_test

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"coedit/transport/seal"
)

const (
	pin   = "abcdefghijklmnopqrstuvwxyz234567"
	suite = "xchacha20"
)

func goodLink(t testing.TB) seal.Link {
	t.Helper()
	o := owner(t, 7)
	return seal.Link{Base: "https://relay.example:8443", Room: room(t, o), Secret: derive(t, o, seal.Write)}
}

func TestLinksAreReadAsTheyAreWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		suite := rapid.SampledFrom([]string{"", "plain", suite, "sm", "sm4"}).Draw(t, "suite")
		o := seal.Secret{Right: seal.Owner, Bytes: [32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "secret"))}
		if suite == "sm4" {
			o.Family = seal.FamilyShangMi
		}
		id, err := o.RoomID()
		if err != nil {
			t.Fatal(err)
		}
		secret, err := o.Derive(rapid.SampledFrom([]seal.Right{seal.Read, seal.Write}).Draw(t, "right"))
		if err != nil {
			t.Fatal(err)
		}
		want := seal.Link{
			Base: rapid.SampledFrom([]string{"http://localhost:1234", "https://relay.example", "http://[::1]:80", "http://192.0.2.7"}).Draw(t, "base"),
			Room: id, Secret: secret,
			Pin:   rapid.SampledFrom([]string{"", pin}).Draw(t, "pin"),
			Suite: suite,
		}
		got, err := seal.ParseLink(want.String())
		if err != nil || got != want {
			t.Fatalf("%s is read as %#v, %v", want.String(), got, err)
		}
	})
}

func TestLinksSurviveCopying(t *testing.T) {
	want := goodLink(t)
	want.Pin = pin
	text := want.String()
	address, fragment, _ := strings.Cut(text, "#")
	i := strings.Index(address, "/r/") + 3
	for name, s := range map[string]string{
		"line break after it": text + "\r\n",
		"spaces around":       "  " + text + "\t",
		"angle brackets":      "<" + text + ">",
		"capital room":        address[:i] + strings.ToUpper(address[i:]) + "#" + fragment,
		"capital secret":      address + "#" + strings.ToUpper(fragment),
		"capital host":        strings.Replace(text, "relay.example", "Relay.Example", 1),
		"capital scheme":      strings.Replace(text, "https", "HTTPS", 1),
		"extras in capitals":  strings.Replace(text, pin, strings.ToUpper(pin), 1),
	} {
		if got, err := seal.ParseLink(s); err != nil || got != want {
			t.Errorf("%s: %#v, %v", name, got, err)
		}
	}
}

func TestBadLinksAreSentencesWithoutTheSecret(t *testing.T) {
	l := goodLink(t)
	text := l.String()
	address, fragment, _ := strings.Cut(text, "#")
	secret := fragment[2:]
	wrong := "a" + secret[1:]
	if secret[0] == 'a' {
		wrong = "b" + secret[1:]
	}
	for name, c := range map[string]struct{ link, says string }{
		"empty":                    {"", "empty"},
		"no #":                     {address, "in quotes"},
		"nothing after #":          {address + "#", "ends after the #, so the secret is missing; copy the whole link"},
		"secret cut":               {text[:len(text)-3], "53 characters"},
		"secret mistyped":          {address + "#w." + wrong, "some of its characters are wrong"},
		"secret of another right":  {address + "#r." + secret, "some of its characters are wrong"},
		"an impossible character":  {address + "#w.0" + secret[1:], "no secret has"},
		"owner":                    {address + "#o." + secret, "never shared"},
		"no right":                 {address + "#" + secret, "w. or r."},
		"another right":            {address + "#x." + secret, "w. or r."},
		"broken over two lines":    {address + "#w." + secret[:20] + "\n" + secret[20:], "line break"},
		"another scheme":           {strings.Replace(text, "https", "ftp", 1), "http://"},
		"no scheme":                {strings.TrimPrefix(text, "https://"), "http"},
		"no host":                  {"http:///r/" + l.Room + "#" + fragment, "host"},
		"port forgotten":           {"http://h:/r/" + l.Room + "#" + fragment, "host"},
		"password":                 {"http://me:pw@h/r/" + l.Room + "#" + fragment, "password"},
		"query":                    {"http://h/r/" + l.Room + "?x=1#" + fragment, "question mark"},
		"room cut":                 {"http://h/r/" + l.Room[:20] + "#" + fragment, "26 letters"},
		"other path":               {"http://h/doc/" + l.Room + "#" + fragment, "/r/"},
		"path beyond the room":     {"http://h/r/" + l.Room + "/x#" + fragment, "26 letters"},
		"escaped":                  {"http://h/r/%61" + l.Room[1:] + "#" + fragment, "26 letters"},
		"not an address":           {"http://[::1/r/" + l.Room + "#" + fragment, "not an address"},
		"unknown extra":            {text + "~0", "neither"},
		"pin twice":                {text + "~" + pin + "~" + pin, "neither"},
		"suite before pin":         {text + "~plain~" + pin, "neither"},
		"empty extra":              {text + "~", "neither"},
		"pin with a bad character": {text + "~" + strings.Repeat("1", 32), "pin"},
		"suite too long":           {text + "~abcdefghijklmnopq", "neither"},
		"far too long":             {text + strings.Repeat("x", 2000), "no link is longer"},
		"unusual character":        {text + "é", "unusual"},
	} {
		got, err := seal.ParseLink(c.link)
		if !errors.Is(err, seal.ErrLink) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
			continue
		}
		if got != (seal.Link{}) {
			t.Errorf("%s: a link beside the error: %#v", name, got)
		}
		if strings.Contains(err.Error(), secret[:6]) || strings.Contains(err.Error(), secret[20:30]) {
			t.Errorf("%s: the error contains the secret: %v", name, err)
		}
	}
}

// TestEveryMistypedCharacterIsNoticed wherever in the room or secret it is.
func TestEveryMistypedCharacterIsNoticed(t *testing.T) {
	text := goodLink(t).String()
	begin := strings.Index(text, "/r/") + 3
	for i := begin; i < len(text); i++ {
		if text[i] == '#' || text[i] == '.' || text[i-1] == '#' {
			continue
		}
		c := byte('a')
		if text[i] == 'a' {
			c = 'b'
		}
		if _, err := seal.ParseLink(text[:i] + string(c) + text[i+1:]); err == nil {
			t.Errorf("character %d changed, and the link is read", i)
		}
	}
}

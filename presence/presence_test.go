package presence

import (
	"bytes"
	"encoding/hex"
	"reflect"
	"strings"
	"sync"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"coedit/rga"
)

// genState draws from few replicas and stamps, so that ties happen.
var genState = rapid.Custom(func(t *rapid.T) State {
	return State{
		Replica: rga.ReplicaID(rapid.Uint64Range(1, 3).Draw(t, "replica")),
		Stamp:   rapid.Uint64Range(0, 3).Draw(t, "stamp"),
		Name:    rapid.SampledFrom([]string{"ann", "bob", "", "e\u0301va", "\x1b[31mred"}).Draw(t, "name"),
		Colour:  uint8(rapid.IntRange(0, 2).Draw(t, "colour")),
		Left:    rapid.Bool().Draw(t, "left"),
		Dirty:   rapid.Bool().Draw(t, "dirty"),
		Head:    rga.Anchor{ID: rga.ID{Replica: 1, Seq: rapid.Uint64().Draw(t, "seq")}, Bias: rga.Before},
		Saves:   rapid.Uint64().Draw(t, "saves"),
		Ranges:  rapid.SampledFrom([][]Range{nil, {{}}, {{Head: rga.Anchor{Bias: rga.Before}}}}).Draw(t, "ranges"),
	}
})

var genRoster = rapid.Custom(func(t *rapid.T) *Roster {
	r := NewRoster()
	for range rapid.IntRange(0, 6).Draw(t, "steps") {
		if rapid.Bool().Draw(t, "remove") {
			r.Remove(rga.ReplicaID(rapid.Uint64Range(1, 3).Draw(t, "id")), rapid.Uint64Range(0, 3).Draw(t, "at"))
		} else {
			r.Put(genState.Draw(t, "state"))
		}
	}
	return r
})

func joined(rs ...*Roster) *Roster {
	out := NewRoster()
	for _, r := range rs {
		out.Merge(r)
	}
	return out
}

func sameRoster(t *rapid.T, law string, a, b *Roster) {
	if !reflect.DeepEqual(a.members, b.members) || !reflect.DeepEqual(a.Present(), b.Present()) {
		t.Fatalf("%s: %+v and %+v", law, a.members, b.members)
	}
}

func TestRosterLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := genRoster.Draw(t, "a"), genRoster.Draw(t, "b"), genRoster.Draw(t, "c")
		sameRoster(t, "commutative", joined(a, b), joined(b, a))
		sameRoster(t, "associative", joined(joined(a, b), c), joined(a, joined(b, c)))
		sameRoster(t, "idempotent", joined(a, a), joined(a))
		sameRoster(t, "absorbs", joined(a, b, a), joined(a, b))
	})
}

// States and removals one by one are merges too: any order, any repetition.
func TestRosterOrderOfArrival(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		states := rapid.SliceOfN(genState, 1, 8).Draw(t, "states")
		removeAt := rapid.Uint64Range(0, 3).Draw(t, "remove")
		a, b := NewRoster(), NewRoster()
		a.Remove(1, removeAt)
		for _, s := range states {
			a.Put(s)
		}
		for _, i := range rapid.Permutation(indices(len(states))).Draw(t, "order") {
			b.Put(states[i])
			b.Put(states[i])
		}
		b.Remove(1, removeAt)
		sameRoster(t, "order of arrival", a, b)
	})
}

func indices(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}

func TestRoster(t *testing.T) {
	r := NewRoster()
	if !r.Put(State{Replica: 2, Stamp: 5, Name: "zoe"}) || !r.Put(State{Replica: 1, Stamp: 1, Name: "ann"}) {
		t.Fatal("a new state changed nothing")
	}
	if r.Put(State{Replica: 2, Stamp: 4, Name: "old"}) || r.Put(State{Replica: 2, Stamp: 5, Name: "zoe"}) {
		t.Fatal("an old state or the same changed something")
	}
	names := func() string {
		var n []string
		for _, s := range r.Present() {
			n = append(n, s.Name)
		}
		return strings.Join(n, " ")
	}
	check := func(what, want string) {
		t.Helper()
		if got := names(); got != want {
			t.Fatalf("%s: present are %q, want %q", what, got, want)
		}
	}
	check("both", "ann zoe")
	r.Hint(2, true)
	check("hinted gone", "ann")
	if s, ok := r.Get(2); !ok || s.Name != "zoe" {
		t.Fatal("a hint made the state forgotten")
	}
	o := NewRoster()
	o.Merge(r)
	if len(o.Present()) != 2 {
		t.Fatal("a hint was merged")
	}
	if !r.Put(State{Replica: 2, Stamp: 6, Name: "zoe"}) {
		t.Fatal("coming back is no change")
	}
	check("a newer state clears the hint", "ann zoe")
	r.Remove(2, 6)
	check("a removal wins the tie", "ann")
	if r.Put(State{Replica: 2, Stamp: 6, Name: "zoe"}) {
		t.Fatal("a removed state came back")
	}
	r.Put(State{Replica: 2, Stamp: 7, Name: "zoe"})
	check("newer than the removal", "ann zoe")
	r.Put(State{Replica: 2, Stamp: 8, Name: "zoe", Left: true})
	check("said goodbye", "ann")
	r.Remove(1, ^uint64(0))
	check("removed for good", "")
	if r.Put(State{Stamp: 1, Name: "nobody"}) {
		t.Fatal("no replica was put")
	}
}

// Whoever hints can invent replicas; only those that are known are remembered, and it makes no difference to what is present.
func TestHintsAboutStrangersAreNotKept(t *testing.T) {
	r := NewRoster()
	for id := range rga.ReplicaID(1000) {
		r.Hint(id+1, true)
	}
	if len(r.gone) != 0 {
		t.Errorf("%d hints about nobody are kept", len(r.gone))
	}
	r.Put(State{Replica: 2, Stamp: 1, Name: "zoe"})
	if len(r.Present()) != 1 {
		t.Error("a newer state does not clear the hint")
	}
}

// Concurrent use, for the race detector; also merges in a circle, which must not deadlock.
func TestConcurrentUse(t *testing.T) {
	a, b := NewRoster(), NewRoster()
	ca, cb := NewContributions(), NewContributions()
	clock := NewClock(0)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			id := rga.ReplicaID(g + 1)
			for i := range 200 {
				clock.Observe(uint64(i))
				a.Put(State{Replica: id, Stamp: clock.Next(), Name: "n"})
				b.Put(State{Replica: id, Stamp: clock.Next(), Name: "m"})
				a.Merge(b)
				b.Merge(a)
				a.Hint(id, i%2 == 0)
				a.Present()
				ca.Add(id, 1)
				ca.Merge(cb)
				cb.Merge(ca)
				cb.Total()
			}
		})
	}
	wg.Wait()
	a.Merge(b)
	b.Merge(a)
	if !reflect.DeepEqual(a.members, b.members) {
		t.Fatal("rosters differ")
	}
	if ca.Total() != 800 {
		t.Fatalf("counted %d, want 800", ca.Total())
	}
}

var genContributions = rapid.Custom(func(t *rapid.T) *Contributions {
	c := NewContributions()
	for range rapid.IntRange(0, 5).Draw(t, "n") {
		c.Add(rga.ReplicaID(rapid.Uint64Range(1, 4).Draw(t, "id")), rapid.Uint64().Draw(t, "count"))
	}
	return c
})

func TestContributionLaws(t *testing.T) {
	sum := func(cs ...*Contributions) []byte {
		out := NewContributions()
		for _, c := range cs {
			out.Merge(c)
		}
		return out.Encode()
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := genContributions.Draw(t, "a"), genContributions.Draw(t, "b"), genContributions.Draw(t, "c")
		ab, bc := NewContributions(), NewContributions()
		ab.Merge(a)
		ab.Merge(b)
		bc.Merge(b)
		bc.Merge(c)
		switch {
		case !bytes.Equal(sum(a, b), sum(b, a)):
			t.Fatal("not commutative")
		case !bytes.Equal(sum(ab, c), sum(a, bc)):
			t.Fatal("not associative")
		case !bytes.Equal(sum(a, a), sum(a)) || !bytes.Equal(sum(a), a.Encode()):
			t.Fatal("not idempotent")
		}
		d, err := DecodeContributions(a.Encode())
		if err != nil || !reflect.DeepEqual(d.counts, a.counts) || d.Total() != a.Total() {
			t.Fatalf("decoded %v, %v, from %v", d, err, a.counts)
		}
	})
}

func TestContributionsSaturate(t *testing.T) {
	c := NewContributions()
	c.Add(1, ^uint64(0)-1)
	c.Add(1, 5)
	c.Add(2, 7)
	c.Raise(2, 3)
	if c.Of(1) != ^uint64(0) || c.Of(2) != 7 || c.Total() != ^uint64(0) {
		t.Fatalf("%d, %d, total %d", c.Of(1), c.Of(2), c.Total())
	}
}

func TestClock(t *testing.T) {
	var c Clock = NewClock(10)
	if n := c.Next(); n != 11 {
		t.Fatalf("first stamp %d", n)
	}
	l := c.(*LogicalClock)
	l.Observe(40)
	l.Observe(20)
	if n := l.Next(); n != 41 {
		t.Fatalf("stamp %d after observing 40", n)
	}
}

func TestStateRoundTrip(t *testing.T) {
	full := State{
		Replica: 7, Stamp: 9, Name: "Ann Ó", Colour: 3, Host: true, ReadOnly: true,
		Head: rga.Anchor{ID: rga.ID{Replica: 4, Seq: 1 << 40}, Bias: rga.Before}, Tail: rga.Anchor{Bias: rga.Before},
		Top: rga.Anchor{ID: rga.ID{Replica: 1, Seq: 2}}, File: "dir/main.go", Idle: true, Dirty: true,
		Saves: 5, AskSave: 6, Hash: ^uint64(0), Typed: 1234, Left: true,
		SaveFails: 3, Problem: SaveDenied,
		Ranges: []Range{{Head: rga.Anchor{ID: rga.ID{Replica: 9, Seq: 8}}, Tail: rga.Anchor{Bias: rga.Before}}, {}},
		Rows:   40, Says: "look at line 3, é", Lines: 2, Calls: 4, Follows: 11, RTT: 34, AskedAt: 35,
	}
	for i, s := range []State{full, {Replica: 1, Name: NoName}} {
		got, err := DecodeState(s.Encode())
		if err != nil || !reflect.DeepEqual(got, s) {
			t.Errorf("%d: got %+v, %v, want %+v", i, got, err, s)
		}
	}
	// Each field on its own must survive: a field that Encode forgets is found here, also one added later.
	v := reflect.ValueOf(full)
	for i := range v.NumField() {
		s := State{Replica: 1, Name: NoName}
		reflect.ValueOf(&s).Elem().Field(i).Set(v.Field(i))
		if got, err := DecodeState(s.Encode()); err != nil || !reflect.DeepEqual(got, s) {
			t.Errorf("field %s: got %+v, %v", v.Type().Field(i).Name, got, err)
		}
	}
	later := append(full.Encode(), "fields of a later version"...)
	later[0] = stateVersion + 1
	if got, err := DecodeState(later); err != nil || !reflect.DeepEqual(got, full) {
		t.Errorf("later version: %+v, %v", got, err)
	}
}

// What earlier versions wrote, byte for byte, is read still: version 1 does not say whether saving failed, nor do 1 and 2 what
// came with version 3.
func TestStateVersions(t *testing.T) {
	const version2 = "020903070903616e6e04612e676f0104ac020104a20200010202014d0c0304"
	b, err := hex.DecodeString(version2)
	if err != nil {
		t.Fatal(err)
	}
	want := State{
		Replica: 7, Stamp: 9, Name: "ann", Colour: 3, Host: true, Dirty: true, File: "a.go",
		Head: rga.Anchor{ID: rga.ID{Replica: 4, Seq: 300}, Bias: rga.Before},
		Tail: rga.Anchor{ID: rga.ID{Replica: 4, Seq: 290}, Bias: rga.Before}, Top: rga.Anchor{ID: rga.ID{Replica: 1, Seq: 2}},
		Saves: 2, AskSave: 1, Hash: 77, Typed: 12, SaveFails: 3, Problem: SaveFull,
	}
	if got, err := DecodeState(b); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("version 2: %+v, %v", got, err)
	}
	old := append([]byte{1}, b[1:len(b)-2]...)
	want.SaveFails, want.Problem = 0, SaveWorked
	if got, err := DecodeState(old); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("version 1: %+v, %v", got, err)
	}
	b[len(b)-1] = 99
	if got, err := DecodeState(b); err != nil || got.Problem != SaveOther {
		t.Errorf("a code of the future: problem %v, %v", got.Problem, err)
	}
}

// A participant of an earlier version reads what it knows of a state of this one.
func TestEarlierVersionsReadOn(t *testing.T) {
	s := State{Replica: 1, Name: "ann", Typed: 5}
	b := s.Encode()
	s.Says, s.Lines = "hello", 1
	later := s.Encode()
	if !bytes.HasPrefix(later[1:], b[1:len(b)-9]) {
		t.Errorf("the fields of version 3 do not stand behind those of version 2: %x and %x", b, later)
	}
	s.Sent = 7
	if newest := s.Encode(); !bytes.HasPrefix(newest, later[:len(later)-2]) {
		t.Errorf("the field of version 4 does not stand behind those of version 3: %x and %x", later, newest)
	}
}

// Everything at its greatest fits.
func TestGreatestState(t *testing.T) {
	far := rga.Anchor{ID: rga.ID{Replica: ^rga.ReplicaID(0), Seq: ^uint64(0)}, Bias: rga.Before}
	s := State{
		Replica: ^rga.ReplicaID(0), Stamp: ^uint64(0), Name: strings.Repeat("\U0001F600", MaxName), File: strings.Repeat("x", maxFile),
		Head: far, Tail: far, Top: far, Saves: ^uint64(0), AskSave: ^uint64(0), Hash: ^uint64(0), Typed: ^uint64(0),
		SaveFails: ^uint64(0), Rows: MaxRows, Says: strings.Repeat("\U0001F600", MaxChat), Lines: ^uint64(0), Calls: ^uint64(0),
		Follows: ^rga.ReplicaID(0), RTT: ^uint64(0), Sent: ^uint64(0), AskedAt: ^uint64(0),
	}
	for range MaxRanges {
		s.Ranges = append(s.Ranges, Range{far, far})
	}
	if got, err := DecodeState(s.Encode()); err != nil || !reflect.DeepEqual(got, s) {
		t.Errorf("%v: %d bytes", err, len(s.Encode()))
	}
	s.Ranges, s.Rows, s.Says = append(s.Ranges, Range{}), MaxRows+1, s.Says+"x"
	if got, err := DecodeState(s.Encode()); err != nil || len(got.Ranges) != MaxRanges || got.Rows != MaxRows || strings.HasSuffix(got.Says, "x") {
		t.Errorf("past the bounds: %v", err)
	}
}

// A peer need not have sanitised what it says.
func TestDecodeStateSanitizes(t *testing.T) {
	b := State{Replica: 1, Name: "aXb", File: "cXd", Says: "eXf"}.Encode()
	for i := range b {
		if b[i] == 'X' {
			b[i] = 0x1b
		}
	}
	if s, err := DecodeState(b); err != nil || s.Name != "ab" || s.File != "cd" || s.Says != "ef" {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestDecodeStateRefuses(t *testing.T) {
	good := State{Replica: 1, Name: "ann"}.Encode()
	for n := range len(good) {
		if _, err := DecodeState(good[:n]); err == nil {
			t.Errorf("accepted the first %d of %d bytes", n, len(good))
		}
	}
	for what, b := range map[string][]byte{
		"too long": append(good, make([]byte, MaxState)...), "version 0": append([]byte{0}, good[1:]...), "no replica": State{}.Encode(),
	} {
		if _, err := DecodeState(b); err == nil {
			t.Errorf("accepted: %s", what)
		}
	}
}

// canBeShown says what must hold for any name or file that a state gives.
func canBeShown(s string) bool {
	for _, r := range s {
		if !unicode.IsPrint(r) || unicode.Is(unicode.Cf, r) {
			return false
		}
	}
	return utf8.ValidString(s)
}

func FuzzDecodeState(f *testing.F) {
	f.Add(State{Replica: 1, Stamp: 2, Name: "ann", File: "a.go"}.Encode())
	f.Add(State{Replica: 1, Says: "hello", Lines: 1, Ranges: []Range{{}, {}}}.Encode())
	f.Add([]byte{1, 0, 0, 1, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := DecodeState(b)
		if err != nil {
			return
		}
		if !canBeShown(s.Says) || utf8.RuneCountInString(s.Says) > MaxChat || len(s.Ranges) > MaxRanges {
			t.Fatalf("says %+q, %d ranges", s.Says, len(s.Ranges))
		}
		if !canBeShown(s.Name) || !canBeShown(s.File) || s.Name == "" || utf8.RuneCountInString(s.Name) > MaxName {
			t.Fatalf("name %+q, file %+q", s.Name, s.File)
		}
		again, err := DecodeState(s.Encode())
		if err != nil || !reflect.DeepEqual(again, s) {
			t.Fatalf("%+v became %+v, %v", s, again, err)
		}
	})
}

func FuzzDecodeContributions(f *testing.F) {
	c := NewContributions()
	c.Add(3, 7)
	f.Add(c.Encode())
	f.Add([]byte{1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := DecodeContributions(b)
		if err != nil {
			return
		}
		again, err := DecodeContributions(c.Encode())
		if err != nil || !reflect.DeepEqual(again.counts, c.counts) {
			t.Fatalf("%v became %v, %v", c.counts, again, err)
		}
	})
}

func TestSanitizeName(t *testing.T) {
	for in, want := range map[string]string{
		"ann":                         "ann",
		"  Ann \t\n Lee ":             "Ann Lee",
		"":                            NoName,
		"\u200b\u202e\x1b":            NoName,
		"a\x1b[31mb":                  "a[31mb",
		"ro\u202eot":                  "root",
		"e\u0301va":                   "e\u0301va",
		"z\u0301\u0301\u0301\u0301go": "z\u0301\u0301go",
		"\u0301x":                     "x",
		"漢字かな":                        "漢字かな",
		"\xff\xfeok":                  "ok",
		strings.Repeat("é", 40):       strings.Repeat("é", 32),
		strings.Repeat("ab ", 40):     "ab ab ab ab ab ab ab ab ab ab ab",
		"a\u3164b\ufe0fc\U000e0041":   "abc",
		"a\u00a0\u2003b":              "a b",
	} {
		if got := SanitizeName(in); got != want {
			t.Errorf("SanitizeName(%+q) = %+q, want %+q", in, got, want)
		}
	}
}

func FuzzSanitizeName(f *testing.F) {
	f.Add("a\u202eb")
	f.Fuzz(func(t *testing.T, in string) {
		name := SanitizeName(in)
		if name == "" || !canBeShown(name) || utf8.RuneCountInString(name) > MaxName || SanitizeName(name) != name {
			t.Fatalf("%+q became %+q, then %+q", in, name, SanitizeName(name))
		}
	})
}

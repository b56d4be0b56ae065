package rga

import (
	"errors"
	"strings"
	"testing"
)

func TestEditErrors(t *testing.T) {
	for name, c := range map[string]struct {
		edits []Edit
		want  error
	}{
		"behind the end":         {[]Edit{{Offset: 10, Insert: "x"}}, ErrRange},
		"before the beginning":   {[]Edit{{Offset: -1, Insert: "x"}}, ErrRange},
		"too much deleted":       {[]Edit{{Offset: 6, Delete: 4}}, ErrRange},
		"less than nothing":      {[]Edit{{Offset: 6, Delete: -1}}, ErrRange},
		"wrapped around":         {[]Edit{{Offset: 1, Delete: 1<<63 - 1}}, ErrRange},
		"inside a rune":          {[]Edit{{Offset: 2, Insert: "x"}}, ErrRange},
		"from inside a rune":     {[]Edit{{Offset: 2, Delete: 1}}, ErrRange},
		"to inside a rune":       {[]Edit{{Offset: 1, Delete: 1}}, ErrRange},
		"rune of two spans":      {[]Edit{{Offset: 5, Delete: 1}}, ErrRange},
		"text is not UTF-8":      {[]Edit{{Offset: 1, Insert: "\xff"}}, ErrInvalid},
		"descending":             {[]Edit{{Offset: 3, Insert: "x"}, {Offset: 1, Insert: "x"}}, ErrRange},
		"overlapping":            {[]Edit{{Offset: 0, Delete: 3}, {Offset: 1, Insert: "x"}}, ErrRange},
		"the second one invalid": {[]Edit{{Offset: 0, Delete: 1}, {Offset: 2, Insert: "x"}}, ErrRange},
	} {
		t.Run(name, func(t *testing.T) {
			d := New(ann)
			mustEdit(t, d, Edit{Insert: "aéb世c"})
			mustEdit(t, d, Edit{Offset: 4, Insert: "é"}, Edit{Offset: 7, Delete: 1})
			if text(d) != "aébé世" {
				t.Fatalf("%q", text(d))
			}
			before := string(d.Encode())
			ticks, changes, err := d.Edit(1, c.edits...)
			if !errors.Is(err, c.want) || changes != nil || ticks != (Ticks{}) {
				t.Fatalf("%v, %v, %v", ticks, changes, err)
			}
			if string(d.Encode()) != before {
				t.Error("it changed something")
			}
			mustCheck(t, d)
		})
	}
}

func TestEmptyEdit(t *testing.T) {
	d := New(ann)
	mustEdit(t, d, Edit{Insert: "a"})
	before := string(d.Encode())
	ticks, changes, err := d.Edit(1e12, Edit{Offset: 1}, Edit{Offset: 1})
	if err != nil || ticks != (Ticks{1, 1}) || changes != nil || string(d.Encode()) != before {
		t.Errorf("%v, %v, %v", ticks, changes, err)
	}
}

func TestNewNeedsAnID(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("replica 0 was accepted")
		}
	}()
	New(0)
}

func TestLimits(t *testing.T) {
	d := New(ann)
	mustEdit(t, d, Edit{Insert: "abc"})
	more := forged(bob, 0, 0).item(kindInsert, 3).uvarint(0).text("xyz").sum()
	d.elements += MaxElements - 5
	if _, _, err := d.Edit(1, Edit{Insert: "xyz"}); !errors.Is(err, ErrLimit) {
		t.Errorf("edit: %v", err)
	}
	if _, err := d.Apply(more); !errors.Is(err, ErrLimit) {
		t.Errorf("apply: %v", err)
	}
	d.elements -= MaxElements - 5
	mustCheck(t, d)
	if _, err := d.Apply(more); err != nil || d.Len() != 6 {
		t.Errorf("a limit of this replica was held against the author: %v", err)
	}
	d.self.clock += MaxTicks - 5
	if _, _, err := d.Edit(1, Edit{Insert: "xyz"}); !errors.Is(err, ErrLimit) {
		t.Errorf("edit: %v", err)
	}
	if _, _, err := d.Invert(1, bob, Ticks{0, 3}); !errors.Is(err, ErrLimit) {
		t.Errorf("invert: %v", err)
	}
	d.self.clock += 2
	if _, err := d.SetMeta(1, "k", "v"); !errors.Is(err, ErrLimit) {
		t.Errorf("metadata: %v", err)
	}
	d.self.clock -= MaxTicks - 3
	mustCheck(t, d)
}

func TestCounterLimit(t *testing.T) {
	d := New(ann)
	mustEdit(t, d, Edit{Insert: "abc"})
	last := forged(bob, 0, 0).item(kindSet, 3).uvarint(1).uvarint(MaxCounter).id(1, ann).varint(0).sum()
	if _, err := d.Apply(last); err != nil || d.Len() != 0 {
		t.Fatalf("%d bytes, %v", d.Len(), err)
	}
	if ticks, _, err := d.Invert(1, bob, Ticks{0, 3}); err != nil || ticks.From != ticks.To {
		t.Errorf("%v, %v", ticks, err)
	}
	mustCheck(t, d)
}

func TestMeta(t *testing.T) {
	a, b := New(ann), New(bob)
	for name, kv := range map[string][2]string{
		"no key": {"", "v"}, "long key": {strings.Repeat("k", 65), ""}, "long value": {"k", strings.Repeat("v", 4097)},
		"key is not UTF-8": {"\xff", ""}, "value is not UTF-8": {"k", "\xff"},
	} {
		if _, err := a.SetMeta(1, kv[0], kv[1]); !errors.Is(err, ErrInvalid) || a.Clock() != 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	set := func(d *Doc, value string) {
		t.Helper()
		if _, err := d.SetMeta(1, "name", value); err != nil {
			t.Fatal(err)
		}
	}
	want := func(value string) {
		t.Helper()
		pass(t, a, b)
		pass(t, b, a)
		mustCheck(t, a, b)
		for _, d := range []*Doc{a, b} {
			if got, ok := d.Meta("name"); got != value || !ok {
				t.Errorf("%q, not %q", got, value)
			}
		}
		if string(a.Encode()) != string(b.Encode()) {
			t.Error("encodings differ")
		}
	}
	if _, ok := a.Meta("name"); ok {
		t.Error("never set")
	}
	set(a, "first")
	want("first")
	set(a, "ann's")
	set(b, "bob's")
	want("bob's") // at the same time: the greater replica
	mustEdit(t, b, Edit{Insert: "time goes on"})
	set(a, "ann's again")
	set(b, "late")
	want("late")
	set(a, "")
	want("")
}

func TestVersions(t *testing.T) {
	v := Version{1: 5, 2: 0}
	if !v.Equal(Version{1: 5}) || !v.Includes(Version{1: 4}) || v.Includes(Version{2: 1}) || v.Includes(Version{1: 6}) {
		t.Error(v)
	}
	c := v.Clone()
	c.Merge(Version{1: 3, 7: 9})
	if !c.Equal(Version{1: 5, 7: 9}) || !v.Equal(Version{1: 5}) {
		t.Error(c, v)
	}
	b := c.AppendBinary([]byte("+"))
	if string(b) != string(Version{7: 9, 1: 5, 3: 0}.AppendBinary([]byte("+"))) {
		t.Error("not canonical")
	}
	d, rest, err := DecodeVersion(append(b[1:], "rest"...))
	if err != nil || !d.Equal(c) || string(rest) != "rest" {
		t.Error(d, rest, err)
	}
	for i := range b[1:] {
		if _, _, err := DecodeVersion(b[1 : 1+i]); !errors.Is(err, ErrEncoding) {
			t.Errorf("first %d bytes: %v", i, err)
		}
	}
	for name, bad := range map[string]string{
		"twice":         "\x02" + "\x00\x00\x00\x00\x00\x00\x00\x01\x05" + "\x00\x00\x00\x00\x00\x00\x00\x01\x05",
		"out of order":  "\x02" + "\x00\x00\x00\x00\x00\x00\x00\x02\x05" + "\x00\x00\x00\x00\x00\x00\x00\x01\x05",
		"replica 0":     "\x01" + "\x00\x00\x00\x00\x00\x00\x00\x00\x05",
		"no ticks":      "\x01" + "\x00\x00\x00\x00\x00\x00\x00\x01\x00",
		"long uvarint":  "\x01" + "\x00\x00\x00\x00\x00\x00\x00\x01\x85\x00",
		"claims a lot":  "\xff\xff\xff\xff\x0f",
		"claims beyond": "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
	} {
		if _, _, err := DecodeVersion([]byte(bad)); !errors.Is(err, ErrEncoding) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

package main

import (
	"testing"
	"time"

	"coedit/rga"
)

func TestParseMoment(t *testing.T) {
	now := time.Date(2026, 3, 4, 15, 30, 0, 0, time.UTC)
	for _, c := range []struct {
		text string
		want moment
	}{
		{"0", moment{}},
		{"12", moment{number: 12}},
		{"10m", moment{at: now.Add(-10 * time.Minute)}},
		{"15:04", moment{at: time.Date(2026, 3, 4, 15, 4, 0, 0, time.UTC)}},
		{"15:04:05", moment{at: time.Date(2026, 3, 4, 15, 4, 5, 0, time.UTC)}},
		{"2025-12-31 23:59", moment{at: time.Date(2025, 12, 31, 23, 59, 0, 0, time.UTC)}},
		{"2025-12-31", moment{at: time.Date(2025, 12, 31, 0, 0, 0, 0, time.UTC)}},
		{"2025-12-31T23:59:01+08:00", moment{at: time.Date(2025, 12, 31, 15, 59, 1, 0, time.UTC)}},
	} {
		got, err := parseMoment(c.text, now)
		if err != nil || got.number != c.want.number || !got.at.Equal(c.want.at) {
			t.Errorf("%q is %+v, %v", c.text, got, err)
		}
	}
	for _, bad := range []string{"", "-1", "-5m", "noon", "25:00", "2026-02-30"} {
		if got, err := parseMoment(bad, now); err == nil {
			t.Errorf("%q is %+v", bad, got)
		}
	}
}

// TestVersions: two who type at the same time have a version each, until one pauses; each version's text can be had.
func TestVersions(t *testing.T) {
	ann, bob := rga.New(1), rga.New(2)
	second := int64(1000)
	exchange := func() {
		t.Helper()
		for _, p := range [][2]*rga.Doc{{ann, bob}, {bob, ann}} {
			if _, err := p[0].Merge(p[1].Encode()); err != nil {
				t.Fatal(err)
			}
		}
	}
	write := func(d *rga.Doc, at int64, text string) {
		t.Helper()
		if _, _, err := d.Edit(at*second, rga.Edit{Offset: d.Len(), Insert: text}); err != nil {
			t.Fatal(err)
		}
		exchange()
	}
	write(ann, 10, "a")
	write(bob, 20, "b")
	write(ann, 30, "a")
	write(bob, 40, "b")
	write(ann, 90, "c")
	write(ann, 200, "dd")
	if _, err := ann.SetMeta(300*second, "name", "x"); err != nil { // no version of the text
		t.Fatal(err)
	}
	h := history{doc: ann, pause: time.Minute}
	want := []struct {
		replica  rga.ReplicaID
		from, to int64
		inserted int
		text     string
	}{{2, 20, 40, 2, "abab"}, {1, 10, 90, 3, "ababc"}, {1, 200, 200, 2, "ababcdd"}}
	list := h.versions()
	if len(list) != len(want) {
		t.Fatalf("%d versions: %+v", len(list), list)
	}
	for i, w := range want {
		v := list[i]
		if v.replica != w.replica || v.from != w.from*second || v.to != w.to*second || v.inserted != w.inserted {
			t.Errorf("version %d: %+v", i+1, v)
		}
		past, err := ann.At(v.ticks)
		if err != nil || past.View().String() != w.text {
			t.Errorf("version %d: %v", i+1, err)
		}
	}
	for at, want := range map[int64]string{5: "", 10: "a", 35: "aba", 1000: "ababcdd"} {
		v, err := h.at(moment{at: time.UnixMilli(at * second)})
		if err != nil {
			t.Fatal(err)
		}
		if past, err := ann.At(v); err != nil || past.View().String() != want {
			t.Errorf("after %d s: %v", at, err)
		}
	}
}

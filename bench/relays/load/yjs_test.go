package main

import (
	"slices"
	"testing"
)

func TestCharactersOfAnUpdate(t *testing.T) {
	type at struct{ client, clock uint64 }
	for name, c := range map[string]struct {
		update []byte
		want   []at
	}{
		"the first":  {update(300, 0), []at{{300, 0}}},
		"a later":    {update(300, 129), []at{{300, 129}}},
		"cut short":  {update(300, 129)[:6], nil},
		"two in one": {[]byte{1, 2, 7, 5, contentString | hasOrigin, 7, 4, 2, 'x', 'x', contentString | hasOrigin | hasRight, 7, 6, 7, 9, 1, 'x', 0}, []at{{7, 5}, {7, 6}, {7, 7}}},
		"a gap":      {[]byte{1, 2, 7, 5, contentSkip, 3, contentString | hasOrigin, 7, 4, 1, 'x', 0}, []at{{7, 8}}},
	} {
		var got []at
		characters(c.update, func(client, clock uint64) { got = append(got, at{client, clock}) })
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestDialectsCarrySyncMessages(t *testing.T) {
	for name, d := range dialects {
		u := update(1, 0)
		m := d.wrap("room", append([]byte{kindSync, syncUpdate, byte(len(u))}, u...))
		kind, payload, ok := syncMessage(d.strip(m))
		if !ok || kind != syncUpdate || !slices.Equal(payload, u) {
			t.Errorf("%s: %d, %x, %t", name, kind, payload, ok)
		}
		if _, _, ok := syncMessage(d.strip(m[:3])); ok {
			t.Errorf("%s: half a message is read", name)
		}
	}
}

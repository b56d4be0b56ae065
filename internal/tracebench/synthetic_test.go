package tracebench

import (
	"compress/gzip"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// alphabet has characters of one to four bytes, one of two UTF-16 units, and a combining mark.
var alphabet = []rune("ab\néßж語한😀\u0301")

func randomText(rng *rand.Rand, n int) []rune {
	text := make([]rune, n)
	for i := range text {
		text[i] = alphabet[rng.IntN(len(alphabet))]
	}
	return text
}

// randomPatch makes a patch for a text and returns the text behind it.
func randomPatch(rng *rand.Rand, text []rune) ([]any, []rune) {
	pos := rng.IntN(len(text) + 1)
	deleted := min(rng.IntN(4), len(text)-pos)
	inserted := randomText(rng, rng.IntN(5))
	return []any{pos, deleted, string(inserted)}, slices.Concat(text[:pos], inserted, text[pos+deleted:])
}

// sequentialTrace makes a trace with transactions of several patches, empty ones among them.
func sequentialTrace(seed uint64, txns int) map[string]any {
	rng := rand.New(rand.NewPCG(seed, 1))
	text := randomText(rng, rng.IntN(20))
	start, list := string(text), []any{}
	for range txns {
		patches := []any{}
		for range rng.IntN(4) {
			var p []any
			p, text = randomPatch(rng, text)
			patches = append(patches, p)
		}
		list = append(list, map[string]any{"time": "2024-02-03T04:05:06.789Z", "patches": patches})
	}
	return map[string]any{"startContent": start, "endContent": string(text), "txns": list}
}

// concurrentTrace makes a trace of two agents, of whom one writes before a bar and the other behind it: so what their
// branches and merges end on is known without any CRDT.
func concurrentTrace(seed uint64, txns int) map[string]any {
	rng := rand.New(rand.NewPCG(seed, 2))
	var halves [2][]rune   // as their authors have them
	var known [2][2][]rune // what each agent knows of each half
	last := [2]int{0, 0}   // each author's last transaction
	seen := [2]int{0, 0}   // which transaction of the other each agent has merged
	list := []any{map[string]any{"parents": []int{}, "agent": 0, "time": "", "patches": []any{[]any{0, 0, "|"}}}}
	for len(list) < txns {
		a := rng.IntN(2)
		parents := []int{last[a]}
		if rng.IntN(3) == 0 {
			known[a][1-a], seen[a] = slices.Clone(halves[1-a]), last[1-a]
			if seen[a] != last[a] {
				parents = append(parents, seen[a])
			}
		}
		patches := []any{}
		for range 1 + rng.IntN(3) {
			p, text := randomPatch(rng, halves[a])
			if a == 1 {
				p[0] = p[0].(int) + len(known[1][0]) + 1
			}
			halves[a], known[a][a] = text, text
			patches = append(patches, p)
		}
		last[a] = len(list)
		list = append(list, map[string]any{"parents": parents, "agent": a, "time": "1970-01-01T00:00:00Z", "patches": patches})
	}
	end := string(halves[0]) + "|" + string(halves[1])
	return map[string]any{"kind": "concurrent", "numAgents": 2, "endContent": end, "txns": list}
}

// write puts a trace into a file, gzipped if its name ends so.
func write(t *testing.T, name string, trace any) string {
	t.Helper()
	b, err := json.Marshal(trace)
	if err != nil {
		t.Fatal(err)
	}
	return writeBytes(t, name, b)
}

func writeBytes(t *testing.T, name string, b []byte) string {
	t.Helper()
	if strings.HasSuffix(name, ".gz") {
		var packed strings.Builder
		z := gzip.NewWriter(&packed)
		if _, err := z.Write(b); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		b = []byte(packed.String())
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// prepared loads a trace's file and makes it ready.
func prepared(t testing.TB, path string) *Replay {
	t.Helper()
	trace, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Prepare(trace)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

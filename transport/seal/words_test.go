package seal

import (
	"slices"
	"strings"
	"testing"
)

func TestWordsAreEasyToTellApart(t *testing.T) {
	if len(words) != 256 || !slices.IsSorted(words) {
		t.Fatalf("%d words, sorted: %v", len(words), slices.IsSorted(words))
	}
	seen := map[string]string{}
	for _, w := range words {
		begin := w[:min(4, len(w))]
		if len(w) < 2 || len(w) > 8 || strings.Trim(w, "abcdefghijklmnopqrstuvwxyz") != "" {
			t.Errorf("%q is no short word", w)
		}
		if other := seen[begin]; other != "" {
			t.Errorf("%s and %s begin alike", other, w)
		}
		seen[begin] = w
	}
}

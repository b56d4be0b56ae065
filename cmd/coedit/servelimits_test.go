package main

import (
	"strings"
	"testing"

	"coedit/transport/relay"
)

// TestConnectionsFitTheOpenFiles: a relay never takes more than the system lets it have, and says so when somebody would wonder.
func TestConnectionsFitTheOpenFiles(t *testing.T) {
	for _, c := range []struct {
		asked int
		files uint64
		want  int
		warns bool
	}{
		{0, 0, 0, false},
		{0, 1 << 20, 0, false},
		{0, 20_000, 19_936, false},
		{0, 300, 236, true},
		{500, 1000, 500, false},
		{5000, 1000, 936, true},
		{0, 10, 1, true},
	} {
		config := relay.Config{MaxConns: c.asked}
		warning := fitOpenFiles(&config, c.files)
		if config.MaxConns != c.want || (warning != "") != c.warns || c.warns && !strings.Contains(warning, "ulimit -n") {
			t.Errorf("asked for %d with %d files: %d, %q", c.asked, c.files, config.MaxConns, warning)
		}
	}
}

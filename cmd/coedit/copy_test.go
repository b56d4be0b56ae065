package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// A peer chose the document's name: the copy stays in the folder, and its name is safe to print.
func TestCopyName(t *testing.T) {
	for name, want := range map[string]string{
		"main.go":                 "main.go",
		"":                        untitledName,
		"..":                      untitledName,
		"../../.ssh/config":       "config",
		`C:\windows\x.txt`:        "x.txt",
		"a\x1b]2;t\ab\u202e\xff":  "a_]2;t_b__",
		"日本.txt":                  "日本.txt",
		strings.Repeat("日", 1000): strings.Repeat("日", copyNameLimit/3),
		"/":                       untitledName,
	} {
		if got := copyName(name); got != want || !filepath.IsLocal(got+copySuffix) {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
}

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestGeneratedCodeIsCurrent makes the protocol's code again and compares.
func TestGeneratedCodeIsCurrent(t *testing.T) {
	const dir = "../../transport/wire"
	want, err := os.ReadFile(filepath.Join(dir, "coedit.pb.go"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir) // the name of the schema stands in the code
	out := filepath.Join(t.TempDir(), "out.go")
	if err := run("coedit.proto", out, "wire"); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("transport/wire/coedit.pb.go is not what coedit.proto makes: run make generate")
	}
}

func TestWhatIsNotUnderstoodIsRefused(t *testing.T) {
	for body, says := range map[string]string{
		"message M { float x = 1; }":                                           "float",
		"message M { repeated uint64 x = 1; }":                                 "repeated",
		"message M { map<uint64, uint64> x = 1; }":                             "no messages in messages",
		"message M { optional uint64 x = 1; }":                                 "oneof holds messages only",
		"message M { message N {} N n = 1; }":                                  "messages in messages",
		"message A {} message M { oneof a { A b = 1; } oneof c { A d = 2; } }": "oneof",
		"message M { oneof a { uint64 b = 1; } }":                              "oneof",
	} {
		file := filepath.Join(t.TempDir(), "x.proto")
		if err := os.WriteFile(file, []byte("syntax = \"proto3\";\npackage x;\n"+body+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := run(file, file+".go", "x"); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, which does not say %q", body, err, says)
		}
	}
}

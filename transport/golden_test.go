package transport

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	"coedit/internal/wireschema"
	"coedit/transport/wire"
)

// TestGoldenFrames: messages of every protocol version are kept as the bytes that
// programs of that version wrote (.bin), beside what they mean (.txt, in the text form
// of protobuf; client_ and relay_ say who sent it). Neither ever changes; a new message is a new pair. After
// adding a .txt, run with COEDIT_UPDATE_GOLDEN=1 to write the .bin it lacks.
func TestGoldenFrames(t *testing.T) {
	texts, err := filepath.Glob("testdata/golden/v*/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	bins, err := filepath.Glob("testdata/golden/v*/*.bin")
	if err != nil {
		t.Fatal(err)
	}
	seen, schema := map[string]bool{}, wireschema.Load(t, "wire/coedit.proto")
	for _, text := range texts {
		t.Run(strings.TrimSuffix(filepath.Base(text), ".txt"), func(t *testing.T) { checkGolden(t, schema, text, seen) })
	}
	if len(bins) != len(texts) {
		t.Errorf("%d texts and %d binaries", len(texts), len(bins))
	}
	for _, m := range []proto.Message{schema.New("ClientFrame"), schema.New("RelayFrame")} {
		kinds := m.ProtoReflect().Descriptor().Oneofs().Get(0).Fields()
		for i := range kinds.Len() {
			if name := string(m.ProtoReflect().Descriptor().Name()) + "." + string(kinds.Get(i).Name()); !seen[name] {
				t.Errorf("no golden frame of kind %s", name)
			}
		}
	}
}

func checkGolden(t *testing.T, schema wireschema.Schema, path string, seen map[string]bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want, again := schema.New("ClientFrame"), schema.New("ClientFrame")
	var got wire.Message = new(wire.ClientFrame)
	if strings.HasPrefix(filepath.Base(path), "relay_") {
		want, again, got = schema.New("RelayFrame"), schema.New("RelayFrame"), new(wire.RelayFrame)
	}
	if err := prototext.Unmarshal(text, want); err != nil {
		t.Fatal(err)
	}
	r := want.ProtoReflect()
	kind := r.WhichOneof(r.Descriptor().Oneofs().Get(0))
	seen[string(r.Descriptor().Name())+"."+string(kind.Name())] = true
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	bin := strings.TrimSuffix(path, ".txt") + ".bin"
	kept, err := os.ReadFile(bin)
	if os.IsNotExist(err) && os.Getenv("COEDIT_UPDATE_GOLDEN") == "1" {
		kept, err = encoded, os.WriteFile(bin, encoded, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(encoded, kept) {
		t.Errorf("the message is written as\n%x\nwas\n%x", encoded, kept)
	}
	if err := wire.Unmarshal(kept, got); err != nil {
		t.Fatal(err)
	}
	written := wire.Marshal(got)
	if err := proto.Unmarshal(written, again); err != nil || !proto.Equal(again, want) || !bytes.Equal(written, kept) {
		t.Errorf("the bytes are read and written as %x (%v), want %v", written, err, want)
	}
}

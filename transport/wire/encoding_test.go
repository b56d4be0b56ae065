package wire_test

import (
	"bytes"
	"errors"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"pgregory.net/rapid"

	"coedit/internal/wireschema"
	"coedit/transport/wire"
)

// sides are the messages that travel.
var sides = map[string]func() wire.Message{
	"ClientFrame": func() wire.Message { return new(wire.ClientFrame) },
	"RelayFrame":  func() wire.Message { return new(wire.RelayFrame) },
}

// TestMeansWhatTheRuntimeMeans draws messages by the schema, fields that nobody knows included, and goes from the usual
// runtime through this package and back.
func TestMeansWhatTheRuntimeMeans(t *testing.T) {
	schema := wireschema.Load(t, "coedit.proto")
	for name, fresh := range sides {
		rapid.Check(t, func(t *rapid.T) {
			want := schema.New(name)
			draw(t, want)
			b, err := proto.MarshalOptions{Deterministic: true}.Marshal(want)
			if err != nil {
				t.Fatal(err)
			}
			m := fresh()
			if err := wire.Unmarshal(b, m); err != nil {
				t.Fatalf("%x: %v", b, err)
			}
			got := wire.Marshal(m)
			if !bytes.Equal(got, b) || m.EncodedSize() != len(b) {
				t.Fatalf("%v\nis written as %x\nand read and written as %x, of %d bytes as it says", want, b, got, m.EncodedSize())
			}
		})
	}
}

// draw fills a message.
func draw(t *rapid.T, m protoreflect.Message) {
	fields := m.Descriptor().Fields()
	if m.Descriptor().Oneofs().Len() > 0 {
		f := fields.Get(rapid.IntRange(0, fields.Len()-1).Draw(t, "kind"))
		draw(t, m.Mutable(f).Message())
		return
	}
	for i := range fields.Len() {
		f := fields.Get(i)
		switch {
		case !rapid.Bool().Draw(t, "set"):
		case f.IsList():
			for range rapid.IntRange(0, 3).Draw(t, "elements") {
				draw(t, m.Mutable(f).List().AppendMutable().Message())
			}
		case f.Kind() == protoreflect.MessageKind:
			draw(t, m.Mutable(f).Message())
		default:
			m.Set(f, value(t, f))
		}
	}
	if rapid.IntRange(0, 9).Draw(t, "unknown") == 0 {
		m.SetUnknown(protowire.AppendVarint(protowire.AppendTag(nil, 999, protowire.VarintType), 7))
	}
}

func value(t *rapid.T, f protoreflect.FieldDescriptor) protoreflect.Value {
	switch f.Kind() {
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(true)
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(rapid.Int64().Draw(t, "int64"))
	case protoreflect.Uint32Kind:
		return protoreflect.ValueOfUint32(rapid.Uint32().Draw(t, "uint32"))
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(rapid.String().Draw(t, "string"))
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(rapid.Int32().Draw(t, "enum")))
	default:
		return protoreflect.ValueOfUint64(rapid.Uint64().Draw(t, "uint64"))
	}
}

// FuzzUnmarshal: any bytes are read as the usual runtime reads them, or refused as it does.
func FuzzUnmarshal(f *testing.F) {
	schema := wireschema.Load(f, "coedit.proto")
	f.Add([]byte{})
	f.Add(wire.Marshal(&wire.RelayFrame{Kind: &wire.RelayFrame_Deliver{Deliver: &wire.Deliver{
		After: 1, Frames: []*wire.Frame{{Number: 2, Replica: 3, Counter: 4, Target: "t", Payload: []byte("p"), Unknown: []byte{0xf8, 0x07, 1}}},
	}}}))
	f.Add(wire.Marshal(&wire.ClientFrame{Kind: &wire.ClientFrame_Hello{Hello: &wire.Hello{Room: "r", Resume: &wire.Cursor{Number: 1}}}}))
	f.Add([]byte{0x0a, 2, 8, 1, 0x0a, 2, 0x10, 2}) // one message in two parts
	f.Add([]byte{0x08, 1})                         // a number where a message is expected
	f.Add([]byte{0x0b, 0x0c})                      // a group
	f.Add([]byte("\xf0\x89\xf1\xff00"))            // a field number over the largest
	f.Fuzz(func(t *testing.T, b []byte) {
		for name, fresh := range sides {
			m, want := fresh(), schema.New(name)
			err, wantErr := wire.Unmarshal(b, m), proto.Unmarshal(b, want)
			if repeated := err != nil && wantErr == nil; repeated && len(b) > wire.MaxRepeated {
				continue
			}
			if (err == nil) != (wantErr == nil) {
				t.Fatalf("%s %x: %v, the runtime says %v", name, b, err, wantErr)
			}
			if err != nil {
				if !errors.Is(err, wire.ErrEncoding) {
					t.Fatalf("%v does not wrap ErrEncoding", err)
				}
				continue
			}
			again := schema.New(name)
			if err := proto.Unmarshal(wire.Marshal(m), again); err != nil || !proto.Equal(again, want) {
				t.Fatalf("%s %x: read and written as %v (%v), want %v", name, b, again, err, want)
			}
		}
	})
}

func TestRepeatedMessagesAreBounded(t *testing.T) {
	deliver := func(n int) []byte {
		inner := bytes.Repeat([]byte{0x12, 0}, n)
		return protowire.AppendBytes(protowire.AppendTag(nil, 2, protowire.BytesType), inner)
	}
	var f wire.RelayFrame
	if err := wire.Unmarshal(deliver(wire.MaxRepeated), &f); err != nil || len(f.GetDeliver().GetFrames()) != wire.MaxRepeated {
		t.Errorf("%d frames, %v", len(f.GetDeliver().GetFrames()), err)
	}
	if err := wire.Unmarshal(deliver(wire.MaxRepeated+1), new(wire.RelayFrame)); !errors.Is(err, wire.ErrEncoding) {
		t.Errorf("one more: %v", err)
	}
}

func TestStringsAreUTF8(t *testing.T) {
	b := wire.Marshal(&wire.RelayFrame{Kind: &wire.RelayFrame_Goodbye{Goodbye: &wire.Goodbye{Text: "a\xffb"}}})
	var f wire.RelayFrame
	if err := wire.Unmarshal(b, &f); err != nil || f.GetGoodbye().GetText() != "a\uFFFDb" {
		t.Errorf("%q, %v", f.GetGoodbye().GetText(), err)
	}
}

func TestNamesOfEnums(t *testing.T) {
	if got := wire.Goodbye_SHUTDOWN.String() + wire.Goodbye_Code(99).String() + wire.Class_CLASS_EDIT.String(); got != "SHUTDOWN99CLASS_EDIT" {
		t.Error(got)
	}
}

// BenchmarkDeliver writes and reads one delivered keystroke.
func BenchmarkDeliver(b *testing.B) {
	f := &wire.RelayFrame{Kind: &wire.RelayFrame_Deliver{Deliver: &wire.Deliver{After: 9_000, Frames: []*wire.Frame{
		{Number: 9_001, Replica: 1 << 60, Counter: 500, Class: wire.Class_CLASS_EDIT, Payload: make([]byte, 120)},
	}}}}
	encoded := wire.Marshal(f)
	b.Run("write", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			wire.Marshal(f)
		}
	})
	b.Run("read", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := wire.Unmarshal(encoded, new(wire.RelayFrame)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// Package wireschema lets tests look at the protocol's schema with the usual protobuf runtime, which the program itself does
// without: messages by their names, their text form, and what that runtime makes of bytes. Tests only.
package wireschema

import (
	"context"
	"testing"

	"github.com/bufbuild/protocompile"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

// Schema is coedit.proto.
type Schema struct{ file protoreflect.FileDescriptor }

// Load reads the schema; path is where coedit.proto lies.
func Load(t testing.TB, path string) Schema {
	t.Helper()
	c := protocompile.Compiler{Resolver: &protocompile.SourceResolver{}}
	files, err := c.Compile(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	return Schema{files[0]}
}

// New is an empty message of a name, such as "ClientFrame".
func (s Schema) New(name string) *dynamicpb.Message {
	return dynamicpb.NewMessage(s.file.Messages().ByName(protoreflect.Name(name)))
}

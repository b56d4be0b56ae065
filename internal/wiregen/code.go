package main

import (
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// tag is a field's key as it is written.
func tag(f protoreflect.FieldDescriptor) uint64 { return protowire.EncodeTag(f.Number(), wireType(f)) }

func wireType(f protoreflect.FieldDescriptor) protowire.Type {
	switch f.Kind() {
	case protoreflect.Fixed64Kind:
		return protowire.Fixed64Type
	case protoreflect.StringKind, protoreflect.BytesKind, protoreflect.MessageKind:
		return protowire.BytesType
	default:
		return protowire.VarintType
	}
}

func (g *generator) size(m protoreflect.MessageDescriptor) {
	g.line("")
	g.line("// EncodedSize is the number of bytes that AppendTo writes.")
	g.line("func (m *%s) EncodedSize() (n int) {", typeName(m))
	g.line("if m == nil { return 0 }")
	if m.Oneofs().Len() == 1 {
		g.eachKind(m, func(f protoreflect.FieldDescriptor, k string) {
			g.line("n += %d + protowire.SizeBytes(%s.EncodedSize())", protowire.SizeTag(f.Number()), k)
		})
	}
	for _, f := range plainFields(m) {
		g.sizeField(f)
	}
	g.line("return n + len(m.Unknown)")
	g.line("}")
}

func (g *generator) sizeField(f protoreflect.FieldDescriptor) {
	name, key := camel(f.Name()), protowire.SizeTag(f.Number())
	switch {
	case f.IsList():
		g.line("for _, e := range m.%s { n += %d + protowire.SizeBytes(e.EncodedSize()) }", name, key)
	case f.Kind() == protoreflect.MessageKind:
		g.line("if m.%s != nil { n += %d + protowire.SizeBytes(m.%s.EncodedSize()) }", name, key, name)
	case f.Kind() == protoreflect.StringKind:
		g.line("if s := valid(m.%s); s != \"\" { n += %d + protowire.SizeBytes(len(s)) }", name, key)
	case f.Kind() == protoreflect.BytesKind:
		g.line("if len(m.%s) > 0 { n += %d + protowire.SizeBytes(len(m.%s)) }", name, key, name)
	case f.Kind() == protoreflect.BoolKind:
		g.line("if m.%s { n += %d }", name, key+1)
	case f.Kind() == protoreflect.Fixed64Kind:
		g.line("if m.%s != 0 { n += %d }", name, key+8)
	default:
		g.line("if m.%s != 0 { n += %d + protowire.SizeVarint(uint64(m.%s)) }", name, key, name)
	}
}

func (g *generator) append(m protoreflect.MessageDescriptor) {
	g.line("")
	g.line("// AppendTo writes the message behind b, fields in ascending order.")
	g.line("func (m *%s) AppendTo(b []byte) []byte {", typeName(m))
	g.line("if m == nil { return b }")
	if m.Oneofs().Len() == 1 {
		g.eachKind(m, func(f protoreflect.FieldDescriptor, k string) {
			g.line("b = protowire.AppendVarint(b, %d)", tag(f))
			g.line("b = protowire.AppendVarint(b, uint64(%s.EncodedSize()))", k)
			g.line("b = %s.AppendTo(b)", k)
		})
	}
	for _, f := range plainFields(m) {
		g.appendField(f)
	}
	g.line("return append(b, m.Unknown...)")
	g.line("}")
}

func (g *generator) appendField(f protoreflect.FieldDescriptor) {
	name, key := camel(f.Name()), tag(f)
	switch {
	case f.IsList():
		g.line("for _, e := range m.%s {", name)
		g.line("b = protowire.AppendVarint(b, %d)", key)
		g.line("b = protowire.AppendVarint(b, uint64(e.EncodedSize()))")
		g.line("b = e.AppendTo(b)")
		g.line("}")
	case f.Kind() == protoreflect.MessageKind:
		g.line("if m.%s != nil {", name)
		g.line("b = protowire.AppendVarint(b, %d)", key)
		g.line("b = protowire.AppendVarint(b, uint64(m.%s.EncodedSize()))", name)
		g.line("b = m.%s.AppendTo(b)", name)
		g.line("}")
	case f.Kind() == protoreflect.StringKind:
		g.line("if s := valid(m.%s); s != \"\" {", name)
		g.line("b = protowire.AppendString(protowire.AppendVarint(b, %d), s)", key)
		g.line("}")
	case f.Kind() == protoreflect.BytesKind:
		g.line("if len(m.%s) > 0 {", name)
		g.line("b = protowire.AppendBytes(protowire.AppendVarint(b, %d), m.%s)", key, name)
		g.line("}")
	case f.Kind() == protoreflect.BoolKind:
		g.line("if m.%s { b = append(protowire.AppendVarint(b, %d), 1) }", name, key)
	case f.Kind() == protoreflect.Fixed64Kind:
		g.line("if m.%s != 0 {", name)
		g.line("b = protowire.AppendFixed64(protowire.AppendVarint(b, %d), m.%s)", key, name)
		g.line("}")
	default:
		g.line("if m.%s != 0 {", name)
		g.line("b = protowire.AppendVarint(protowire.AppendVarint(b, %d), uint64(m.%s))", key, name)
		g.line("}")
	}
}

// eachKind writes a switch over the kinds of a oneof; k names the kind's message.
func (g *generator) eachKind(m protoreflect.MessageDescriptor, do func(f protoreflect.FieldDescriptor, k string)) {
	o := m.Oneofs().Get(0)
	g.line("switch k := m.%s.(type) {", camel(o.Name()))
	for i := range o.Fields().Len() {
		f := o.Fields().Get(i)
		g.line("case *%s_%s:", typeName(m), camel(f.Name()))
		do(f, "k."+camel(f.Name()))
	}
	g.line("}")
}

func (g *generator) parse(m protoreflect.MessageDescriptor) {
	name := typeName(m)
	g.line("")
	g.line("// MergeFrom reads b over what is in m, as package wire's documentation says.")
	g.line("func (m *%s) MergeFrom(b []byte) error {", name)
	if m.Fields().Len() == 0 {
		g.line("return fields(b, func(field) (bool, error) { return false, nil }, &m.Unknown)")
		g.line("}")
		return
	}
	g.line("return fields(b, func(f field) (known bool, err error) {")
	g.line("switch f.key {")
	for i := range m.Fields().Len() {
		f := m.Fields().Get(i)
		g.line("case %d:", tag(f))
		g.parseField(name, f)
	}
	g.line("default:")
	g.line("return false, nil")
	g.line("}")
	g.line("return true, err")
	g.line("}, &m.Unknown)")
	g.line("}")
}

func (g *generator) parseField(message string, f protoreflect.FieldDescriptor) {
	name := camel(f.Name())
	typ, _ := goType(f)
	switch {
	case f.ContainingOneof() != nil:
		g.line("k := m.Get%s()", name)
		g.line("if k == nil { k = new(%s) }", typeName(f.Message()))
		g.line("m.%s = &%s_%s{k}", camel(f.ContainingOneof().Name()), message, name)
		g.line("err = k.MergeFrom(f.bytes)")
	case f.IsList():
		g.line("if len(m.%s) >= MaxRepeated { return true, errRepeated }", name)
		g.line("e := new(%s)", typeName(f.Message()))
		g.line("m.%s = append(m.%s, e)", name, name)
		g.line("err = e.MergeFrom(f.bytes)")
	case f.Kind() == protoreflect.MessageKind:
		g.line("if m.%s == nil { m.%s = new(%s) }", name, name, typeName(f.Message()))
		g.line("err = m.%s.MergeFrom(f.bytes)", name)
	case f.Kind() == protoreflect.StringKind:
		g.line("m.%s, err = text(f.bytes)", name)
	case f.Kind() == protoreflect.BytesKind:
		g.line("m.%s = f.bytes", name)
	case f.Kind() == protoreflect.BoolKind:
		g.line("m.%s = f.value != 0", name)
	case f.Kind() == protoreflect.Uint64Kind || f.Kind() == protoreflect.Fixed64Kind:
		g.line("m.%s = f.value", name)
	default:
		g.line("m.%s = %s(f.value)", name, typ)
	}
}

package main

import (
	"fmt"

	"google.golang.org/protobuf/reflect/protoreflect"
)

func (g *generator) enums(all protoreflect.EnumDescriptors) {
	for i := range all.Len() {
		e := all.Get(i)
		name := typeName(e)
		g.line("")
		g.line("type %s int32", name)
		g.line("")
		g.line("const (")
		values := e.Values()
		for j := range values.Len() {
			v := values.Get(j)
			g.line("%s %s = %d %s", valueName(v), name, v.Number(), trailing(v))
		}
		g.line(")")
		g.line("")
		g.line("// String is the value's name in the schema, or its number.")
		g.line("func (x %s) String() string {", name)
		g.line("switch x {")
		for j := range values.Len() {
			g.line("case %s: return %q", valueName(values.Get(j)), values.Get(j).Name())
		}
		g.line("}")
		g.line("return number(int32(x))")
		g.line("}")
	}
}

// message writes one message: its struct, its oneof, its getters, and its code.
func (g *generator) message(m protoreflect.MessageDescriptor) error {
	if m.Oneofs().Len() > 1 || m.Messages().Len() > 0 {
		return fmt.Errorf("%s: one oneof in a message, and no messages in messages", m.FullName())
	}
	if m.Oneofs().Len() == 1 {
		for i := range m.Oneofs().Get(0).Fields().Len() {
			if f := m.Oneofs().Get(0).Fields().Get(i); f.Kind() != protoreflect.MessageKind {
				return fmt.Errorf("%s: a oneof holds messages only", f.FullName())
			}
		}
	}
	name := typeName(m)
	g.line("")
	g.comment(m)
	g.line("type %s struct {", name)
	if m.Oneofs().Len() == 1 {
		g.line("%s is%s_%s // a pointer to one of the types below, or nil", camel(m.Oneofs().Get(0).Name()), name, camel(m.Oneofs().Get(0).Name()))
	}
	for _, f := range plainFields(m) {
		typ, err := goType(f)
		if err != nil {
			return err
		}
		g.line("%s %s %s", camel(f.Name()), typ, trailing(f))
	}
	g.line("Unknown []byte // fields of a later version, as they came")
	g.line("}")
	if m.Oneofs().Len() == 1 {
		g.oneof(m, m.Oneofs().Get(0))
	}
	for _, f := range plainFields(m) {
		g.getter(name, f)
	}
	g.size(m)
	g.append(m)
	g.parse(m)
	return nil
}

func plainFields(m protoreflect.MessageDescriptor) (fields []protoreflect.FieldDescriptor) {
	for i := range m.Fields().Len() {
		if f := m.Fields().Get(i); f.ContainingOneof() == nil {
			fields = append(fields, f)
		}
	}
	return fields
}

func (g *generator) oneof(m protoreflect.MessageDescriptor, o protoreflect.OneofDescriptor) {
	name, field := typeName(m), camel(o.Name())
	g.line("")
	g.line("type is%s_%s interface{ is%s_%s() }", name, field, name, field)
	g.line("")
	g.line("// The kinds of a %s.", name)
	g.line("type (")
	for i := range o.Fields().Len() {
		f := o.Fields().Get(i)
		g.line("%s_%s struct{ %s *%s } %s", name, camel(f.Name()), camel(f.Name()), typeName(f.Message()), trailing(f))
	}
	g.line(")")
	g.line("")
	for i := range o.Fields().Len() {
		g.line("func (*%s_%s) is%s_%s() {}", name, camel(o.Fields().Get(i).Name()), name, field)
	}
	g.line("")
	g.line("// Get%s is the kind; nil for none that this version knows.", field)
	g.line("func (m *%s) Get%s() is%s_%s {", name, field, name, field)
	g.line("if m == nil { return nil }")
	g.line("return m.%s", field)
	g.line("}")
	for i := range o.Fields().Len() {
		f := camel(o.Fields().Get(i).Name())
		g.line("")
		g.line("// Get%s is nil for another kind.", f)
		g.line("func (m *%s) Get%s() *%s {", name, f, typeName(o.Fields().Get(i).Message()))
		g.line("if k, ok := m.Get%s().(*%s_%s); ok { return k.%s }", field, name, f, f)
		g.line("return nil")
		g.line("}")
	}
}

func (g *generator) getter(message string, f protoreflect.FieldDescriptor) {
	typ, _ := goType(f)
	name := camel(f.Name())
	g.line("")
	g.line("func (m *%s) Get%s() (v %s) {", message, name, typ)
	g.line("if m != nil { v = m.%s }", name)
	g.line("return v")
	g.line("}")
}

func goType(f protoreflect.FieldDescriptor) (string, error) {
	if f.IsList() && f.Kind() != protoreflect.MessageKind || f.IsMap() || f.HasOptionalKeyword() {
		return "", fmt.Errorf("%s: repeated messages only, no maps, nothing optional", f.FullName())
	}
	switch f.Kind() {
	case protoreflect.BoolKind:
		return "bool", nil
	case protoreflect.Int64Kind:
		return "int64", nil
	case protoreflect.Uint32Kind:
		return "uint32", nil
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return "uint64", nil
	case protoreflect.StringKind:
		return "string", nil
	case protoreflect.BytesKind:
		return "[]byte", nil
	case protoreflect.EnumKind:
		return typeName(f.Enum()), nil
	case protoreflect.MessageKind:
		if f.IsList() {
			return "[]*" + typeName(f.Message()), nil
		}
		return "*" + typeName(f.Message()), nil
	}
	return "", fmt.Errorf("%s: fields of type %v are not understood", f.FullName(), f.Kind())
}

package main

import (
	"strings"
	"unicode"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// camel is a field's or a oneof's Go name.
func camel(name protoreflect.Name) string {
	var b strings.Builder
	up := true
	for _, r := range string(name) {
		if r == '_' {
			up = true
			continue
		}
		if up {
			r = unicode.ToUpper(r)
		}
		up = false
		b.WriteRune(r)
	}
	return b.String()
}

// typeName is a message's or an enum's Go name: nested ones stand behind their parent's.
func typeName(d protoreflect.Descriptor) string {
	if parent, ok := d.Parent().(protoreflect.MessageDescriptor); ok {
		return typeName(parent) + "_" + string(d.Name())
	}
	return string(d.Name())
}

// valueName is the Go name of an enum's value.
func valueName(v protoreflect.EnumValueDescriptor) string {
	enum := v.Parent()
	if parent, ok := enum.Parent().(protoreflect.MessageDescriptor); ok {
		return typeName(parent) + "_" + string(v.Name())
	}
	return string(enum.Name()) + "_" + string(v.Name())
}

// comment writes what stands before a declaration in the schema.
func (g *generator) comment(d protoreflect.Descriptor) {
	text := strings.TrimRight(d.ParentFile().SourceLocations().ByDescriptor(d).LeadingComments, "\n ")
	if text == "" {
		return
	}
	for l := range strings.SplitSeq(text, "\n") {
		g.line("//%s", strings.TrimRight(l, " "))
	}
}

// trailing is what stands behind a declaration on its line, as a Go comment.
func trailing(d protoreflect.Descriptor) string {
	text := strings.TrimSpace(d.ParentFile().SourceLocations().ByDescriptor(d).TrailingComments)
	if text == "" || strings.Contains(text, "\n") {
		return ""
	}
	return "// " + text
}

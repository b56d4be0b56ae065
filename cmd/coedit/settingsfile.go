package main

import (
	"errors"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// settingLine is one setting of a file.
type settingLine struct {
	section, name, value string
	line                 int // from 1
}

// readSettings reads a file of settings: TOML, of which it understands strings, booleans and numbers. The library's parser is used
// without its decoder, which tells no lines of values, and is three times as large.
func readSettings(path string, text []byte) ([]settingLine, error) {
	var lines []settingLine
	section := ""
	seen := map[string]int{}
	var p unstable.Parser
	p.Reset(text)
	for p.NextExpression() {
		node := p.Expression()
		name, line := nameOf(&p, node)
		switch node.Kind {
		case unstable.Table:
			section = name
			if section != "keys" {
				return nil, settingsError(path, line, "there is no section ["+name+"]")
			}
		case unstable.KeyValue:
			value := node.Value()
			switch value.Kind {
			case unstable.String, unstable.Bool, unstable.Integer:
			default:
				return nil, settingsError(path, line, name+": it takes a string, a number, true or false")
			}
			if seen[section+"."+name] > 0 {
				return nil, settingsError(path, line, name+" is set twice")
			}
			seen[section+"."+name] = line
			lines = append(lines, settingLine{section, name, string(value.Data), line})
		default:
			return nil, settingsError(path, line, "there is no section ["+name+"]")
		}
	}
	if err := p.Error(); err != nil {
		line := 0
		if wrong, ok := errors.AsType[*unstable.ParserError](err); ok {
			line = p.Shape(p.Range(wrong.Highlight)).Start.Line
		}
		return nil, settingsError(path, line, err.Error())
	}
	return lines, nil
}

// nameOf is the key of an expression and its line.
func nameOf(p *unstable.Parser, node *unstable.Node) (name string, line int) {
	if node.Kind != unstable.KeyValue && node.Kind != unstable.Table && node.Kind != unstable.ArrayTable {
		return "", 0
	}
	var parts []string
	for key := node.Key(); key.Next(); {
		parts = append(parts, string(key.Node().Data))
		line = p.Shape(key.Node().Raw).Start.Line
	}
	return strings.Join(parts, "."), line
}

func settingsError(path string, line int, what string) error {
	return usageError("correct it, or see `coedit config`", "%s, line %d: %s", path, line, what)
}

package demo

import _ "embed"

// SampleName is the name of the built-in source file.
const SampleName = "words.go"

//go:embed sample/words.go.txt
var sample []byte

// Sample returns the source file that the partners know how to work on: a small Go program.
func Sample() []byte { return append([]byte(nil), sample...) }

package editor

import (
	"path/filepath"
	"strings"
)

// Language is what editing needs to know of a kind of file.
type Language struct {
	Line        string // begins a comment that ends with the line; empty: there is none
	Open, Close string // around a comment; empty: there is none
	Indent      string // one level of indentation, if the file does not show it
}

// The usual forms.
var (
	slashes = Language{Line: "//", Open: "/*", Close: "*/"}
	hash    = Language{Line: "#"}
	dashes  = Language{Line: "--"}
	semi    = Language{Line: ";"}
	percent = Language{Line: "%"}
	markup  = Language{Open: "<!--", Close: "-->", Indent: "  "}
)

func (l Language) indented(unit string) Language {
	l.Indent = unit
	return l
}

// languages by the end of a file's name, behind the last dot.
var languages = map[string]Language{}

// languageNames are files known by their whole name.
var languageNames = map[string]Language{
	"Makefile": hash.indented("\t"), "GNUmakefile": hash.indented("\t"), "Dockerfile": hash, "Containerfile": hash,
	"CMakeLists.txt": hash, ".gitignore": hash, ".gitattributes": hash, ".bashrc": hash, ".profile": hash, ".zshrc": hash,
	"go.mod": {Line: "//", Indent: "\t"}, "go.work": {Line: "//", Indent: "\t"}, ".vimrc": {Line: "\""},
}

func init() {
	for ends, l := range map[string]Language{
		"go":                              slashes.indented("\t"),
		"c h cc cpp cxx hpp hh m mm java": slashes,
		"cs swift kt kts scala groovy gradle rs zig d":   slashes,
		"js mjs cjs jsx ts tsx mts cts json jsonc json5": slashes.indented("  "),
		"dart proto scss less php sol v sv glsl wgsl":    slashes.indented("  "),
		"css": {Open: "/*", Close: "*/", Indent: "  "},
		"py pyi pyx sh bash zsh fish pl pm r jl nim": hash,
		"rb yaml yml ex exs cr":                      hash.indented("  "),
		"toml ini cfg conf properties env tf hcl":    hash,
		"nix dockerfile cmake awk sed tcl ps1 gd":    hash,
		"mk mak":                                   hash.indented("\t"),
		"sql lua hs elm adb ads vhd vhdl":          dashes,
		"lisp lsp el scm ss rkt clj cljs asm s":    semi.indented("  "),
		"tex sty cls bib erl hrl prolog":           percent.indented("  "),
		"html htm xhtml xml svg vue svelte md xsl": markup,
		"ml mli fs fsi pas":                        {Open: "(*", Close: "*)", Indent: "  "},
		"f90 f95 f03 f08":                          {Line: "!"},
		"vim":                                      {Line: "\"", Indent: "  "},
		"bat cmd":                                  {Line: "REM"},
	} {
		for end := range strings.FieldsSeq(ends) {
			languages[end] = l
		}
	}
}

// LanguageOf tells the language of a file by its name; the zero Language where it is not known.
func LanguageOf(name string) Language {
	base := filepath.Base(name)
	if l, ok := languageNames[base]; ok {
		return l
	}
	return languages[strings.ToLower(strings.TrimPrefix(filepath.Ext(base), "."))]
}

package syntax

import "strings"

// languages are all that are known; byName finds one by a file's name or by its extension with the dot.
var (
	languages []*Language
	byName    = map[string]*Language{}
)

// add names a language and its files.
func add(name, files string, lex func(*line)) {
	g := &Language{name, lex}
	languages = append(languages, g)
	for f := range strings.FieldsSeq(files) {
		byName[f] = g
	}
}

// words makes a table of words; later lists win.
func words(lists map[Kind]string) map[string]Kind {
	out := map[string]Kind{}
	for k, list := range lists {
		for w := range strings.FieldsSeq(list) {
			out[w] = k
		}
	}
	return out
}

var (
	doubleQuote = quote{open: `"`, close: `"`}
	singleQuote = quote{open: `'`, close: `'`}
	character   = quote{open: `'`, close: `'`, char: true}
)

// cLike describes languages with the comments and strings of C.
func cLike(c code) code {
	c.lineComments, c.open, c.close = []string{"//"}, "/*", "*/"
	if c.quotes == nil {
		c.quotes = []quote{doubleQuote, singleQuote}
	}
	c.calls = true
	return c
}

func init() {
	for _, g := range []struct {
		name, files string
		code        code
	}{
		{"Go", ".go", goCode()},
		{"C", ".c .h", cCode("")},
		{"C++", ".cc .cpp .cxx .hh .hpp .hxx .ino", cCode("alignas alignof and bitand bitor catch class co_await co_return co_yield concept const_cast consteval constexpr constinit decltype delete dynamic_cast explicit export final friend module mutable namespace new noexcept not operator or override private protected public reinterpret_cast requires static_assert static_cast template this thread_local throw try typeid typename using virtual xor")},
		{"Java", ".java", javaCode()},
		{"C#", ".cs", cSharpCode()},
		{"Kotlin", ".kt .kts", kotlinCode()},
		{"Swift", ".swift", swiftCode()},
		{"JavaScript", ".js .mjs .cjs .jsx", scriptCode("")},
		{"TypeScript", ".ts .mts .cts .tsx", scriptCode("abstract as declare enum implements interface is keyof module namespace never private protected public readonly satisfies type unknown")},
		{"Rust", ".rs", rustCode()},
		{"Zig", ".zig", zigCode()},
		{"Python", ".py .pyi .pyw", pythonCode()},
		{"Ruby", ".rb Rakefile Gemfile", rubyCode()},
		{"PHP", ".php", phpCode()},
		{"Lua", ".lua", luaCode()},
		{"Shell", ".sh .bash .zsh .profile .bashrc .bash_profile .zshrc .envrc PKGBUILD", shellCode()},
		{"SQL", ".sql", sqlCode()},
		{"Protocol Buffers", ".proto", protoCode()},
		{"CSS", ".css .scss .less", cssCode()},
		{"JSON", ".json .jsonc .json5 .webmanifest", jsonCode()},
		{"TOML", ".toml Cargo.lock", tomlCode()},
		{"Dockerfile", ".dockerfile Dockerfile Containerfile", dockerCode()},
		{"Terraform", ".tf .tfvars .hcl", hclCode()},
	} {
		c := g.code
		add(g.name, g.files, c.prepare().lex)
	}
	add("INI", ".ini .cfg .conf .editorconfig .gitconfig .desktop .service", lexINI)
	add("Makefile", ".mk Makefile makefile GNUmakefile", lexMake)
	add("YAML", ".yaml .yml", lexYAML)
	add("Markdown", ".md .markdown", lexMarkdown)
	add("HTML", ".html .htm .vue .svelte", lexMarkup)
	add("XML", ".xml .svg .xsl .xsd .plist .csproj", lexMarkup)
	add("Diff", ".diff .patch", lexDiff)
}

func goCode() code {
	return cLike(code{
		quotes: []quote{doubleQuote, singleQuote, {open: "`", close: "`", raw: true, lines: true}},
		words: words(map[Kind]string{
			Keyword:  "break case chan const continue default defer else fallthrough for func go goto if import interface map package range return select struct switch type var",
			Type:     "any bool byte comparable complex64 complex128 error float32 float64 int int8 int16 int32 int64 rune string uint uint8 uint16 uint32 uint64 uintptr",
			Constant: "true false nil iota",
		}),
	})
}

func cCode(more string) code {
	return cLike(code{
		preproc: true,
		words: words(map[Kind]string{
			Keyword:  "auto break case const continue default do else enum extern for goto if inline register restrict return sizeof static struct switch typedef union volatile while " + more,
			Type:     "void char short int long float double signed unsigned bool _Bool size_t ssize_t ptrdiff_t int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t intptr_t uintptr_t wchar_t FILE",
			Constant: "NULL true false nullptr",
		}),
	})
}

func javaCode() code {
	return cLike(code{
		quotes: []quote{{open: `"""`, close: `"""`, lines: true}, doubleQuote, singleQuote}, annotation: '@', capitals: true,
		words: words(map[Kind]string{
			Keyword:  "abstract assert break case catch class const continue default do else enum extends final finally for goto if implements import instanceof interface native new package permits private protected public record return sealed static strictfp super switch synchronized this throw throws transient try var volatile while yield",
			Type:     "boolean byte char double float int long short void",
			Constant: "true false null",
		}),
	})
}

func cSharpCode() code {
	return cLike(code{
		quotes: []quote{{open: `@"`, close: `"`, raw: true, lines: true}, {open: `"""`, close: `"""`, raw: true, lines: true}, doubleQuote, singleQuote}, capitals: true, preproc: true,
		words: words(map[Kind]string{
			Keyword:  "abstract as async await base break case catch checked class const continue default delegate do else enum event explicit extern finally fixed for foreach get goto if implicit in init interface internal is lock namespace new operator out override params partial private protected public readonly record ref required return sealed set sizeof stackalloc static struct switch this throw try typeof unchecked unsafe using virtual volatile when where while with yield",
			Type:     "bool byte char decimal double dynamic float int long nint nuint object sbyte short string uint ulong ushort var void",
			Constant: "true false null",
		}),
	})
}

func kotlinCode() code {
	return cLike(code{
		quotes: []quote{{open: `"""`, close: `"""`, raw: true, lines: true}, doubleQuote, singleQuote}, annotation: '@', capitals: true, nests: true,
		words: words(map[Kind]string{
			Keyword:  "abstract actual annotation as break by catch class companion const constructor continue crossinline data do else enum expect external final finally for fun if import in infix init inline inner interface internal is lateinit noinline object open operator out override package private protected public reified return sealed super suspend tailrec this throw try typealias val value var vararg when where while",
			Constant: "true false null",
		}),
	})
}

func swiftCode() code {
	return cLike(code{
		quotes: []quote{{open: `"""`, close: `"""`, lines: true}, doubleQuote}, annotation: '@', capitals: true, nests: true,
		words: words(map[Kind]string{
			Keyword:  "actor any as associatedtype async await break case catch class continue default defer deinit do else enum extension fallthrough fileprivate for func guard if import in init inout internal is lazy let mutating nonisolated open operator override private protocol public repeat required rethrows return self Self some static struct subscript super switch throw throws try typealias unowned var weak where while",
			Constant: "true false nil",
		}),
	})
}

func scriptCode(more string) code {
	return cLike(code{
		quotes:     []quote{doubleQuote, singleQuote, {open: "`", close: "`", lines: true, template: true}},
		annotation: '@', capitals: true, regexps: true, inWords: "$",
		words: words(map[Kind]string{
			Keyword:  "async await break case catch class const continue debugger default delete do else export extends finally for from function get if import in instanceof let new of return set static super switch this throw try typeof var void while with yield " + more,
			Type:     "any bigint boolean number object string symbol",
			Constant: "true false null undefined NaN Infinity",
		}),
	})
}

func rustCode() code {
	return cLike(code{
		quotes: []quote{{open: `"`, close: `"`, lines: true}, character}, nests: true, capitals: true, rawHashes: true,
		words: words(map[Kind]string{
			Keyword:  "as async await break const continue crate dyn else enum extern fn for if impl in let loop macro match mod move mut pub ref return self Self static struct super trait type union unsafe use where while",
			Type:     "bool char f32 f64 i8 i16 i32 i64 i128 isize str u8 u16 u32 u64 u128 usize",
			Constant: "true false None Some Ok Err",
		}),
	})
}

func zigCode() code {
	c := cLike(code{
		annotation: '@', capitals: true,
		words: words(map[Kind]string{
			Keyword:  "addrspace align allowzero and anyframe anytype asm async await break callconv catch comptime const continue defer else enum errdefer error export extern fn for if inline linksection noalias noinline nosuspend opaque or orelse packed pub resume return struct suspend switch test threadlocal try union unreachable usingnamespace var volatile while",
			Type:     "anyerror bool comptime_float comptime_int f16 f32 f64 f128 i8 i16 i32 i64 i128 isize noreturn type u8 u16 u32 u64 u128 usize void",
			Constant: "true false null undefined",
		}),
	})
	c.open, c.close = "", ""
	return c
}

func pythonCode() code {
	return code{
		lineComments: []string{"#"}, calls: true, capitals: true, annotation: '@',
		quotes: []quote{{open: `"""`, close: `"""`, lines: true}, {open: `'''`, close: `'''`, lines: true}, doubleQuote, singleQuote},
		words: words(map[Kind]string{
			Keyword:  "and as assert async await break case class continue def del elif else except finally for from global if import in is lambda match nonlocal not or pass raise return try while with yield",
			Type:     "bool bytes complex dict float frozenset int list object set str tuple",
			Constant: "True False None self cls NotImplemented",
		}),
	}
}

func rubyCode() code {
	return code{
		lineComments: []string{"#"}, wordComment: true, capitals: true, annotation: '@', inWords: "?",
		quotes: []quote{{open: `"`, close: `"`, lines: true}, {open: `'`, close: `'`, lines: true}, {open: "`", close: "`"}},
		words: words(map[Kind]string{
			Keyword:  "alias and begin break case class def defined? do else elsif end ensure extend for if in include loop module next not or private protected public raise redo require require_relative rescue retry return self super then undef unless until when while yield attr_accessor attr_reader attr_writer",
			Constant: "true false nil __FILE__ __LINE__",
		}),
	}
}

func phpCode() code {
	return code{
		lineComments: []string{"//", "#"}, wordComment: true, open: "/*", close: "*/", calls: true, capitals: true, variables: true,
		quotes: []quote{{open: `"`, close: `"`, lines: true}, {open: `'`, close: `'`, lines: true}},
		words: words(map[Kind]string{
			Keyword:  "abstract and array as break case catch class clone const continue declare default do echo else elseif empty enddeclare endfor endforeach endif endswitch endwhile enum extends final finally fn for foreach function global goto if implements include include_once instanceof insteadof interface isset list match namespace new or print private protected public readonly require require_once return static switch throw trait try unset use var while xor yield",
			Type:     "bool int float string object mixed void iterable callable",
			Constant: "true false null TRUE FALSE NULL",
		}),
	}
}

func luaCode() code {
	return code{
		lineComments: []string{"--"}, open: "--[[", close: "]]", calls: true,
		quotes: []quote{{open: "[[", close: "]]", raw: true, lines: true}, doubleQuote, singleQuote},
		words: words(map[Kind]string{
			Keyword:  "and break do else elseif end for function goto if in local not or repeat return then until while",
			Constant: "true false nil self",
		}),
	}
}

func shellCode() code {
	return code{
		lineComments: []string{"#"}, wordComment: true, variables: true, inWords: "-",
		quotes: []quote{{open: `"`, close: `"`, lines: true}, {open: `'`, close: `'`, raw: true, lines: true}},
		words: words(map[Kind]string{
			Keyword:  "case do done elif else esac fi for function if in select then time until while return break continue exit",
			Function: "alias cd command declare echo eval exec export local printf read readonly set shift source test trap type unset wait",
			Constant: "true false",
		}),
	}
}

func sqlCode() code {
	return code{
		lineComments: []string{"--"}, open: "/*", close: "*/", caseless: true, calls: true,
		quotes: []quote{{open: `'`, close: `'`, raw: true, lines: true}, {open: `"`, close: `"`, raw: true}, {open: "`", close: "`", raw: true}},
		words: words(map[Kind]string{
			Keyword:  "add all alter analyze and any as asc begin between by cascade case check column commit constraint create cross database default delete desc distinct drop else end except exists explain foreign from full function grant group having if ilike in index inner insert intersect into is join key lateral left like limit natural not of offset on or order outer over partition primary procedure recursive references returning revoke right rollback row rows select set table temporary then to transaction trigger truncate union unique update using values view when where window with",
			Type:     "bigint blob boolean bytea char character date datetime decimal double float integer int interval json jsonb numeric real serial smallint text time timestamp timestamptz uuid varchar",
			Constant: "true false null current_date current_timestamp",
		}),
	}
}

func protoCode() code {
	return cLike(code{
		capitals: true,
		words: words(map[Kind]string{
			Keyword:  "edition enum extend extensions group import map message oneof option optional package public repeated required reserved returns rpc service stream syntax to weak",
			Type:     "bool bytes double fixed32 fixed64 float int32 int64 sfixed32 sfixed64 sint32 sint64 string uint32 uint64",
			Constant: "true false max",
		}),
	})
}

func cssCode() code {
	return code{
		open: "/*", close: "*/", lineComments: []string{"//"}, wordComment: true, annotation: '@', inWords: "-#.", keys: true,
		quotes: []quote{doubleQuote, singleQuote},
		words: words(map[Kind]string{
			Constant: "auto inherit initial none unset block flex grid inline absolute relative fixed static hidden visible solid bold normal center left right transparent",
			Tag:      "a article aside body button code div footer form h1 h2 h3 h4 header html img input label li main nav ol p pre section select span svg table tbody td textarea th tr ul",
		}),
	}
}

func jsonCode() code {
	return cLike(code{
		quotes: []quote{doubleQuote, singleQuote}, keys: true,
		words: words(map[Kind]string{Constant: "true false null"}),
	})
}

func tomlCode() code {
	return code{
		lineComments: []string{"#"}, inWords: "-.", settings: true,
		quotes: []quote{{open: `"""`, close: `"""`, lines: true}, {open: `'''`, close: `'''`, raw: true, lines: true}, doubleQuote, {open: `'`, close: `'`, raw: true}},
		words:  words(map[Kind]string{Constant: "true false inf nan"}),
	}
}

func dockerCode() code {
	return code{
		lineComments: []string{"#"}, wordComment: true, variables: true, caseless: true, inWords: "-",
		quotes: []quote{doubleQuote, singleQuote},
		words: words(map[Kind]string{
			Keyword: "add arg as cmd copy entrypoint env expose from healthcheck label onbuild run shell stopsignal user volume workdir",
		}),
	}
}

func hclCode() code {
	return code{
		lineComments: []string{"#", "//"}, open: "/*", close: "*/", calls: true, inWords: "-", settings: true,
		quotes: []quote{doubleQuote},
		words: words(map[Kind]string{
			Keyword:  "data for if in locals module output provider resource terraform variable",
			Type:     "any bool list map number object set string tuple",
			Constant: "true false null",
		}),
	}
}

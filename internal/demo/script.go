package demo

// A script is what a partner means to do, in steps that find their place by the text around it, since by the time they
// are played others have edited too.
type step struct {
	do   verb
	at   string // for goTo: text to go behind; for pick: the words to select
	text string // for write; \n is the Enter key, which keeps the indentation, \b is Backspace
	n    int    // for walk, undo: how often
}

type verb uint8

const (
	goTo  verb = iota // caret behind the first occurrence of at, then walk to the end of its line
	pick              // select the first occurrence of at
	write             // type text, key by key
	walk              // caret down n lines (up, if negative), one key each
	undo              // take back own edits, n steps
	think             // look at the screen for a while
)

// adaScript documents the program; some of it on lines that sam works on at the same time.
var adaScript = []step{
	{do: goTo, at: "counts the words of its standard input"},
	{do: write, text: "\n// and prints the most frequent ones."},
	{do: think},
	{do: goTo, at: "const limit ="},
	{do: write, text: " // more than a screen holds is no help"},
	{do: walk, n: 7},
	{do: pick, at: "tally reads words"},
	{do: write, text: "tally reads the words of r"},
	{do: undo, n: 1},
	{do: write, text: "a reader"},
	{do: goTo, at: "return strings.ToLower("},
	{do: walk, n: -2},
	{do: write, text: "\n// A word of nothing but punctuation becomes empty."},
	{do: goTo, at: "// top returns the n most frequent words"},
	{do: write, text: "\n// Words that are equally frequent stand in the order of the alphabet."},
	{do: think},
	{do: pick, at: "func(i, j int) bool"},
	{do: goTo, at: "// Notes"},
	{do: write, text: "\n// - ada: the flags want a line in the help text"},
}

// samScript changes the program.
var samScript = []step{
	{do: pick, at: "limit = 10"},
	{do: write, text: "limit = 20"},
	{do: think},
	{do: goTo, at: "const limit ="},
	{do: write, text: " // words"},
	{do: walk, n: 4},
	{do: goTo, at: "for scanner.Scan() {"},
	{do: write, text: "\n\tword := clean(scanner.Text())\nif word == \"\" {\n\tcontinue\n\b}"},
	{do: think},
	{do: pick, at: "counts[clean(scanner.Text())]++"},
	{do: write, text: "counts[word]++"},
	{do: goTo, at: "sort.Slice(all, func(i, j int) bool {"},
	{do: write, text: "\n\tif all[i].n == all[j].n {\n\treturn all[i].word < all[j].word\n\b}"},
	{do: walk, n: -3},
	{do: goTo, at: "// Notes"},
	{do: write, text: "\n// - sam: try it on a big file"},
	{do: undo, n: 1},
	{do: write, text: "text in other scripts: naïve 漢字 🎉"},
}

// hostScript is the host's part where no person plays it.
var hostScript = []step{
	{do: think},
	{do: goTo, at: "os.Exit(1)"},
	{do: walk, n: -2},
	{do: pick, at: "\"words:\""},
	{do: write, text: "\"words: standard input:\""},
	{do: think},
	{do: goTo, at: "// Notes"},
	{do: write, text: "\n// - tests first, then the rest"},
}

// chores are what partners do when their script is played: notes at the end of the file, where they are in nobody's way.
var chores = []string{
	"what about words with an apostrophe?",
	"a benchmark would be nice",
	"clean could take a rune at a time",
	"reads fine to me now",
	"the limit should become a flag",
	"I will look at it once more after lunch",
	"does Scanner stop at 64 KB a word? It does",
	"then an error is the right answer",
}

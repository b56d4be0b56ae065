package editorbench

import "slices"

// other is another editor, for comparison in the same run.
type other struct {
	name string
	args []string
	to   string // the keys that go to a line, and on to typing
}

var others = []other{
	{"vim", []string{"vim", "-u", "NONE", "-N", "-n"}, "%dGi"},
	{"nvim", []string{"nvim", "--clean", "-n"}, "%dGi"},
	{"micro", []string{"micro"}, "\x05goto %d\r"},
	{"nano", []string{"nano"}, "\x1f%d\r"},
}

// otherNamed finds an editor by its name.
func otherNamed(name string) (other, bool) {
	i := slices.IndexFunc(others, func(o other) bool { return o.name == name })
	if i < 0 {
		return other{}, false
	}
	return others[i], true
}

// otherNames lists them.
func otherNames() []string {
	var names []string
	for _, o := range others {
		names = append(names, o.name)
	}
	return names
}

package textfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"coedit/rga"
)

// viewOf returns a view of text in several spans.
func viewOf(t *testing.T, text string) *rga.View {
	t.Helper()
	doc := rga.New(1)
	half := len(text) / 2
	for half > 0 && !wholeRunes([]byte(text), half) {
		half--
	}
	for _, part := range []string{text[half:], text[:half]} {
		if _, _, err := doc.Edit(0, rga.Edit{Insert: part}); err != nil {
			t.Fatal(err)
		}
	}
	return doc.View()
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func holds(t *testing.T, path, want string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil || string(b) != want {
		t.Fatalf("%s holds %q, %v, want %q", path, b, err, want)
	}
}

func open(t *testing.T, path string) (*File, string, Format) {
	t.Helper()
	f, text, format, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return f, string(text), format
}

func save(t *testing.T, f *File, text string, format Format) {
	t.Helper()
	if err := f.Save(viewOf(t, text), format, false); err != nil {
		t.Fatal(err)
	}
	onlyFiles(t, filepath.Dir(f.Real))
}

// onlyFiles checks that no temporary file was left.
func onlyFiles(t *testing.T, folder string) {
	t.Helper()
	if left, _ := filepath.Glob(filepath.Join(folder, ".*.tmp")); len(left) > 0 {
		t.Fatalf("left over: %v", left)
	}
}

// mustRefuse wants an error of a kind that is a sentence with the path.
func mustRefuse(t *testing.T, err, kind error, path string, says ...string) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Fatalf("got %v, want %v", err, kind)
	}
	for _, s := range append(says, path) {
		if !strings.Contains(err.Error(), s) {
			t.Fatalf("%q does not say %q", err, s)
		}
	}
}

func TestSaveKeepsFormatAndMode(t *testing.T) {
	for _, mode := range []fs.FileMode{0o755, 0o600, 0o644, 0o640} {
		for _, content := range []string{"a\nb\n", "a\r\nb\r\n", bom + "a\r\nb", "no newline at the end", "", "mixed\r\nends\n"} {
			path := filepath.Join(t.TempDir(), "file.txt")
			write(t, path, content)
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
			f, text, format := open(t, path)
			save(t, f, text, format)
			holds(t, path, content)
			save(t, f, "first\n"+text, format)
			want := string(Encode(nil, []byte("first\n"+text), format))
			holds(t, path, want)
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if runtime.GOOS != "windows" && info.Mode() != mode {
				t.Fatalf("mode %v became %v", mode, info.Mode())
			}
		}
	}
}

// The mode that another program gave the file meanwhile is kept, not the one it had when it was read.
func TestSaveKeepsALaterMode(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // has no such modes
	}
	path := filepath.Join(t.TempDir(), "script")
	write(t, path, "#!/bin/sh\n")
	f, text, format := open(t, path)
	if err := os.Chmod(path, 0o751); err != nil {
		t.Fatal(err)
	}
	save(t, f, text, format)
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o751 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestNewFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new.txt")
	f, text, format := open(t, path)
	if !f.New || text != "" || format != (Format{}) {
		t.Fatalf("%+v, %q, %+v", f, text, format)
	}
	save(t, f, "content\n", format)
	holds(t, path, "content\n")
	if f.New {
		t.Fatal("still new after saving")
	}
	other := filepath.Join(t.TempDir(), "made by the system")
	write(t, other, "")
	if err := os.WriteFile(other+"2", nil, 0o666); err != nil {
		t.Fatal(err)
	}
	want, err := os.Stat(other + "2")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.Stat(path); err != nil || got.Mode() != want.Mode() {
		t.Fatalf("a new file has mode %v, others get %v", got.Mode(), want.Mode())
	}
}

func TestSaveThroughLinks(t *testing.T) {
	folder := t.TempDir()
	target := filepath.Join(folder, "real", "target.txt")
	if err := os.Mkdir(filepath.Dir(target), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, target, "old\n")
	link, twice := filepath.Join(folder, "link"), filepath.Join(folder, "twice")
	dangling := filepath.Join(folder, "dangling")
	for from, to := range map[string]string{link: filepath.Join("real", "target.txt"), twice: link, dangling: filepath.Join("real", "new.txt")} {
		if err := os.Symlink(to, from); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatal(err)
			}
			t.Skipf("symbolic links cannot be made here: %v", err)
		}
	}
	f, text, format := open(t, twice)
	if text != "old\n" {
		t.Fatalf("read %q", text)
	}
	save(t, f, "new\n", format)
	holds(t, target, "new\n")
	f, _, format = open(t, dangling)
	if !f.New {
		t.Fatal("the target of a dangling link is not new")
	}
	save(t, f, "made\n", format)
	holds(t, filepath.Join(folder, "real", "new.txt"), "made\n")
	for _, l := range []string{link, twice, dangling} {
		if info, err := os.Lstat(l); err != nil || info.Mode()&fs.ModeSymlink == 0 {
			t.Fatalf("%s is no link any more: %v", l, err)
		}
	}
	round := filepath.Join(folder, "round")
	leadsElsewhere(t, folder, link, target)
	if err := os.Symlink(round, round); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := Open(round); err == nil || !strings.Contains(err.Error(), "symbolic links") {
		t.Fatalf("a link to itself: %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	folder := t.TempDir()
	binary, latin := filepath.Join(folder, "prog"), filepath.Join(folder, "latin.txt")
	write(t, binary, "\x7fELF\x00")
	write(t, latin, "caf\xe9")
	refuse := func(path string, kind error, says ...string) {
		t.Helper()
		_, _, _, err := Open(path)
		mustRefuse(t, err, kind, path, says...)
	}
	refuse(binary, ErrBinary, "offset 4")
	refuse(latin, ErrNotUTF8, "0xE9 at offset 3")
	refuse(folder, ErrDirectory)
	refuse(filepath.Join(folder, "none", "x.txt"), fs.ErrNotExist, "there is no directory "+filepath.Join(folder, "none"))
	if _, _, _, err := Open(filepath.Join(latin, "x.txt")); err == nil || !strings.Contains(err.Error(), "directory") {
		t.Errorf("a file as a folder: %v", err)
	}
	huge := filepath.Join(folder, "huge")
	write(t, huge, "")
	if err := os.Truncate(huge, MaxSize+1); err != nil {
		t.Fatal(err)
	}
	refuse(huge, ErrTooLarge, "256")
	if runtime.GOOS != "windows" {
		refuse(os.DevNull, ErrSpecial)
	}
}

func TestSaveRefusesWhatAnotherProgramChanged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file.txt")
	write(t, path, "one\n")
	f, _, format := open(t, path)
	was, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, "two\n") // of the same size, and then of the same time
	if err := os.Chtimes(path, was.ModTime(), was.ModTime()); err != nil {
		t.Fatal(err)
	}
	mustRefuse(t, f.Save(viewOf(t, "mine\n"), format, false), ErrChanged, path)
	holds(t, path, "two\n")
	text, format, accept, err := f.Reload()
	if err != nil || string(text) != "two\n" {
		t.Fatal(string(text), err)
	}
	mustRefuse(t, f.Save(viewOf(t, "mine\n"), format, false), ErrChanged, path) // read, but not taken over
	accept()
	save(t, f, "merged\n", format)
	holds(t, path, "merged\n")
	save(t, f, "merged again\n", format) // one's own write is no change

	write(t, path, "three")
	if err := f.Save(viewOf(t, "forced\n"), format, true); err != nil {
		t.Fatal(err)
	}
	holds(t, path, "forced\n")

	if err := os.Chtimes(path, was.ModTime(), was.ModTime()); err != nil { // touched only
		t.Fatal(err)
	}
	save(t, f, "saved\n", format)

	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := f.Check(); !errors.Is(err, ErrGone) {
		t.Errorf("Check after it was removed: %v", err)
	}
	if _, _, _, err := f.Reload(); !errors.Is(err, ErrGone) {
		t.Errorf("Reload after it was removed: %v", err)
	}
	mustRefuse(t, f.Save(viewOf(t, "back\n"), format, false), ErrGone, path) // it may have been renamed
	if _, err := os.Lstat(path); err == nil {
		t.Error("it was made anew without being asked for")
	}
	if err := f.Save(viewOf(t, "back\n"), format, true); err != nil {
		t.Fatal(err)
	}
	holds(t, path, "back\n")
	if err := f.Check(); err != nil {
		t.Errorf("Check after saving: %v", err)
	}
	write(t, path, "else\n")
	if err := f.Check(); !errors.Is(err, ErrChanged) {
		t.Errorf("Check after another program wrote: %v", err)
	}

	fresh := filepath.Join(filepath.Dir(path), "fresh.txt")
	f, _, format = open(t, fresh)
	write(t, fresh, "somebody was faster")
	mustRefuse(t, f.Save(viewOf(t, "mine"), format, false), ErrChanged, fresh)
	holds(t, fresh, "somebody was faster")
}

// A link that another program made lead elsewhere is a change: what it leads to now is not overwritten unasked, and is what is read
// and written from then on.
func leadsElsewhere(t *testing.T, folder, link, target string) {
	t.Helper()
	f, _, format := open(t, link)
	was, err := os.ReadFile(target)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, "other"), "other\n")
	if err := errors.Join(os.Remove(link), os.Symlink("other", link)); err != nil {
		t.Fatal(err)
	}
	if err := f.Check(); !errors.Is(err, ErrChanged) {
		t.Errorf("Check after the link leads elsewhere: %v", err)
	}
	mustRefuse(t, f.Save(viewOf(t, "mine\n"), format, false), ErrChanged, link)
	text, _, accept, err := f.Reload()
	if err != nil || string(text) != "other\n" {
		t.Fatalf("read %q, %v", text, err)
	}
	accept()
	save(t, f, "merged\n", format)
	holds(t, filepath.Join(folder, "other"), "merged\n")
	holds(t, target, string(was))
}

// A large file is not read again when its size and time are those last seen.
func TestLargeFileTrustsItsTime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "large.txt")
	content := strings.Repeat("0123456789abcdef", trustStat/16)
	write(t, path, content)
	f, text, format := open(t, path)
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(path, later, later); err != nil { // of another time, so it is compared
		t.Fatal(err)
	}
	save(t, f, text, format)
	holds(t, path, content)
	write(t, path, "X"+content[1:])
	if err := os.Chtimes(path, later, later); err != nil {
		t.Fatal(err)
	}
	mustRefuse(t, f.Save(viewOf(t, "mine"), format, false), ErrChanged, path)
}

func TestFailedSaveLeavesNothing(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "folder")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "file.txt")
	write(t, path, "old\n")
	f, _, format := open(t, path)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
	mustRefuse(t, f.Save(viewOf(t, "new\n"), format, true), ErrDirectory, path)
	onlyFiles(t, folder)
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	mustRefuse(t, f.Save(viewOf(t, "new\n"), format, true), fs.ErrNotExist, path)
}

// A rename that fails at the last moment leaves no temporary file; here the target is a folder that is not empty, which
// only the system notices.
func TestFailedRenameLeavesNothing(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "target")
	if err := os.MkdirAll(filepath.Join(path, "inside"), 0o755); err != nil {
		t.Fatal(err)
	}
	f := &File{Path: path, Real: path, New: true}
	if err := f.write(viewOf(t, "text"), Format{}, nil); err == nil {
		t.Fatal("a folder was replaced")
	}
	onlyFiles(t, folder)
}

func TestReadOnlyFile(t *testing.T) {
	if os.Geteuid() == 0 {
		asUser(t, "TestReadOnlyFile")
		return
	}
	folder := t.TempDir()
	path := filepath.Join(folder, "file.txt")
	write(t, path, "old\n")
	f, _, format := open(t, path)
	if err := os.Chmod(path, 0o444); err != nil {
		t.Fatal(err)
	}
	mustRefuse(t, f.Save(viewOf(t, "new\n"), format, false), fs.ErrPermission, path, "read-only")
	holds(t, path, "old\n")
	if runtime.GOOS == "windows" {
		return
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(folder, 0o555); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(folder, 0o755) //nolint:errcheck // for the test's cleanup
	mustRefuse(t, f.Save(viewOf(t, "new\n"), format, false), fs.ErrPermission, path, "permissions")
	holds(t, path, "old\n")
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	_, _, _, err := Open(path)
	mustRefuse(t, err, fs.ErrPermission, path)
}

func Example() {
	text, format, err := Decode([]byte("one\r\ntwo\r\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%q CRLF=%v\n", text, format.CRLF)
	edits := Diff(text, []byte("one\nthree\n"))
	fmt.Printf("%d edit at %d: delete %d, insert %q\n", len(edits), edits[0].Offset, edits[0].Delete, edits[0].Insert)
	fmt.Printf("%q\n", Encode(nil, []byte("one\nthree\n"), format))
	_, _, err = Decode([]byte("caf\xe9"))
	fmt.Println(err)
	// Output:
	// "one\ntwo\n" CRLF=true
	// 1 edit at 5: delete 2, insert "hree"
	// "one\r\nthree\r\n"
	// not UTF-8: byte 0xE9 at offset 3
}

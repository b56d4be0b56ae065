// Command picture makes the picture of the README: it plays a scene with the real program in three terminals and writes what
// one of them shows as SVG. It is run by `make picture`, in the root of the repository.
//
// The words and the places in the picture are the same in every run; the colours of the participants are drawn anew.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

func main() {
	out := flag.String("o", "session.svg", "write the picture to this `FILE`")
	flag.Parse()
	if err := run(*out); err != nil {
		fmt.Fprintln(os.Stderr, "picture:", err)
		os.Exit(1)
	}
}

// run builds the program, plays the scene in a folder of its own and writes the picture.
func run(out string) error {
	dir, err := os.MkdirTemp("", "coedit-picture")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	program := filepath.Join(dir, "coedit")
	build := exec.Command("go", "build", "-o", program, "./cmd/coedit")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("building coedit: %w", err)
	}
	shown, err := play(program, dir)
	if err != nil {
		return err
	}
	return os.WriteFile(out, svg(shown), 0o644)
}

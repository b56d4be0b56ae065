package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"coedit/transport/seal"

	"github.com/charmbracelet/x/term"
)

// maxLinkLine bounds what is read from standard input where a link is expected, in bytes.
const maxLinkLine = 4096

// readLink parses a link, from standard input where the argument is "-". Links hold no space, so one that was copied in
// several lines, as a terminal shows it, is put together again. A link that leaves this machine in the clear is refused,
// unless that was asked for.
func (p *program) readLink(arg string) (seal.Link, error) {
	link, err := p.parseLink(arg)
	if err != nil {
		return link, err
	}
	return link, p.mayDial(link.Base)
}

func (p *program) parseLink(arg string) (seal.Link, error) {
	if arg != "-" {
		return seal.ParseLink(strings.Join(strings.Fields(arg), ""))
	}
	if terminal(p.stdin) {
		fmt.Fprint(p.stderr, "Paste the link, then press Enter: ")
	}
	return linkFrom(p.stdin)
}

// linkFrom reads lines until they make a link. The next link, an empty line or the end of input ends it, too.
func linkFrom(r io.Reader) (seal.Link, error) {
	lines := bufio.NewScanner(io.LimitReader(r, maxLinkLine))
	lines.Buffer(nil, maxLinkLine)
	text, bad := "", error(nil)
	for lines.Scan() {
		line := strings.Join(strings.Fields(lines.Text()), "")
		if text != "" && (line == "" || strings.HasPrefix(line, "http")) {
			break
		}
		if text += line; text == "" {
			continue
		}
		var link seal.Link
		if link, bad = seal.ParseLink(text); bad == nil {
			return link, nil
		}
	}
	if bad != nil {
		return seal.Link{}, bad
	}
	if err := lines.Err(); err != nil {
		return seal.Link{}, failure(err, "", "cannot read the link from standard input: %s", err)
	}
	return seal.Link{}, usageError("pipe the link in: coedit join - < link.txt", "there is no link on standard input")
}

// terminal says whether a stream is a terminal.
func terminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(f.Fd())
}

// needTerminal is the error of an interactive command without a terminal. Input may come from elsewhere when the link did.
func (p *program) needTerminal(what string, inputTaken bool, hint string) error {
	if p.settings.accessible {
		return nil // lines in, lines out
	}
	if terminal(p.stdout) && p.getenv("TERM") == "dumb" {
		return usageError("with --accessible coedit works there: with typed commands, and lines that say what happens",
			"this terminal (TERM=dumb) cannot place a cursor")
	}
	if terminal(p.stdout) && (inputTaken || terminal(p.stdin)) {
		return nil
	}
	return usageError(hint, "%s needs a terminal to draw on, and there is none", what)
}

// writePrivate writes a small file in one step, readable by this user only.
func writePrivate(path, content string) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".coedit-*") // 0600
	if err != nil {
		return failure(err, "check that its folder exists and can be written", "cannot write %s: %s", path, cause(err))
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	_, err = f.WriteString(content)
	if err == nil {
		err = f.Sync() // or a power cut may leave the new name with nothing in it
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return failure(err, "", "cannot write %s: %s", path, cause(err))
	}
	return nil
}

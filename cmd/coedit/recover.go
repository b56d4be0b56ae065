package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"coedit/internal/journal"
	"coedit/internal/session"
	"coedit/internal/textfile"

	"github.com/spf13/cobra"
)

const recoverLong = `recover shows what coedit has kept on this machine of sessions that did not end as they should: killed, or left while
the relay could not be reached. With the ID of one, or the beginning of it, it prints its text, or with -o writes it to
a file.

The usual ways to go on are to open the file again with ` + "`coedit FILE` or `coedit share FILE`" + `, which ask, and to join
again with the same link. This command is for when the file, the room or its relay are gone for good.

The journals are in the XDG state folder, or in $COEDIT_STATE. One in which nothing is left to be done is removed after
30 days.`

func newRecover(p *program) *cobra.Command {
	output, remove := "", false
	cmd := &cobra.Command{
		Use:     "recover [ID]",
		Short:   "List, and write to a file, what sessions that were killed have left",
		Long:    recoverLong,
		Example: "  coedit recover\n  coedit recover 3f2a -o main.go.recovered",
		Args:    oneArgAtMost("an ID"),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return p.listJournals()
			}
			name, err := p.findJournal(args[0])
			if err != nil {
				return err
			}
			if remove {
				return p.removeJournal(name)
			}
			return p.printJournal(name, output)
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "", "write the text to this `FILE`, which must not exist yet")
	cmd.Flags().BoolVar(&remove, "remove", false, "remove the journal, text and all")
	return cmd
}

// listJournals prints the journals in which something is left, the newest first.
func (p *program) listJournals() error {
	dir := p.journals()
	entries, err := newest(dir, "")
	if err != nil {
		return failure(err, "", "cannot read %s: %s", dir.Path, cause(err))
	}
	t := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	found := false
	for _, e := range entries {
		s, err := dir.Load(e.Name)
		if s == nil || s.Closed {
			continue
		}
		if !found {
			fmt.Fprintln(t, "ID\tTEXT\tLAST WRITTEN\tSTATE")
		}
		found = true
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", e.Name, harmless(whatOf(s.About)), ago(e.Modified), stateOf(s, err))
	}
	if !found {
		fmt.Fprintln(p.stdout, "Nothing is left of earlier sessions.")
	}
	return t.Flush()
}

// whatOf names what a journal is of.
func whatOf(a journal.About) string {
	name := a.Name
	if name == "" {
		name = "a text"
	}
	switch {
	case a.Role == roleJoin:
		return name + ", in somebody's room"
	case a.File == "":
		return name + ", shared without a file"
	case a.Role == roleShare:
		return a.File + ", shared"
	}
	return a.File
}

// stateOf says what is left to be done in a journal.
func stateOf(s *journal.State, err error) string {
	if errors.Is(err, journal.ErrDamaged) {
		return "damaged; part of the text can be read"
	} else if err != nil && !errors.Is(err, journal.ErrTorn) {
		return "cannot be read: " + cause(err)
	}
	sum, err := session.Summarize(s)
	switch {
	case err != nil:
		return "cannot be read: " + cause(err)
	case s.About.Role == roleJoin && sum.Unsent:
		return "some edits not sent"
	case s.About.Role == roleJoin:
		return "all sent"
	case sum.Unsaved:
		return "not saved"
	}
	return "saved"
}

// findJournal finds the one journal whose name begins so.
func (p *program) findJournal(id string) (string, error) {
	entries, err := p.journals().List(id)
	if err != nil {
		return "", failure(err, "", "cannot read the journals: %s", cause(err))
	}
	switch len(entries) {
	case 0:
		return "", failure(nil, "`coedit recover` lists them", "there is no journal %s", id)
	case 1:
		return entries[0].Name, nil
	}
	for _, e := range entries {
		if e.Name == id {
			return id, nil
		}
	}
	return "", usageError("give more of the ID", "%d journals begin with %s", len(entries), id)
}

// printJournal writes the text that a journal holds, as it would be saved.
func (p *program) printJournal(name, output string) error {
	s, err := p.journals().Load(name)
	if s == nil || err != nil && !errors.Is(err, journal.ErrTorn) && !errors.Is(err, journal.ErrDamaged) {
		return failure(err, "", "cannot read the journal %s: %s", name, cause(err))
	}
	if errors.Is(err, journal.ErrDamaged) {
		fmt.Fprintf(p.stderr, "Warning: the journal is damaged; this is the text before the damage.\n")
	}
	sum, err := session.Summarize(s)
	if err != nil {
		return failure(err, "", "the journal %s holds no text that can be read: %s", name, cause(err))
	}
	content := textfile.Encode(nil, []byte(sum.Doc.View().String()), textfile.FormatOf(sum.Doc))
	if output == "" || output == "-" {
		return p.writeDocument(content)
	}
	return writeNew(output, content)
}

// writeNew writes a file that does not exist yet.
func writeNew(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return failure(err, "choose another name", "%s exists already", path)
	}
	if err == nil {
		_, err = f.Write(content)
		err = errors.Join(err, f.Sync(), f.Close())
	}
	if err != nil {
		return failure(err, "", "cannot write %s: %s", path, cause(err))
	}
	return nil
}

func (p *program) removeJournal(name string) error {
	if err := p.journals().Remove(name); err != nil {
		return failure(err, "", "cannot remove the journal %s: %s", name, cause(err))
	}
	return nil
}

// recents is how many sessions `coedit` alone lists.
const recents = 5

// recentSessions prints what was edited last, and how to go on with it.
func (p *program) recentSessions(w io.Writer) {
	dir := p.journals()
	entries, err := newest(dir, "")
	if err != nil {
		return
	}
	var lines []string
	for _, e := range entries {
		about, err := dir.Head(e.Name)
		if err != nil || e.Damaged || len(lines) == recents || time.Since(e.Modified) > longAgo {
			continue
		}
		lines = append(lines, fmt.Sprintf("  %s\t%s\t%s", goOnWith(about, e.Name), ago(e.Modified), harmless(whatOf(about))))
	}
	if len(lines) == 0 {
		return
	}
	fmt.Fprintln(w, "\nLast edited (`coedit recover` lists what was not ended):")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, strings.Join(lines, "\n"))
	_ = t.Flush()
}

// goOnWith is the command that opens what a journal is of. A link is not printed: it holds the key to the room.
func goOnWith(a journal.About, name string) string {
	switch {
	case a.Role == roleJoin:
		return "coedit join " + name
	case a.Role == roleShare && a.File == "":
		return "coedit share"
	case a.Role == roleShare:
		return "coedit share " + quoted(a.File)
	}
	return "coedit " + quoted(a.File)
}

// quoted is a path as a shell takes it.
func quoted(path string) string {
	path = harmless(path)
	if strings.ContainsAny(path, " \t'\"\\$&;|<>()*?[]#~`!{}") {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}

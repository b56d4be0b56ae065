package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strings"
	"syscall"
	"unicode"

	"coedit/internal/relaybench"
	"coedit/internal/session"
	"coedit/internal/textfile"
	"coedit/transport"
	"coedit/transport/certificate"
	"coedit/transport/seal"
)

// Exit codes.
const (
	exitDone    = 0
	exitFailure = 1
	exitUsage   = 2
	exitConnect = 3 // no connection to a relay, or no answer in time
	exitRefused = 4 // the relay, or the link's right, does not allow it
)

// errorWithHint is an error as the user sees it: what happened, then what to do. No capital, no full stop.
type errorWithHint struct {
	code int
	what string
	hint string // "": nothing to add
	err  error  // cause; nil: none
}

func (e errorWithHint) Error() string { return e.what }
func (e errorWithHint) Unwrap() error { return e.err }

// print writes the error; nothing that came from a peer or from disk reaches the terminal as a control character, and no link's
// secret the logs of whatever runs this program.
func (e errorWithHint) print(w io.Writer) {
	fmt.Fprintf(w, "coedit: %s\n", withoutSecrets(harmless(e.what)))
	if e.hint != "" {
		fmt.Fprintf(w, "  %s\n", withoutSecrets(harmless(e.hint)))
	}
}

// linkSecret is the part of a link that opens the room.
var linkSecret = regexp.MustCompile(`#([a-z])\.[0-9A-Za-z]{8,}`)

// withoutSecrets leaves out what opens a room, wherever a link may have got into a message.
func withoutSecrets(s string) string {
	return linkSecret.ReplaceAllString(s, "#$1.(the key is not shown)")
}

func harmless(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return '?'
		}
		return r
	}, s)
}

func usageError(hint, format string, a ...any) error {
	return errorWithHint{code: exitUsage, what: fmt.Sprintf(format, a...), hint: hint}
}

func failure(err error, hint, format string, a ...any) error {
	return errorWithHint{code: exitFailure, what: fmt.Sprintf(format, a...), hint: hint, err: err}
}

// explain finds the sentence, the hint and the exit code for an error.
func explain(err error) errorWithHint {
	if e, ok := errors.AsType[errorWithHint](err); ok {
		return e
	}
	for _, find := range []func(error) (errorWithHint, bool){explainLink, explainRefusal, explainConnection, explainSession, explainFile, explainBench} {
		if e, ok := find(err); ok {
			return e
		}
	}
	return errorWithHint{code: exitFailure, what: err.Error(), err: err}
}

func explainLink(err error) (errorWithHint, bool) {
	if !errors.Is(err, seal.ErrLink) {
		return errorWithHint{}, false
	}
	what, hint := halves(err)
	return errorWithHint{code: exitUsage, what: what, hint: hint, err: err}, true
}

// halves splits the text of an error that says what to do after its last semicolon.
func halves(err error) (what, hint string) {
	text := err.Error()
	if i := strings.LastIndex(text, "; "); i >= 0 {
		return text[:i], text[i+2:]
	}
	return text, ""
}

// refusalHints say what to do about a refusal, which is itself a sentence of the relay's.
var refusalHints = map[transport.RefusalCode]string{
	transport.RefusedVersion:  "install the same version of coedit on both sides; `coedit version` shows yours",
	transport.RefusedNoRoom:   "ask for a new link: a room ends with the `coedit share` that opened it; just after a restart of the relay, try again in a moment",
	transport.RefusedRights:   "ask for a link that allows writing",
	transport.RefusedLimit:    "whoever runs the relay can raise its limits; see `coedit serve --help`",
	transport.RefusedConflict: "join again: what the others have is not affected",
	transport.RefusedSuite:    "share with --suite to choose another, or leave out --require-suite where it was asked for",
	transport.RefusedClosed:   "ask for a new link, if there is a new room",
	transport.RefusedProtocol: "this is a bug in coedit, or something between here and the relay changes what is sent",
}

func explainRefusal(err error) (errorWithHint, bool) {
	refusal, ok := errors.AsType[*transport.Refusal](err)
	if !ok {
		return errorWithHint{}, false
	}
	return errorWithHint{code: exitRefused, what: refusal.Text, hint: refusalHints[refusal.Code], err: err}, true
}

func explainConnection(err error) (errorWithHint, bool) {
	e := errorWithHint{code: exitConnect, err: err}
	if stranger, ok := errors.AsType[*transport.NotRelayError](err); ok {
		e.what = fmt.Sprintf("%s answers, but it is not a coedit relay (%s)", stranger.Host, stranger.Answer)
		e.hint = "check the host and port of the link"
		return e, true
	}
	if closed, ok := errors.AsType[*transport.ConnectError](err); ok {
		if e, ok := explainTLS(closed); ok {
			return e, true
		}
		e.what = fmt.Sprintf("cannot connect to the relay at %s: %s", closed.Host, cause(closed.Err))
		e.hint = "is the session still running, and can this machine reach that address? The link has its host and port"
		return e, true
	}
	return e, false
}

// explainTLS is for a relay that could not prove who it is.
func explainTLS(closed *transport.ConnectError) (errorWithHint, bool) {
	e := errorWithHint{code: exitRefused, err: closed}
	if errors.Is(closed.Err, certificate.ErrPin) {
		e.what = fmt.Sprintf("the relay at %s is not the one that the link names: its key is another", closed.Host)
		e.hint = "ask for a new link, over a way you trust; if the old one worked here before, somebody may be listening in between"
		return e, true
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](closed.Err); ok {
		e.what = fmt.Sprintf("the relay at %s shows a certificate that this machine does not trust: %s", closed.Host, cause(closed.Err))
		e.hint = "a relay with a certificate of its own has links that end in ~ and a pin; ask for the whole link"
		return e, true
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](closed.Err); ok {
		return errorWithHint{
			code: exitConnect, err: closed, what: fmt.Sprintf("%s answers, but not over TLS, and the link begins with https://", closed.Host),
			hint: "check the host and port of the link",
		}, true
	}
	return e, false
}

// cause says in a few words why a connection failed.
func cause(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "it did not answer in time"
	}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return errno.Error()
	}
	return err.Error()
}

func explainSession(err error) (errorWithHint, bool) {
	e := errorWithHint{err: err}
	switch {
	case errors.Is(err, session.ErrNoDocument):
		e.code, e.what = exitConnect, "the room is there, but nobody who has the document is"
		e.hint = "try again when the person who shared it is back"
	case errors.Is(err, session.ErrLeftOut):
		e.code, e.what = exitRefused, "the one who shared has moved the document to another room, without you"
		e.hint = "ask for a new link"
	case errors.Is(err, session.ErrUnacknowledged):
		e.code, e.what = exitConnect, "the relay did not confirm the change in time, so it may be lost"
		e.hint = "compare with `coedit cat LINK`, and do it again only if it is missing"
	case errors.Is(err, session.ErrUnreachable), errors.Is(err, context.DeadlineExceeded):
		e.code, e.what = exitConnect, "the relay did not answer in time"
		e.hint = "is the session still running? --timeout allows more time"
	default:
		return e, false
	}
	return e, true
}

// fileHints say what to do about a file; the error itself is a sentence with its path. They are in this command's words,
// which take the place of what textfile adds after a semicolon.
var fileHints = []struct {
	err  error
	hint string
}{
	{textfile.ErrBinary, "coedit edits text in UTF-8 only and has changed nothing"},
	{textfile.ErrNotUTF8, "convert it first, for instance with iconv; coedit has changed nothing"},
	{textfile.ErrTooLarge, "coedit is for files that people edit by hand"},
	{textfile.ErrDirectory, "name a file in it"},
	{textfile.ErrSpecial, "name an ordinary file"},
	{textfile.ErrGone, "look where it went before you write it anew"},
	{textfile.ErrChanged, "read both before you decide which one to keep"},
	{fs.ErrPermission, "check the permissions of the file and its folder"},
	{fs.ErrNotExist, "check the path, or make the folder first"},
}

func explainFile(err error) (errorWithHint, bool) {
	for _, known := range fileHints {
		if errors.Is(err, known.err) {
			what, _ := halves(err)
			return errorWithHint{code: exitFailure, what: what, hint: known.hint, err: err}, true
		}
	}
	return errorWithHint{}, false
}

func explainBench(err error) (errorWithHint, bool) {
	if !errors.Is(err, relaybench.ErrOptions) {
		return errorWithHint{}, false
	}
	_, what, _ := strings.Cut(err.Error(), ": options that make no sense: ")
	return errorWithHint{code: exitUsage, what: "that load makes no sense: " + what, hint: "see `coedit bench relay --help`", err: err}, true
}

package tui

import (
	"context"
	"errors"
	"slices"
	"time"

	"coedit/editor"
	"coedit/presence"
	"coedit/rga"
)

// ErrChanged is wrapped by the error of [File.Save] when the file on disk is not what was last read or written. The program then asks whether to overwrite it.
var ErrChanged = errors.New("changed on disk by another program")

// ErrGone is wrapped by the error of [File.Save] when there is no file any more where it was. The program asks whether to write it anew.
var ErrGone = errors.New("deleted or renamed by another program")

// Renamed is an [ErrGone] of which the new name of the file is known.
type Renamed struct {
	To  string // without the folder
	Err error  // says the same
}

func (e *Renamed) Error() string { return e.Err.Error() }

// Unwrap is what else is known.
func (e *Renamed) Unwrap() []error { return []error{ErrGone, e.Err} }

// ErrDenied is wrapped by the error of [File.Save] when the file may not be written here. The program offers another name.
var ErrDenied = errors.New("may not be written")

// ErrNoFile says that a guest asked to save a text which has no file yet.
var ErrNoFile = errors.New("the text has no file yet")

// Session is what the program needs of the network side. Every method but Wait is called on the goroutine that owns the editor.
type Session interface {
	// Wait blocks until something arrived or changed, or ctx ends. It is called from a command, at most one at a time, while the
	// other methods are in use. An error says that nothing will arrive any more.
	Wait(ctx context.Context) error
	// Step applies what has arrived, within the budget; more says that something is left for the next frame.
	Step(now time.Time, b Budget) (r Report, more bool)
	// Flush hands own edits and presence to the network if batching allows it now; it never blocks. wait > 0: call it again after that time.
	Flush(now time.Time) (wait time.Duration)
	// SetPresence tells the others where the caret is and what is shown.
	SetPresence(Presence)
	Status(now time.Time) Status
	Say(line string)      // tells everybody a short line
	Call()                // asks everybody to come to where the own caret is
	AskSave()             // guest: asks the host to save
	SaveRequested() bool  // host: somebody asked since the last call
	Saved()               // host: tells the others that the file was written
	SaveFailed(err error) // host: tells the others that it was not; the error is one of [File.Save] or [Options.SaveAs], or [ErrNoFile]
	Named(name string)    // host: the text has got a file of this name
}

// Budget bounds the work of one [Session.Step]. A step ends after the batch that reaches one of the bounds.
type Budget struct {
	Ops   int           // runs and ranges applied
	Bytes int           // of encoded batches
	Time  time.Duration // spent
}

// Report says what a step did.
type Report struct {
	Ops, Bytes int
	Notices    []string      // sentences to show: who joined, who left, whose edits are refused
	Caller     rga.ReplicaID // who asked everybody to come last; 0: nobody
}

// Presence is what the program tells about its user.
type Presence struct {
	Head, Tail, Top rga.Anchor
	Ranges          []presence.Range // further carets, as many as are shown; not modified afterwards
	Rows            int              // of text shown
	Follows         rga.ReplicaID    // whose view is followed; 0: nobody's
	Idle            bool             // no key for a minute
	Dirty           bool             // the text differs from the file
}

func (p Presence) equal(o Presence) bool {
	same := slices.Equal(p.Ranges, o.Ranges)
	return same && p.Head == o.Head && p.Tail == o.Tail && p.Top == o.Top && p.Rows == o.Rows &&
		p.Follows == o.Follows && p.Idle == o.Idle && p.Dirty == o.Dirty
}

// Status is what the status line shows of the session.
type Status struct {
	State    LinkState
	Unacked  int           // own edits that are not yet durable on the relay
	RetryIn  time.Duration // Offline: until the next attempt
	RTT      time.Duration // newest measured round trip; 0: unknown
	Detail   string        // Offline, Refused: why
	Peers    []presence.State
	Self     presence.State
	Link     string // for people who may write; empty: nothing to share
	ReadLink string // for people who may only read
	Warning  string // what the user should know about the link, e.g. who can read along
	Host     bool   // this participant has the file
	Suite    string // by which the room is encrypted; empty: not known, or not at all
	ReadOnly bool
}

// LinkState is the state of the connection to the relay.
type LinkState int

// States of the connection.
const (
	Alone      LinkState = iota // not shared
	Connecting                  // not yet connected since the start
	Online
	Offline // connection lost; typing goes on and is kept
	Refused // the relay does not let this participant in
)

// File is what the program needs of the disk.
type File interface {
	// Name is the name shown.
	Name() string
	// Save writes the text. It blocks and is called from a command, one call at a time. It wraps [ErrChanged] when the file on disk
	// was changed by another program and force is false, and [ErrGone] when it is gone; nothing is written then. It wraps [ErrDenied]
	// when it may not be written.
	Save(v *rga.View, force bool) error
}

// Rereader is a [File] whose changes by other programs can be merged.
type Rereader interface {
	// Changes reads the file again and returns what another program made of it, since it held was, as edits of that text, or of
	// the text shown, of the given version. Without a change the result has no Text. It blocks and is called as Save is. Once the
	// edits are made accept is called, which does not block: from then on Save expects on disk what was read. It wraps [ErrGone].
	Changes(was editor.Disk, shown *rga.View, version rga.Version) (change editor.DiskChange, accept func(), err error)
}

// Watched is a [File] that tells when another program may have changed it.
type Watched interface {
	File
	// Watch blocks until the file may have been changed, or ctx ends. It is called from a command, at most once at a time.
	Watch(ctx context.Context) error
}

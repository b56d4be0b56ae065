package session

import "errors"

// ErrEnded is why nothing can be waited for any more: Run has returned.
var ErrEnded = errors.New("session: this participant's connection has ended")

// ErrUnreachable is why a participant never got to the relay; it wraps the last attempt's error.
var ErrUnreachable = errors.New("session: the relay cannot be reached")

// ErrNoDocument: the room is there, but empty, and nobody came who has the document.
var ErrNoDocument = errors.New("session: nobody who has the document is there")

// ErrUnacknowledged: the relay has not acknowledged all of the own edits.
var ErrUnacknowledged = errors.New("session: edits are not acknowledged")

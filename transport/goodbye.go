package transport

import (
	"fmt"
	"time"

	"coedit/transport/wire"
)

// goodbyeError is a Goodbye that is not final.
type goodbyeError struct {
	text               string
	retryAfter, jitter time.Duration
}

func (e *goodbyeError) Error() string { return e.text }
func (e *goodbyeError) Unwrap() error { return ErrLost }

// goodbye is the error a Goodbye stands for: a *Refusal, or a *goodbyeError after which we come back.
func goodbye(g *wire.Goodbye) error {
	code, final := map[wire.Goodbye_Code]RefusalCode{
		wire.Goodbye_NO_ROOM:  RefusedNoRoom,
		wire.Goodbye_CLOSED:   RefusedClosed,
		wire.Goodbye_SUITE:    RefusedSuite,
		wire.Goodbye_RIGHTS:   RefusedRights,
		wire.Goodbye_LIMIT:    RefusedLimit,
		wire.Goodbye_CONFLICT: RefusedConflict,
		wire.Goodbye_REPLACED: RefusedConflict,
		wire.Goodbye_PROTOCOL: RefusedProtocol,
	}[g.GetCode()]
	switch {
	case g.GetCode() == wire.Goodbye_UNSUPPORTED_VERSION:
		return versionRefusal(g.GetMinVersion(), g.GetMaxVersion())
	case final:
		return &Refusal{Code: code, Text: g.GetText()}
	}
	const most = uint64(time.Hour / time.Millisecond)
	return &goodbyeError{
		text:       "the relay closed the connection: " + g.GetText(),
		retryAfter: time.Duration(min(g.GetRetryAfterMs(), most)) * time.Millisecond,
		jitter:     time.Duration(min(g.GetJitterMs(), most)) * time.Millisecond,
	}
}

func versionRefusal(minVersion, maxVersion uint32) error {
	advice := "update coedit here"
	if maxVersion < MinVersion {
		advice = "update the relay"
	}
	return &Refusal{Code: RefusedVersion, Text: fmt.Sprintf(
		"the relay speaks protocol version %s, this coedit speaks %s: %s",
		versions(minVersion, maxVersion), versions(MinVersion, Version), advice)}
}

func versions(lowest, highest uint32) string {
	if lowest == highest {
		return fmt.Sprint(lowest)
	}
	return fmt.Sprintf("%d to %d", lowest, highest)
}

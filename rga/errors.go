package rga

import "errors"

// What can go wrong. Returned errors wrap one of these and name the values.
var (
	// ErrInvalid: an operation is malformed or its meaning is impossible. Nothing changed. All
	// replicas judge alike, and refuse what its author sends after it.
	ErrInvalid = errors.New("rga: invalid operation")
	// ErrRefused: an earlier operation of this author was invalid.
	ErrRefused = errors.New("rga: author refused")
	// ErrTooMuch: the bound on held operations was reached; this batch was not kept.
	ErrTooMuch = errors.New("rga: too many held operations")
	// ErrRange: an offset of a local edit is not in the document or not between two runes.
	ErrRange = errors.New("rga: offset outside the document or inside a rune")
	// ErrEncoding: bytes are not what Encode, AppendOwn or AppendBinary wrote: damaged or cut short.
	ErrEncoding = errors.New("rga: damaged encoding")
	// ErrLimit: the document would grow beyond what it can number (see MaxElements).
	ErrLimit = errors.New("rga: document limit reached")
)

// Limits. They are part of the meaning: every replica has the same ones.
const (
	// MaxElements is the most bytes a document can hold, deleted ones included.
	MaxElements = 1<<31 - 1
	// MaxTicks is the most ticks one replica can make.
	MaxTicks = 1<<32 - 2
	// MaxCounter is the greatest visibility counter.
	MaxCounter = 1<<31 - 1
	// MaxMetaKey and MaxMetaValue bound the bytes of a metadata register.
	MaxMetaKey   = 64
	MaxMetaValue = 4096
	// MaxHeldBatches and MaxHeldBytes bound what waits for its causes. One author may have half of what the others leave.
	MaxHeldBatches = 16384
	MaxHeldBytes   = 32 << 20
)

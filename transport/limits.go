package transport

import "time"

// Protocol versions this package speaks.
const (
	MinVersion = 1
	Version    = 2
)

// Limits of the protocol, in bytes. A relay may set the Default ones otherwise and says so in its Welcome.
const (
	DefaultMaxMessage  = 8 << 20
	DefaultMaxPresence = 64 << 10
	DefaultMaxSnapshot = 64 << 20
	DefaultMaxUnacked  = 64 << 20

	// HardMaxMessage is what no relay may exceed: the size at which a participant stops reading a message.
	HardMaxMessage = 64 << 20
	// FrameOverhead is kept free in a message beside the payload of a frame.
	FrameOverhead = 4 << 10

	MaxTarget   = 256
	MaxTrace    = 512
	MaxAgent    = 128
	MaxManifest = 4 << 10
	// SnapshotChunk is the size snapshots are cut into; MaxSnapshotChunk is what is accepted.
	SnapshotChunk    = 64 << 10
	MaxSnapshotChunk = 256 << 10
	// SnapshotWindow is how many chunks may be under way before the relay has asked for more.
	SnapshotWindow = 4
)

const (
	publishWindow    = 512 << 10 // bytes of frames sent and not acknowledged; one frame always may be
	pingInterval     = 3 * time.Second
	silenceLimit     = 8 * time.Second // nothing received for so long: the connection is half open
	silenceFree      = 64 << 10        // bytes under way that do not lengthen silenceLimit
	silenceRate      = 64 << 10        // bytes a second a slow link is granted for what exceeds them
	dialTimeout      = 10 * time.Second
	handshakeTimeout = 10 * time.Second
	writeTimeout     = 30 * time.Second
	stableAfter      = 10 * time.Second // online for so long: the next backoff begins anew
	eventsBuffer     = 64
)

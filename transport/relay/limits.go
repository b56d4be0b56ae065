package relay

// limit is one of the relay's limits, for counting and for the text of a refusal.
type limit int

// The limits. What is refused because of one of the first group may be tried again later; of the second, never.
const (
	limitConnections limit = iota // of the relay
	limitAddressConnections
	limitRate    // edits a second of a connection
	limitBacklog // edits that wait for the store
	limitRoomBytes
	limitAddressBytes
	limitSnapshots // that arrive at once
	limitHandshake // its time
	limitSilence
	limitAnswers // that are not read

	limitRooms
	limitAddressRooms
	limitParticipants // in a room
	limitMessage
	limitFrame
	limitPresence
	limitSnapshot
	limitOrigin
	limitCount
)

func (l limit) String() string {
	return [limitCount]string{
		"connections", "address_connections", "rate", "backlog", "room_bytes", "address_bytes", "snapshots_arriving", "handshake", "silence",
		"answers", "rooms", "address_rooms", "participants", "message", "frame", "presence", "snapshot", "origin",
	}[l]
}

// limited counts that something was refused because of a limit.
func (r *Relay) limited(l limit) { r.stats.limits[l].Inc() }

// limitError is an error that says which limit a message was over.
type limitError struct {
	limit limit
	err   error
}

func (e *limitError) Error() string { return e.err.Error() }
func (e *limitError) Unwrap() error { return e.err }

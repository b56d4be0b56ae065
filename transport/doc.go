// Package transport is the protocol between participants and a relay, and the
// participant's side of it: a [Client] that keeps one participant connected to one
// room, whatever the network does. The protocol itself (messages, flow, limits) is
// the one file wire/coedit.proto; the relay is package transport/relay.
//
// To this package a payload is bytes: it knows nothing of documents or encryption.
//
// # Use
//
// Make a Client, Run it in a goroutine, read its Events until they end. Publish
// frames with counters 1, 2, 3, ... of your own; they come back, numbered, between
// everybody else's.
//
// # Units
//
// Sizes are bytes. Frame numbers count a room's log from 1, within one incarnation of
// it. Frame counters count one replica's frames from 1, for ever: a counter is never
// used for two contents. Times in messages are unix microseconds.
//
// # Guarantees
//
//   - A frame that Publish took is sent until it is acknowledged, verbatim, across
//     reconnects, in order; the relay stores it once.
//   - Delivered frames come in the order of their numbers, without a hole, and no
//     (replica, counter) twice. After Fetch, and when the log was lost, they come
//     again from the beginning.
//   - An acknowledged frame is as durable as the relay makes it. When a relay comes
//     back without what it acknowledged, Online says Restore, and nothing of the old
//     queue is sent before Restored.
//   - Publish and every other method but Run return at once. What waits is bounded:
//     frames by Options.MaxUnacked, presence and snapshot by one each.
//   - A connection on which nothing is heard for 8 s is dropped, and another one is
//     tried: at random within a bound that doubles from 250 ms to 8 s, or when the
//     relay's Goodbye said.
//
// # What it does not promise
//
// Presence is not ordered with frames, and intermediate presences are left out. Gone
// is a hint: the participant may be back before it is read. A frame may have been
// stored although no Acked came before the connection was lost. Nothing here protects
// from a relay that withholds frames.
package transport

// Package relay is the hub between the participants of rooms. It stores what they
// publish, in the order it arrives, and gives it to everybody; it cannot read it.
//
// # How it works
//
// A room's truth is its [Log]. A frame is appended, so numbered, and only then
// acknowledged and delivered. Every connection has a cursor into the log and reads at
// its own speed when it is woken; so joining late, catching up after an outage and
// being slow are one and the same thing, and cost bounded memory per connection. There
// is no queue per receiver, and the payload of a frame is in memory once. Presence is
// the newest per sender; a connection remembers which changes it has written.
//
// What a room's live connections are sent next is read and encoded once for all, and
// what is to be written together goes out in one piece.
//
// A connection at rest is one goroutine that waits on a small stack. Another reads
// while something arrives, and a third writes while there is something to write.
//
// # Guarantees
//
//   - A number is given to one frame only, and a (replica, counter) stored once.
//   - What is acknowledged is as durable as the Log makes it. [NewMemoryLog] ends with
//     the process; its rooms then get other incarnations, and participants restore them.
//   - Whatever a peer sends ends at worst its own connection, with a Goodbye that says
//     why. Messages, rooms, participants' connections and everything kept for them are
//     bounded by [Config]; reasons are counted in [Stats]. Before it is upgraded a
//     connection is the HTTP server's, whose deadlines are the caller's to set.
//   - Logs hold no content, no secrets and no addresses.
//   - Nobody takes part in a room that encrypts without proving, for this connection, a right of its manifest and the
//     replica's own keys; nothing is kept for who does not (admission.go). Readers publish nothing. Rooms that are plain, in
//     protocol version 1, believe what they are told.
//   - A participant that does not read costs about 1 MB at most, whatever goes through its
//     room, delays nobody, and gets everything when it reads again.
//   - Nothing is added to a queue that is four fifths full: who adds to it is told when
//     to come back, and goes on from there, so nothing is lost or reordered.
//   - What only a later protocol version has is not sent to a participant of an earlier one.
//
// # Metrics and readiness
//
// [Relay.WriteMetrics] has what docs/OPERATING.md lists; two relays in one process have
// each their own. [Relay.Ready] is for load balancers, [Relay.Leave] and
// [Relay.Shutdown] for the end.
//
// # What it does not promise
//
// It does not look into payloads: whether a frame is its author's the participants
// check. Fairness between rooms is that of Go's scheduler; only those who catch up take
// turns. Over TLS a connection at rest holds more memory than without. Limits for each
// network address know nothing of what a proxy in front may say.
package relay

// Package relaybench puts a relay under load with real clients of its protocol and says how it did: how long an edit takes
// to the others and to its acknowledgement, what was lost or came twice, and what the relay used of the machine.
//
// # What is measured
//
// Every client publishes frames at a rate of its own, with a random phase, whether or not earlier ones have been
// acknowledged. They are what the editor makes of a keystroke, or of so many random bytes: sealed with the room's suite and
// signed by their author. Some clients of each room, by default one, open what they get, verify the signature and look at
// the operation as an editor does; what does not open is an error. Not all do, because on one machine that would measure
// the clients. Times are in milliseconds:
//
//   - Fan-out: from handing a sealed frame to the publisher's client until another client hands it over. Own frames, which
//     come back too, are counted as neither delivered nor measured.
//   - Acknowledgement: from handing a frame over until the relay says that it is as durable as it makes it.
//   - Lost and doubled: when everything has come to rest, each client must have had each frame of its room once, in the order
//     of its author; clients that did not read for a while, too.
//   - CPU and memory are those of the relay's process, as the system accounts for them, over the time of the load: they are
//     known only of a relay that was started here, on Linux.
//
// Clients that do not read for a while publish nothing and are left out of the times; what a relay held back because of them is in.
//
// Clients and relay share the machine, so the clients' own work is in the times. Compare figures of one run.
//
// # Bounds
//
// A run ends by itself: connecting, load and coming to rest each have a limit. The relay started here listens on loopback,
// keeps its rooms in a folder that is removed afterwards, and is ended by its process id.
package relaybench

// Package logtest is what every [relay.Log] must do, as tests: [Run] puts an implementation through them.
//
//	func TestMyLog(t *testing.T) {
//		logtest.Run(t, logtest.Maker{New: func(t logtest.TB, limits logtest.Limits) relay.Log { return newMyLog(limits) }})
//	}
//
// The heart of it is a comparison with a model made of plain lists, under random sequences of everything that a
// relay asks of a log: frames new, repeated, early and forged, snapshots good and stale, confirmations, rooms
// closed, expired and removed; and, for a log that outlives its process, restarts.
package logtest

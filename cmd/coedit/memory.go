package main

import "runtime/debug"

// A large text is one allocation without pointers: collecting garbage costs the same with it and without, but by its own measure the
// collector would let as much garbage pile up as the text is long before it begins.
const (
	largeText   = 16 << 20 // bytes from which on memory is tuned
	garbageRoom = 8 << 20  // garbage that may pile up between two collections, where the text is large
)

// tuneMemory bounds what the process holds beside a large text of that many bytes, and gives back what reading it took. The caller
// holds no other copy any more.
func tuneMemory(text int) {
	if text < largeText {
		return
	}
	debug.SetGCPercent(max(garbageRoom*100/text, 5))
	go debug.FreeOSMemory() // beside the first frame
}

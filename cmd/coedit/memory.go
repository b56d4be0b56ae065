package main

import (
	"runtime/debug"

	"coedit/rga"
)

// A large text is one allocation without pointers: collecting garbage costs the same with it and without, but by its own measure the
// collector would let as much garbage pile up as the text is long before it begins.
const (
	largeText   = 16 << 20 // bytes from which on memory is tuned
	garbageRoom = 8 << 20  // garbage that may pile up between two collections, where the text is large

	arrivalPercent = 20 // of what is held, as garbage, while a document arrives whose size is not known yet
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

// tuneArrival keeps the copies of a document that is arriving, one for each layer it passes, from piling up. Its result, called
// when the document is there, goes on with what suits that.
func tuneArrival() func(*rga.Doc) {
	usual := debug.SetGCPercent(arrivalPercent)
	return func(doc *rga.Doc) {
		debug.SetGCPercent(usual)
		tuneMemory(doc.Len())
	}
}

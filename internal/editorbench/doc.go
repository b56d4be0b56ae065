// Package editorbench measures the whole editor as its user sees it: the program in a terminal, a file, keys pressed one by one,
// and, if wanted, another participant who types at a given rate meanwhile.
//
//	report, err := editorbench.Run(ctx, editorbench.Options{Program: exe, File: "main.go"})
//
// # What is measured
//
// The program runs in a pseudo-terminal of 120 by 40. Its first paint is the end of its first output. Keys are pressed in the
// middle of the file, 27 a second, which does not fall into step with frames of 60 or 120 a second. A key's latency is the time from
// writing it until the character it types comes back, its frame is the time until the output it led to has ended.
// Bytes are all that was written per key. Memory and processor time are the program's own, where the system tells them (Linux); with a
// rate they include its relay.
//
// # What it does not say
//
// The terminal's own time, which is not coedit's. A second of a busy machine can be all of a 99th percentile: look at the load.
//
// The file is copied first, and journals go to a folder of their own, so nothing of the user's is touched.
package editorbench

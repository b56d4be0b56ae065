// Package journal keeps on disk what a participant must not lose when its process is killed: who it is, what it has typed,
// what it has read, and the sealed frames that no relay has acknowledged.
//
//	dir := journal.Dir{Path: folder}
//	w, err := dir.Create(journal.Options{}, journal.About{Role: "join", Name: "main.go"})
//	w.Append(publish, journal.Batch{Bytes: batch}, journal.Frame{Counter: 1, To: 12, Payload: sealed})
//	w.Close()
//	taken, err := dir.Take(name, journal.Options{}) // after a crash: State holds all of it
//
// # On disk
//
// A folder for each journal, mode 0700, with files of mode 0600: `lock`, held with flock (LockFileEx on Windows) while a
// process writes the journal, and `log`. The log is
//
//	"coedit\x00J" version(1)
//	record...
//
// and a record is length (4 bytes, little-endian, of the body), CRC-32C of length and body (4 bytes), body. A body is a
// kind (1 byte) and what record.go says for that kind. Records are only appended. When their bytes have grown by twice
// what the last compaction left, and one MiB, the log is written anew beside the old one and takes its place by rename. It
// then lacks what is over, such as frames that were acknowledged; the records of the document are copied, unless its batches
// have outgrown the rest: then one record holds all of it.
//
// # What is promised
//
//   - [Writer.Append] never waits for the disk. A record is written (write returned) before the function given with it is
//     called: who publishes in there has written before publishing.
//   - What is written survives the process (kill -9): it is in the system's page cache. It survives the machine (power cut) when
//     it is synced, at most [SyncDelay] after it was written, plus what the disk takes.
//   - A record is there whole or not at all. The end of a log that was cut in the middle of a record is dropped; that is
//     what a kill leaves. Any other damage makes [Dir.Take] set the journal aside under another name, with what could be
//     read returned all the same.
//   - Nothing is used twice: [State.Intact] is true only where nothing written can be missing: the same boot of the same
//     machine, the very file that was written (a copy is another file), no failed write. Whoever continues a journal that
//     is not intact must do so under a new identity.
//   - One process writes a journal. [ErrInUse] says that another does.
//   - Reading never allocates more than about the size of the file, compressed records apart, whose size is bounded. Writing a
//     text, and a log anew without its frames, takes some tens of KiB however long they are.
//
// # What is not
//
// A virtual machine that is put back to an earlier snapshot, or a file restored in place within the same boot, looks intact;
// then the relay's count of frames, which is ahead, tells. Nothing here is encrypted: the folder holds what the user could
// read on the screen, and the room's link. On systems without flock, or whose boots cannot be told apart (Windows), no
// journal is ever intact: its text is recovered, its identity is not.
//
// The payloads are bytes to this package; package session says what is in them. Sizes are bytes, times unix milliseconds.
package journal

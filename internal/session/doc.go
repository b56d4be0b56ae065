// Package session is one participant of a shared document: it joins the editor, which owns the text, with the
// transport, which moves bytes, and the seal, which keeps those bytes from others. It is the only package that knows all three.
//
// # Goroutines
//
// A [Participant] has an owner: the goroutine that owns the editor too (the screen's update loop, or [Participant.Drive]).
// [Participant.Run] is called on another one; there the pump opens what the relay sends, checks that every frame holds its
// author's own operations only, takes snapshots apart, and queues batches of bounded size in an inbox of bounded size. An
// owner that is busy makes the pump wait, the pump the transport, and the transport the relay, which then reads the log for
// this participant at its speed: nobody else notices.
//
//	relay -> transport.Client -> pump -> inbox -> Step -> editor
//	relay <- transport.Client <- sealing <- outbox <- Flush <- editor
//
// The owner's loop is: [Participant.Wait] elsewhere, then [Participant.Step] with a budget, edit, [Participant.Flush].
// Neither Step nor Flush ever waits for the network. What takes long for a long text is done by goroutines that there are only while
// there is such work (worker.go): sealing own frames, making snapshots, comparing those of others.
//
// # What is promised
//
//   - Own edits are in the document at once, whatever the network does. The document's own log is the outbox: what is not
//     acknowledged is counted by [Participant.Status] and sent when there is a connection.
//   - With nothing in flight edits go at once; otherwise they gather until the acknowledgement, or for half of what one takes
//     (20 to 100 ms, on a poor link 250), and for as long as the relay takes no more. Batches have at most 64 KiB, those of
//     many little operations less; in a sealed room they are compressed as the measured link needs it (wirecodec.go).
//   - A relay that asks for a snapshot gets one from a participant that has everything, made beside the owner's work
//     (making.go). Somebody else's is confirmed when it was read and lacks nothing that the log was known to hold.
//   - A relay that comes back without its log, or with an older one, is made whole by those who are there (see restore.go):
//     nothing is lost, nothing doubled, and who comes later with unsent edits adds them.
//   - With a journal (Options.Journal) nothing leaves the process, and nothing is shown as sent, before it is written there:
//     own operations, frozen frames, what others wrote, how far the log has been read. From the journal's state
//     (Options.Resume) the same replica goes on, with the very frames that no relay has acknowledged; or, where the journal
//     may lack something, a fresh replica brings the document (resume.go). Ids are never used twice.
//   - Everything is sealed with the room's suite and signed by its author (package seal; keyring.go). What is not as it was
//     sealed is refused, counted in [Status] and told once; no relay can so silence an author. Frames of an author that is not
//     certified wait until it is; a reader never is.
//   - What a relay keeps back, repeats or rewinds is told (withheld.go, tamper.go). A snapshot replaces nothing that was checked
//     frame by frame (snapshotcheck.go).
//   - The owner can close the room, or move it and leave somebody out (house.go): those who follow go on by themselves, with the
//     same ids, and nothing of what follows opens with the old links.
//   - Offsets and sizes are bytes; times are what Options.Now says.
//
// # What is not
//
//   - A room moves within its relay only, and only those who are there follow.
//   - Without a journal edits that no relay has acknowledged are lost with the process. With one, a power cut may take what
//     was done within journal.SyncDelay before it.
//   - Undo steps and the clipboard are not in the journal.
//   - What a snapshot says of others is its maker's word ([Participant.VouchedBy]): the frames that they signed are gone.
//   - A batch is applied whole, so a Step may exceed its budget of operations by one batch of a peer that sends large ones.
//   - While a snapshot is made there are two documents in memory. One in which text was forgotten is encoded on the owner's
//     goroutine: tens of milliseconds for some megabytes.
package session

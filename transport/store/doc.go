// Package store keeps the rooms of a relay on disk: a [relay.Log] in a folder, in a bbolt database with a write-ahead
// log in front.
//
//	s, err := store.Open("/var/lib/coedit", store.Options{})
//	...
//	hub := relay.New(relay.Config{Log: s})
//
// # How it works
//
// One goroutine commits. It takes everything that waits, of all rooms, judges it in order, writes it in one piece, and
// when the disk has answered it publishes and answers. With little to do a frame is committed at once; under load one
// group commit holds what came during the one before.
//
// Frames, and who opened and left a room, are appended to the write-ahead log: one write and one sync, in space that the
// file has already. A checkpoint moves what is in the log into the database, thousands of frames in one transaction:
// when the log has grown to Options.LogBytes, when its first record is five seconds old, when something comes that is not
// for the log (snapshots, confirmations, removals, large frames; they are in that transaction), before a backup, and at
// the end. Until then these frames are read from memory.
//
// The frames of all rooms stand in one bucket in the order in which they came, because a page for each room would have to
// be rewritten by each transaction. Where a room's frames are is known in memory (24 bytes a frame), from one scan at the start, which is short because
// snapshots truncate. The frames stored last stay in memory, bounded, so that those who follow a room live do not
// read the file.
//
// A snapshot's payload is written in parts between other commits, so that a large one does not hold up edits; the
// transaction that makes it the room's snapshot is small, and truncates the log by that alone. What nobody needs any
// more is deleted afterwards, some with each commit.
//
// # Guarantees
//
//   - A frame that was answered without an error is on disk, with its number; so is a snapshot, and a removal. After
//     a crash at any moment every frame answered is there, once, and the numbers have no hole.
//   - A group commit is there wholly or not at all, be it in the log or in the database.
//   - When a commit fails (disk full, read-only, a failed sync), everything in it is answered with [ErrUnavailable],
//     and so is what follows until the store works again: it closes the files, forgets what the system has in its
//     cache, reads them anew, and makes sure that everything it had answered is there.
//   - What is read from the file is checked by its checksum first. A damaged file is not opened; the error names it,
//     and [Check] lists what is wrong. Nothing damaged ends the process.
//   - One process at a time has the file ([ErrInUse]), and one of a later version is left alone ([VersionError]).
//
// # What it does not promise
//
// Nothing is encrypted: payloads are sealed by the participants. A disk that says it has synced and has not is not
// noticed before the next start. Damage to the log's last record cannot be told from a power cut while it was written,
// and is taken for one; damage before it is an error. The times of [relay.RoomLog.Release] and what [relay.RoomLog.Confirm] says may be
// lost by a crash right afterwards. The file does not shrink; its free pages are used again.
//
// # The file
//
// rooms.db is a bbolt database (format 2, 4 KiB pages as a rule) with the buckets below. Keys are big-endian, so that
// they sort as numbers; everything in values is little-endian. Every value ends with four bytes: CRC-32C of the key
// followed by the value before them. So a record that stands under another key is damaged, too. Times are Unix
// nanoseconds, 0 for none.
//
//	store      "format"
//	           0  u32  2, the version of this layout; in version 1 there was no write-ahead log
//	           "wal", how the write-ahead log goes on; not in a backup, which has none
//	           0  u64  id of the file
//	           8  u64  generation of the records that are not in the database
//	          16  u8   1: there are none, and perhaps no file
//	           "copied", only in a backup that no relay has used: its rooms are to become other incarnations
//
//	rooms      u64 room; numbers are never used twice
//	           0  u64  incarnation, not 0
//	           8  i64  released at; 0: open
//	          16  u16  bytes of the id
//	          18       id, then the manifest up to the checksum
//
//	log        u64 position; ascends with time, over all rooms
//	           0  u64  room
//	           8  u64  number in the room: 1, 2, 3, ...
//	          16  u64  replica
//	          24  u64  counter; 0: the mark of a restoring snapshot
//	          32  u8   class, as in the protocol
//	          33  u16  bytes of the target
//	          35  u16  bytes of the trace
//	          37  u32  bytes of the fields of later protocol versions
//	          41       target, trace, later fields, then the payload up to the checksum
//
//	snapshots  u64 room, u64 generation
//	           0  u64  number of the last frame it covers
//	           8  u64  number of one who has merged it
//	          16  u64  replica of its maker
//	          24  i64  put at
//	          32  u64  blob; 0 when the payload is empty
//	          40  u32  bytes of the payload
//	          44  u8   1: restores, 2: confirmed
//
//	blobs      u64 blob, u32 index from 0
//	           0       64 KiB of a payload, the last part less
//
//	counters   u64 room, u64 replica
//	           0  u64  last counter of the replica, or of its last frame that was dropped
//
//	removed    u64 ascending
//	           0       id of a room removed for good
//
// A room has at most two snapshots. The newest is confirmed and then the only one; or it is not, and then the one
// before and all frames after what that one covers (all frames from the first, where there is none before) are kept.
// A replica's last counter is the greater of counters and its last frame. Frames, snapshots and counters of a room
// that is not in rooms, frames that are not kept and blobs without a snapshot mean nothing; they are what is still to
// be deleted.
//
// # The write-ahead log
//
// rooms.wal is there while a relay runs, and after a crash. It begins with a page of 4 KiB: 24 bytes that say what it
// is, u32 version of its layout, u64 id, CRC-32C of these. Records follow, each at the beginning of a sector of 512 bytes:
//
//	 0  u32  CRC-32C of what follows
//	 4  u32  bytes of the entries
//	 8  u64  id of the file
//	16  u64  generation
//	24  u64  number of the record in its generation, from 0
//	32       entries: u8 kind ('f' or 'r'), u64 key, u32 bytes of the value, and the value: as in bucket log or rooms
//
// The transaction of a checkpoint also says in "wal" that the next generation begins; the records of that one are
// written over those before, which mean nothing from then on. So nothing is in both files, and nothing in neither. A
// start reads the records of the generation that "wal" says, in order, and begins with a checkpoint. A record that is
// not whole is the last one; as each was synced before the next was written, it is damage when another one follows.
// So are a log that is missing, one of another id, and records of a later generation than "wal" says.
package store

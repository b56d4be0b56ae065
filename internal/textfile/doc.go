// Package textfile reads and writes the file on disk, and finds the edits between two texts.
//
// # What stays as it was
//
// A file's bytes are split into its text, which the document holds, and its [Format]: byte order mark and line endings.
// Encode(Decode(b)) is b for every b that is accepted. Where all lines end in CRLF the text holds LF only; mixed endings,
// and files with a lone CR, are left in the text as they are. Whether the last line ends in a newline is part of the text. What is
// not a text in UTF-8 is refused by a sentence, never damaged.
//
// [File.Save] writes to a temporary file in the same folder, brings it to the disk and renames it: after a crash there is
// the old file or the new one. Permissions, and the owner where that is allowed, are kept; a symbolic link stays and its
// target is written. A file that another program changed since it was read is not overwritten unless forced, nor is one made anew
// that another program deleted or renamed. [Diff] and [Rebase] merge what was changed there with what was changed here.
//
// # What it does not promise
//
// Hard links to the file keep the old content. Extended attributes and access control lists are not copied. Between the
// check for outside changes and the rename there is a moment in which another program's write is lost.
//
// Sizes and offsets are in bytes. A [File] is not safe for concurrent use; Decode, Encode and Diff are functions of their
// arguments.
package textfile

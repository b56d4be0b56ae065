// Package codec compresses the sections of encoded documents: what [coedit/rga.Codec] leaves to its caller.
//
//	small := doc.EncodeWith(codec.Zstd)                     // for keeping
//	doc, err := rga.DecodeWith(small, self, codec.All()...) // whichever it was written with
//
// # Which one
//
// [Zstd] is the one for documents that are kept or sent: about the third of a plain document, at tens of megabytes a second.
// [ZstdBest] writes the same format once for many readers: some per cent smaller, several times slower to write, as fast to
// read. [LZ4] is for caches, where reading time is all. Not to compress at all is to pass no codec.
//
// # What it promises
//
// All values may be used from any goroutine. The same bytes compress to the same bytes within one version of this program,
// not across versions. Decompression never makes more bytes than the size it is told, and reports an error where the bytes
// are damaged or of another size; it does not look for damage otherwise: a document has a checksum of its own.
package codec

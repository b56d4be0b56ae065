// Package wire is the Go form of coedit.proto, the one readable file that is the protocol: messages, flow, limits. Read that
// file; coedit.pb.go is generated from it by `go generate ./transport/wire`.
//
//	b := wire.Marshal(&wire.ClientFrame{Kind: &wire.ClientFrame_Ping{Ping: &wire.Ping{ClientTime: now}}})
//	var f wire.ClientFrame
//	err := wire.Unmarshal(b, &f)
//
// The encoding is protobuf's (proto3), so other languages read and write it with their own tools. What is read as that
// runtime reads it: a field that comes twice is taken from the second time, a message that comes twice is merged, a number in
// an unexpected wire type is an unknown field, and unknown fields are kept and written again behind the others.
//
// # Guarantees
//
//   - No bytes make Unmarshal panic, and it allocates in proportion to them: a repeated field has at most [MaxRepeated] messages.
//   - Equal messages have equal bytes: fields are written in ascending order and zero values are left out.
//
// # What it does not promise
//
// Byte fields of a message that was read share memory with what it was read from. Whether values make sense is for the reader
// to check.
package wire

//go:generate go run ../../internal/wiregen -o coedit.pb.go coedit.proto

// Package wire is the Go form of coedit.proto, the one readable file that is the
// protocol: messages, flow, limits. Read that file; the code beside it is
// generated from it by `go generate ./transport/wire` (protoc must be installed;
// the Go plugin is pinned in go.mod).
package wire

//go:generate sh generate.sh

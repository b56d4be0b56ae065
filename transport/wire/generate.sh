#!/bin/sh
# Makes coedit.pb.go from coedit.proto: protoc from the system, the Go plugin pinned in go.mod.
set -eu
cd "$(dirname "$0")"
plugin=$(go tool -n google.golang.org/protobuf/cmd/protoc-gen-go)
protoc --plugin="protoc-gen-go=$plugin" --go_out=. --go_opt=paths=source_relative coedit.proto
# The protoc release is left out of the file, so that any release gives the same bytes.
sed -i.orig '/^\/\/ 	protoc  *v/d' coedit.pb.go
rm coedit.pb.go.orig

package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"strings"

	"coedit/rga"
	"coedit/transport/seal"
)

// A version file says which version of which room's document was printed: four lines of text, the last one empty.
//
//	coedit version 1
//	room ROOM
//	ticks BASE64 of rga.Version's encoding
const (
	versionFileHead = "coedit version 1"
	maxVersionFile  = 4 << 20 // bytes; some hundred thousand replicas
)

// writeVersionFile writes it, readable by this user only.
func writeVersionFile(path string, link seal.Link, v rga.Version) error {
	ticks := base64.StdEncoding.EncodeToString(v.AppendBinary(nil))
	return writePrivate(path, fmt.Sprintf("%s\nroom %s\nticks %s\n", versionFileHead, link.Room, ticks))
}

// readVersionFile reads the version of the room that the link is for.
func readVersionFile(path string, link seal.Link) (rga.Version, error) {
	if info, err := os.Stat(path); err == nil && info.Size() > maxVersionFile {
		return nil, notVersionFile(path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, failure(err, "`coedit cat --version-file` writes one", "cannot read %s: %s", path, cause(err))
	}
	lines := strings.Split(string(b), "\n")
	if len(lines) != 4 || lines[0] != versionFileHead || lines[3] != "" {
		return nil, notVersionFile(path)
	}
	room, ok := strings.CutPrefix(lines[1], "room ")
	encoded, ok2 := strings.CutPrefix(lines[2], "ticks ")
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || !ok2 || err != nil {
		return nil, notVersionFile(path)
	}
	v, rest, err := rga.DecodeVersion(raw)
	if err != nil || len(rest) > 0 {
		return nil, notVersionFile(path)
	}
	if room != link.Room {
		return nil, failure(nil, "use the link it was printed from, or leave --version-file out",
			"%s is of another room than the link, so nothing was changed", path)
	}
	return v, nil
}

func notVersionFile(path string) error {
	return failure(nil, "`coedit cat --version-file` writes one", "%s is no version file, or damaged", path)
}

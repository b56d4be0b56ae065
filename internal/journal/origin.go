package journal

import (
	"encoding/binary"
	"os"
)

// origin is where a log was written: in which boot of the machine, and into which file. The same boot means that nothing
// written was lost with the page cache; the same file means that this is no copy, of which another may be in use.
type origin struct {
	boot         string
	device, file uint64
}

// originHere is the origin of a log written now; false where the system does not tell.
func originHere(f *os.File) (origin, bool) {
	boot := bootID()
	device, file, ok := fileID(f)
	return origin{boot, device, file}, ok && boot != ""
}

func (o origin) append(dst []byte) []byte {
	return record(dst, kindOrigin, func(dst []byte) []byte {
		dst = binary.LittleEndian.AppendUint64(dst, o.device)
		dst = binary.LittleEndian.AppendUint64(dst, o.file)
		return append(dst, o.boot...)
	})
}

func originOf(b []byte) origin {
	if len(b) < 16 {
		return origin{}
	}
	return origin{string(b[16:]), binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])}
}

package editorbench

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"time"
)

// ticks is the unit of processor times in /proc, in which Linux counts them for programs whatever its own clock is.
const ticks = 10 * time.Millisecond

// processor is the time that a process has used; false where the system does not tell.
func processor(pid int) (time.Duration, bool) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, false
	}
	// The second field is the name in brackets, which may hold anything.
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	if len(fields) < 13 {
		return 0, false
	}
	user, err1 := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	return time.Duration(user+system) * ticks, err1 == nil && err2 == nil
}

// memory is what a process holds of the machine's, in bytes; 0 where the system does not tell.
func memory(pid int) int64 {
	b, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	for line := range strings.SplitSeq(string(b), "\n") {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			n, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return n << 10
		}
	}
	return 0
}

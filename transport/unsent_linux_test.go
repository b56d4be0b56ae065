package transport

import (
	"testing"
	"time"
)

// TestTheKernelTakesLittleOfWhatIsNotRead: beside what is on its way to one who does not read, writing stops soon.
func TestTheKernelTakesLittleOfWhatIsNotRead(t *testing.T) {
	_, server := sockets(t, 1<<20)
	taken := 0
	for {
		_ = server.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		if err := server.WriteMessage(make([]byte, 16<<10)); err != nil {
			break
		}
		if taken += 16 << 10; taken > 1<<20 { // it is 4 MB without the limit
			t.Fatalf("%d KB were taken, and it goes on", taken>>10)
		}
	}
}

package relay_test

import (
	"testing"

	"coedit/transport/relay"
	"coedit/transport/relay/logtest"
)

func TestMemoryLog(t *testing.T) {
	logtest.Run(t, logtest.Maker{New: func(_ logtest.TB, l logtest.Limits) relay.Log {
		return relay.NewLimitedMemoryLog(9, relay.MemoryLimits{RoomBytes: l.RoomBytes, TotalBytes: l.TotalBytes})
	}})
}

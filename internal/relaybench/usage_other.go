//go:build !linux

package relaybench

import "time"

func CPUTime(int) (time.Duration, bool) { return 0, false }

func ResidentBytes(int) (int64, bool) { return 0, false }

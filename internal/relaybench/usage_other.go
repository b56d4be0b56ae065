//go:build !linux

package relaybench

import "time"

func cpuTime(int) (time.Duration, bool) { return 0, false }

func residentBytes(int) (int64, bool) { return 0, false }

package relaybench

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// Values are counted in buckets whose width is a 64th of their value at most, as HdrHistogram has them.
const (
	subBits    = 6
	subBuckets = 1 << subBits
	buckets    = (64 - subBits + 1) * subBuckets
)

// Histogram counts durations; its methods may be called from any goroutine.
type Histogram struct {
	counts [buckets]atomic.Uint64
}

func (h *Histogram) Add(d time.Duration) { h.counts[bucket(uint64(max(d, 0)))].Add(1) }

// bucket is the index of a value: its highest bits, and how far they stand up.
func bucket(v uint64) int {
	if v < subBuckets {
		return int(v)
	}
	shift := bits.Len64(v) - subBits - 1
	return (shift+1)*subBuckets + int(v>>shift) - subBuckets
}

// top is the greatest value of a bucket.
func top(i int) uint64 {
	if i < subBuckets {
		return uint64(i)
	}
	shift := i/subBuckets - 1
	return (uint64(i%subBuckets+subBuckets+1) << shift) - 1
}

func (h *Histogram) Count() (n uint64) {
	for i := range h.counts {
		n += h.counts[i].Load()
	}
	return n
}

// Quantile is the least value that a share q of all do not exceed, up to a 64th too high; 0 where there are none.
func (h *Histogram) Quantile(q float64) time.Duration {
	total := h.Count()
	need := uint64(q * float64(total))
	if float64(need) < q*float64(total) {
		need++
	}
	for i, sum := 0, uint64(0); i < buckets; i++ {
		sum += h.counts[i].Load()
		if sum >= need && sum > 0 {
			return time.Duration(top(i))
		}
	}
	return 0
}

// milliseconds with three digits behind the point.
func milliseconds(d time.Duration) float64 {
	return float64(d.Round(time.Microsecond).Microseconds()) / 1000
}

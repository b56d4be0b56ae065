package relaybench

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestQuantilesAreThoseOfTheSortedValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Int64Range(0, 1<<45), 1, 200).Draw(t, "values")
		q := rapid.Float64Range(0.001, 1).Draw(t, "q")
		h := &Histogram{}
		for _, v := range values {
			h.Add(time.Duration(v))
		}
		slices.Sort(values)
		i := int(q*float64(len(values)) + 0.999999999)
		want, got := values[max(i, 1)-1], int64(h.Quantile(q))
		if got < want || got > want+want/subBuckets+1 {
			t.Fatalf("quantile %g of %v is %d, want %d", q, values, got, want)
		}
		if h.Count() != uint64(len(values)) {
			t.Fatalf("%d values", h.Count())
		}
	})
}

func TestEveryValueHasItsBucket(t *testing.T) {
	for _, v := range []uint64{0, 1, 63, 64, 65, 127, 128, 1 << 20, 1<<63 - 1, 1<<64 - 1} {
		i := bucket(v)
		if i < 0 || i >= buckets || top(i) < v || i > 0 && top(i-1) >= v {
			t.Errorf("%d is in bucket %d, whose greatest is %d", v, i, top(i))
		}
	}
}

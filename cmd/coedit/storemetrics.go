package main

import (
	"coedit/transport/store"

	"github.com/VictoriaMetrics/metrics"
)

// storeMetrics are what is measured of the rooms on disk. docs/OPERATING.md lists them.
type storeMetrics struct {
	set        *metrics.Set
	commit     *metrics.PrometheusHistogram
	wait       *metrics.PrometheusHistogram
	operations *metrics.PrometheusHistogram
	bytes      *metrics.Counter
	failures   *metrics.Counter
}

func newStoreMetrics() *storeMetrics {
	set := metrics.NewSet()
	seconds := []float64{0.00025, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5}
	return &storeMetrics{
		set:        set,
		commit:     set.NewPrometheusHistogramExt("coedit_store_commit_seconds", seconds),
		wait:       set.NewPrometheusHistogramExt("coedit_store_wait_seconds", seconds),
		operations: set.NewPrometheusHistogramExt("coedit_store_commit_operations", []float64{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000}),
		bytes:      set.NewCounter("coedit_store_written_bytes_total"),
		failures:   set.NewCounter("coedit_store_failures_total"),
	}
}

// committed is called by the store after each commit.
func (m *storeMetrics) committed(c store.Commit) {
	if c.Err != nil {
		m.failures.Inc()
		return
	}
	m.commit.Update(c.Took.Seconds())
	m.wait.Update(c.Waited.Seconds())
	m.operations.Update(float64(c.Operations))
	m.bytes.Add(c.Bytes)
}

// watch adds the store's sizes.
func (m *storeMetrics) watch(s *store.Store) {
	m.set.NewGauge("coedit_store_live_bytes", func() float64 { return float64(s.Stats().LiveBytes) })
	m.set.NewGauge("coedit_store_file_bytes", func() float64 { return float64(s.Stats().FileBytes) })
	m.set.NewGauge("coedit_store_queued_bytes", func() float64 { return float64(s.Stats().Queued) })
}

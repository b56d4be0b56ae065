package relay

import (
	"fmt"
	"io"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"coedit/transport/wire"
)

// meters are what the relay counts and measures. docs/OPERATING.md lists them. They belong to a set of this relay's own, so
// that two relays in one process do not mix theirs.
type meters struct {
	set *metrics.Set

	connections, frames, frameBytes, snapshots, wanted *metrics.Counter
	slow, presenceDropped, proofs, suites              *metrics.Counter
	receivedMessages, receivedBytes                    *metrics.Counter

	sentMessages, sentBytes [laneCount]*metrics.Counter
	delay                   [laneCount]*metrics.PrometheusHistogram // control has none
	fanout, commit          *metrics.PrometheusHistogram

	goodbyes, nacks []*metrics.Counter // by code
	limits          [limitCount]*metrics.Counter
}

// seconds are the histograms' buckets: from half of what a quick store takes to more than a patient user waits.
var seconds = []float64{
	0.00025, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30,
}

func newMeters(r *Relay) meters {
	set := metrics.NewSet()
	m := meters{
		set:              set,
		connections:      set.NewCounter("coedit_connections_total"),
		frames:           set.NewCounter("coedit_frames_stored_total"),
		frameBytes:       set.NewCounter("coedit_frame_bytes_stored_total"),
		snapshots:        set.NewCounter("coedit_snapshots_stored_total"),
		wanted:           set.NewCounter("coedit_snapshots_wanted_total"),
		slow:             set.NewCounter("coedit_slow_participants_total"),
		presenceDropped:  set.NewCounter("coedit_presence_dropped_total"),
		proofs:           set.NewCounter(`coedit_admission_refused_total{why="proof"}`),
		suites:           set.NewCounter(`coedit_admission_refused_total{why="suite"}`),
		receivedMessages: set.NewCounter("coedit_received_messages_total"),
		receivedBytes:    set.NewCounter("coedit_received_bytes_total"),
		fanout:           set.NewPrometheusHistogramExt("coedit_fanout_seconds", seconds),
		commit:           set.NewPrometheusHistogramExt("coedit_commit_seconds", seconds),
	}
	for l := range laneCount {
		m.sentMessages[l] = set.NewCounter(fmt.Sprintf("coedit_sent_messages_total{class=%q}", l))
		m.sentBytes[l] = set.NewCounter(fmt.Sprintf("coedit_sent_bytes_total{class=%q}", l))
		if l != laneControl {
			m.delay[l] = set.NewPrometheusHistogramExt(fmt.Sprintf("coedit_queue_delay_seconds{class=%q}", l), seconds)
		}
	}
	for code := range wire.Goodbye_SUITE + 1 {
		m.goodbyes = append(m.goodbyes, set.NewCounter(fmt.Sprintf("coedit_goodbyes_total{code=%q}", code)))
	}
	for code := range wire.Nack_UNAVAILABLE + 1 {
		m.nacks = append(m.nacks, set.NewCounter(fmt.Sprintf("coedit_nacks_total{code=%q}", code)))
	}
	for l := range limitCount {
		m.limits[l] = set.NewCounter(fmt.Sprintf("coedit_limited_total{limit=%q}", l))
	}
	set.NewGauge("coedit_connections", func() float64 { return float64(r.present()) })
	set.NewGauge("coedit_rooms", func() float64 { return float64(r.cfg.Log.Rooms()) })
	set.NewGauge("coedit_rooms_open", func() float64 { return float64(r.openRooms()) })
	set.NewGauge("coedit_backlog_bytes", func() float64 { return float64(r.backlog.bytes.Load()) })
	set.NewGauge("coedit_ready", func() float64 {
		if r.Ready() != nil {
			return 0
		}
		return 1
	})
	return m
}

// WriteMetrics writes the relay's metrics in the text format of Prometheus.
func (r *Relay) WriteMetrics(w io.Writer) { r.stats.set.WritePrometheus(w) }

// noteDelay says how long something waited, since a time on the relay's clock, before it was written.
func (r *Relay) noteDelay(l lane, since int64) {
	r.stats.delay[l].Update(time.Duration(r.clock() - since).Seconds())
}

// noteWritten counts what was written.
func (r *Relay) noteWritten(b *batch) {
	for l := range laneCount {
		if n := b.lanes[l].messages; n > 0 {
			r.stats.sentMessages[l].Add(n)
			r.stats.sentBytes[l].Add(b.lanes[l].bytes)
		}
	}
	if b.grewAt != 0 {
		r.stats.fanout.Update(time.Duration(r.clock() - b.grewAt).Seconds())
	}
}

// noteReceived counts a message.
func (r *Relay) noteReceived(bytes int) {
	r.stats.receivedMessages.Inc()
	r.stats.receivedBytes.Add(bytes)
}

// noteCommit says how long the log took to answer an edit.
func (r *Relay) noteCommit(began int64, err error) {
	if err == nil {
		took := time.Duration(r.clock() - began)
		r.backlog.noteCommit(took)
		r.stats.commit.Update(took.Seconds())
	}
}

// byCode is the counter of a code; what a later version might say counts as unspecified.
func byCode[C ~int32](counters []*metrics.Counter, code C) *metrics.Counter {
	if code < 0 || int(code) >= len(counters) {
		code = 0
	}
	return counters[code]
}

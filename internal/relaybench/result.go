package relaybench

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"text/tabwriter"
	"time"
)

// Result is what was measured. Its JSON names are a contract. What is not known is null.
type Result struct {
	Rooms   int     `json:"rooms"`
	Clients int     `json:"clients"` // in each room
	Rate    float64 `json:"rate"`
	Seconds float64 `json:"seconds"` // of load
	Payload int     `json:"payload"` // bytes of an edit; 0: keystrokes
	Sealed  uint64  `json:"sealed"`  // bytes of the last edit published, sealed and signed
	Slow    int     `json:"slow"`
	Durable *bool   `json:"durable"`

	FanoutP50  float64 `json:"fanout_p50_ms"`
	FanoutP99  float64 `json:"fanout_p99_ms"`
	FanoutP999 float64 `json:"fanout_p999_ms"`
	AckP99     float64 `json:"ack_p99_ms"`

	Published uint64 `json:"published"`
	Delivered uint64 `json:"delivered"` // to others
	Opened    uint64 `json:"opened"`    // of these, opened and verified
	Errors    uint64 `json:"errors"`
	Lost      uint64 `json:"lost"`
	Doubled   uint64 `json:"doubled"`

	RelayCPU    *float64 `json:"relay_cpu_s"` // over the load
	PerDelivery *float64 `json:"relay_cpu_us_per_delivery"`
	RelayRSS    *float64 `json:"relay_rss_mb"`                // behind the load
	IdleRSS     *float64 `json:"relay_rss_kb_per_connection"` // before the load, over that without connections

	AcceptS        float64 `json:"accept_s"` // until all were connected
	StormS         float64 `json:"storm_s,omitempty"`
	StormSnapshots uint64  `json:"storm_snapshots"`
	StormRestores  uint64  `json:"storm_restores"`

	FirstError string `json:"first_error,omitempty"`

	cpuBefore time.Duration
}

func (r *run) result() Result {
	return Result{
		Rooms: r.o.Rooms, Clients: r.o.Clients, Rate: r.o.Rate, Seconds: r.o.Duration.Seconds(), Payload: r.o.Payload, Slow: r.o.Slow,
	}
}

func (r *run) idleUsage(res *Result) {
	if r.relay == nil {
		return
	}
	durable := !r.o.Memory && !r.o.FIFO
	res.Durable = &durable
	pid := r.relay.cmd.Process.Pid
	if cpu, ok := CPUTime(pid); ok {
		res.cpuBefore = cpu
		res.RelayCPU = new(float64)
	}
	if rss, ok := ResidentBytes(pid); ok {
		per := float64(rss-r.relay.bareBytes) / 1024 / float64(len(r.members))
		res.IdleRSS = &per
	}
}

func (r *run) loadUsage(res *Result) {
	res.Published, res.Delivered = r.published.Load(), r.delivered.Load()
	if r.relay == nil || res.RelayCPU == nil {
		return
	}
	pid := r.relay.cmd.Process.Pid
	if cpu, ok := CPUTime(pid); ok {
		*res.RelayCPU = (cpu - res.cpuBefore).Seconds()
		if res.Delivered > 0 {
			per := *res.RelayCPU * 1e6 / float64(res.Delivered)
			res.PerDelivery = &per
		}
	}
	if rss, ok := ResidentBytes(pid); ok {
		mb := float64(rss) / 1e6
		res.RelayRSS = &mb
	}
}

// count compares what was published with what arrived, and reads the times.
func (r *run) count(res *Result) {
	res.Published, res.Delivered = r.published.Load(), r.delivered.Load()
	res.Opened, res.Sealed = r.opened.Load(), r.sealed.Load()
	_, res.Lost = r.outstanding()
	res.Lost += r.holes.Load()
	res.Doubled = r.doubled.Load()
	res.FanoutP50, res.FanoutP99 = milliseconds(r.fanout.Quantile(0.5)), milliseconds(r.fanout.Quantile(0.99))
	res.FanoutP999, res.AckP99 = milliseconds(r.fanout.Quantile(0.999)), milliseconds(r.ack.Quantile(0.99))
}

// WriteJSON writes one object on a line.
func (res Result) WriteJSON(w io.Writer) error { return json.NewEncoder(w).Encode(res) }

// WriteTable writes the figures for people.
func (res Result) WriteTable(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name, form string, a ...any) { fmt.Fprintf(tw, "%s\t"+form+"\n", append([]any{name}, a...)...) }
	row("rooms", "%d of %d clients, %g frames/s each for %g s, %d bytes sealed", res.Rooms, res.Clients, res.Rate, res.Seconds, res.Sealed)
	if res.Durable != nil && !*res.Durable {
		row("durable", "no: rooms are kept in memory only")
	} else if res.Durable != nil {
		row("durable", "yes: what is acknowledged is on disk")
	}
	row("all connected after", "%.2f s", res.AcceptS)
	if res.Rate > 0 {
		row("fan-out p50, p99, p99.9", "%.2f, %.2f, %.2f ms", res.FanoutP50, res.FanoutP99, res.FanoutP999)
		row("acknowledged p99", "%.2f ms", res.AckP99)
	}
	row("published, delivered, opened", "%d, %d, %d", res.Published, res.Delivered, res.Opened)
	row("errors, lost, doubled", "%d, %d, %d", res.Errors, res.Lost, res.Doubled)
	if res.RelayCPU != nil {
		row("relay: CPU", "%.2f s%s", *res.RelayCPU, perDelivery(res))
	} else {
		row("relay: CPU, memory", "not known (%s)", whyUnknown(res))
	}
	if res.RelayRSS != nil {
		row("relay: memory", "%.1f MB; %.1f KB for each connection at rest", *res.RelayRSS, *res.IdleRSS)
	}
	if res.StormS > 0 {
		row("all back after a restart", "%.2f s; %d snapshots sent, %d rooms lost", res.StormS, res.StormSnapshots, res.StormRestores)
	}
	if res.FirstError != "" {
		row("first error", "%s", res.FirstError)
	}
	return tw.Flush()
}

func perDelivery(res Result) string {
	if res.PerDelivery == nil {
		return ""
	}
	return fmt.Sprintf(", %.1f µs for each delivery", *res.PerDelivery)
}

func whyUnknown(res Result) string {
	if res.Durable == nil {
		return "the relay was not started here"
	}
	return "not on " + runtime.GOOS
}

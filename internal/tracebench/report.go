package tracebench

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
)

// Report is what was measured on one trace. Its JSON names are a contract.
type Report struct {
	Trace           string  `json:"trace"`
	Patches         int     `json:"patches"`
	LocalMS         float64 `json:"local_ms"`
	LocalNSPerPatch float64 `json:"local_ns_per_patch"`
	RemoteEachMS    float64 `json:"remote_each_ms"`
	RemoteWholeMS   float64 `json:"remote_whole_ms"`
	OpBytesAvg      float64 `json:"op_bytes_avg"` // per patch
	OpBytesTotal    int     `json:"op_bytes_total"`
	DocBytes        int     `json:"doc_bytes"`
	DocZstdBytes    int     `json:"doc_zstd_bytes"`
	LoadMS          float64 `json:"load_ms"`
	HeapBytes       int64   `json:"heap_bytes"`
	EndContentOK    bool    `json:"end_content_ok"`
}

// WriteJSON writes one object a line, one line a report.
func WriteJSON(w io.Writer, reports []Report) error {
	enc := json.NewEncoder(w)
	for i := range reports {
		if err := enc.Encode(&reports[i]); err != nil {
			return err
		}
	}
	return nil
}

// WriteTable writes one column a trace, for people.
func WriteTable(w io.Writer, reports []Report) error {
	tw := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	row := func(name string, cell func(*Report) string) {
		cells := make([]string, len(reports))
		for i := range reports {
			cells[i] = cell(&reports[i])
		}
		fmt.Fprintf(tw, "%s\t%s\t\n", name, strings.Join(cells, "\t"))
	}
	perPatch := func(ms float64, r *Report) string {
		if r.Patches == 0 {
			return "-"
		}
		return fmt.Sprintf("%.0f ns", ms*1e6/float64(r.Patches))
	}
	row("", func(r *Report) string { return r.Trace })
	row("patches", func(r *Report) string { return fmt.Sprint(r.Patches) })
	row("local, per patch", func(r *Report) string { return perPatch(r.LocalMS, r) })
	row("remote one by one, per patch", func(r *Report) string { return perPatch(r.RemoteEachMS, r) })
	row("remote, whole history", func(r *Report) string { return fmt.Sprintf("%.2f ms", r.RemoteWholeMS) })
	row("op, per patch", func(r *Report) string { return fmt.Sprintf("%.2f B", r.OpBytesAvg) })
	row("ops", func(r *Report) string { return fmt.Sprintf("%d B", r.OpBytesTotal) })
	row("document", func(r *Report) string { return fmt.Sprintf("%d B", r.DocBytes) })
	row("document, zstd", func(r *Report) string { return fmt.Sprintf("%d B", r.DocZstdBytes) })
	row("load", func(r *Report) string { return fmt.Sprintf("%.2f ms", r.LoadMS) })
	row("heap", func(r *Report) string { return fmt.Sprintf("%d B", r.HeapBytes) })
	row("ends on endContent", func(r *Report) string {
		if r.EndContentOK {
			return "yes"
		}
		return "NO"
	})
	return tw.Flush()
}

// round keeps a figure readable in JSON.
func round(x float64, digits int) float64 {
	scale := math.Pow10(digits)
	return math.Round(x*scale) / scale
}

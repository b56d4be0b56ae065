package tracebench

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// typedTrace is a trace of somebody who types a sentence, goes back, and mends a word.
func typedTrace(t *testing.T) *Replay {
	t.Helper()
	trace := &Trace{Name: "typed", Agents: 1}
	text := strings.Repeat("somebody types a sentence, ", 12)
	for i := range text {
		trace.Txns = append(trace.Txns, Txn{Patches: []Patch{{Pos: i, Inserted: text[i : i+1]}}})
	}
	for i := range 5 {
		trace.Txns = append(trace.Txns, Txn{Patches: []Patch{{Pos: 20 - i, Deleted: 1}}})
	}
	for i := range trace.Txns[1:] {
		trace.Txns[i+1].Parents = []int{i}
	}
	trace.End = text[:16] + text[21:]
	r, err := Prepare(trace)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWireBytes(t *testing.T) {
	report, err := MeasureWire(typedTrace(t))
	if err != nil {
		t.Fatal(err)
	}
	if report.Patches != 12*27+5 || len(report.Batches) != 4 {
		t.Fatalf("%+v", report)
	}
	for _, b := range report.Batches {
		if b.Messages != (report.Patches+b.Patches-1)/b.Patches {
			t.Errorf("%d messages of %d patches for %d", b.Messages, b.Patches, report.Patches)
		}
		for _, pair := range [][2]float64{{b.Protobuf, b.JSON}, {b.Delta, b.Protobuf}, {b.Sealed, b.Wire}} {
			if pair[0] <= 0 || pair[0] >= pair[1] {
				t.Errorf("in messages of %d: %+v", b.Patches, b)
			}
		}
		if b.DeltaZstd > b.Delta || b.DeltaLZ4 > b.Delta {
			t.Errorf("compressing made messages longer: %+v", b)
		}
		if b.Sealed < b.DeltaZstd+82/float64(b.Patches) {
			t.Errorf("sealed in %v bytes, of which a signature is 64", b.Sealed)
		}
	}
	var out bytes.Buffer
	if err := WriteWireJSON(&out, []WireReport{report}); err != nil {
		t.Fatal(err)
	}
	var back WireReport
	if err := json.Unmarshal(out.Bytes(), &back); err != nil || back.Batches[1].Delta != report.Batches[1].Delta {
		t.Errorf("as JSON: %s, %v", out.String(), err)
	}
	out.Reset()
	if err := WriteWireTable(&out, []WireReport{report}); err != nil || !strings.Contains(out.String(), "on the wire") {
		t.Errorf("as a table: %s, %v", out.String(), err)
	}
}

// On the recorded traces a typed character takes at most 28 % of its JSON form alone, and 10 % in messages of 50. The longest
// one takes too long for a test; docs/BENCHMARKS-WIRE.md has it.
func TestWireTargets(t *testing.T) {
	const longest = 30_000
	for _, path := range recorded(t) {
		r := prepared(t, path)
		if r.Trace.Patches() > longest {
			continue
		}
		report, err := measureWire(r, nil)
		if err != nil {
			t.Fatal(err)
		}
		if alone, fifty := report.Batches[0].Share, report.Batches[2].Share; alone > 0.28 || fifty > 0.10 {
			t.Errorf("%s: %.1f %% alone, %.1f %% in messages of 50", report.Trace, 100*alone, 100*fifty)
		}
	}
}

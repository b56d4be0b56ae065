package tracebench

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var fields = []string{
	"trace", "patches", "local_ms", "local_ns_per_patch", "remote_each_ms", "remote_whole_ms", "op_bytes_avg",
	"op_bytes_total", "doc_bytes", "doc_zstd_bytes", "load_ms", "heap_bytes", "end_content_ok",
}

// command runs `coedit bench` with arguments.
func command(args ...string) (stdout, stderr string, err error) {
	var out, errs bytes.Buffer
	c := Command()
	c.SilenceErrors, c.SilenceUsage = true, true
	c.SetArgs(args)
	c.SetOut(&out)
	c.SetErr(&errs)
	err = c.Execute()
	return out.String(), errs.String(), err
}

func TestCommandWritesJSONLines(t *testing.T) {
	a := write(t, "a.json", sequentialTrace(1, 100))
	b := write(t, "b.json.gz", concurrentTrace(2, 100))
	out, progress, err := command("trace", "--json", "--runs", "2", a, b)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d lines: %s", len(lines), out)
	}
	for i, line := range lines {
		names := regexp.MustCompile(`"([a-z_]+)":`).FindAllStringSubmatch(line, -1)
		got := make([]string, len(names))
		for j := range names {
			got[j] = names[j][1]
		}
		if !slices.Equal(got, fields) {
			t.Errorf("fields %v instead of %v", got, fields)
		}
		var r Report
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		if r.Trace != []string{"a", "b"}[i] || !r.EndContentOK {
			t.Errorf("%+v", r)
		}
		if r.LocalMS <= 0 || r.RemoteEachMS <= 0 || r.RemoteWholeMS <= 0 || r.LoadMS <= 0 || r.LocalNSPerPatch <= 0 {
			t.Errorf("a time is missing: %+v", r)
		}
		if r.DocBytes <= 0 || r.DocZstdBytes <= 0 || r.OpBytesTotal < r.Patches || r.HeapBytes <= 0 {
			t.Errorf("a size is missing: %+v", r)
		}
	}
	if !strings.Contains(progress, "b: run 2 of 2") {
		t.Errorf("progress: %s", progress)
	}
}

func TestCommandWritesTable(t *testing.T) {
	out, progress, err := command("trace", "--runs", "1", "-q", write(t, "small.json", sequentialTrace(1, 100)))
	if err != nil || progress != "" {
		t.Fatalf("error %v, progress %q", err, progress)
	}
	for _, want := range []string{"small", "local, per patch +[0-9]+ ns", "document, zstd +[0-9]+ B", "ends on endContent +yes"} {
		if !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("%q is not in the table:\n%s", want, out)
		}
	}
}

// TestCommandReportsWhatItMeasured: a wrong text is an error, and what was measured is still shown.
func TestCommandReportsWhatItMeasured(t *testing.T) {
	trace := sequentialTrace(1, 20)
	trace["endContent"] = "something else"
	out, _, err := command("trace", "-q", write(t, "wrong.json", trace))
	if err == nil || !strings.Contains(out, "NO") {
		t.Fatalf("error %v, output:\n%s", err, out)
	}
	if _, _, err := command("trace", "-q", t.TempDir()+"/none.json"); !os.IsNotExist(err) {
		t.Fatalf("a file that is not there: %v", err)
	}
	if _, _, err := command("trace"); err == nil {
		t.Fatal("no file is no error")
	}
}

func TestEmptyTrace(t *testing.T) {
	reports, err := Run([]string{writeBytes(t, "empty.json", []byte(`{"endContent":"","txns":[]}`))}, 1, nil)
	if err != nil || reports[0].Patches != 0 || !reports[0].EndContentOK {
		t.Fatalf("%+v, %v", reports, err)
	}
	if err := WriteTable(io.Discard, reports); err != nil {
		t.Fatal(err)
	}
	if err := WriteJSON(io.Discard, reports); err != nil { // a division by zero would not be JSON
		t.Fatal(err)
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		of   samples
		want float64
	}{{samples{3}, 3}, {samples{9, 1}, 5}, {samples{5, 1, 100}, 5}, {samples{4, 3, 2, 100}, 3.5}} {
		if got := c.of.median(); got != c.want {
			t.Errorf("median of %v is %v, got %v", c.of, c.want, got)
		}
	}
}

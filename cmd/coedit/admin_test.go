package main

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"coedit/transport"
	"coedit/transport/relay"
	"coedit/transport/seal"
)

// operated is a relay with a store and an operator's door.
func operated(t *testing.T, door string) (kept *rooms, h *hub, base string) {
	t.Helper()
	logger := slog.New(slog.DiscardHandler)
	kept, err := openRooms(filepath.Join(t.TempDir(), "r"), storeLimits{}, logger, nil)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h, err = startHub(l, relay.Config{Log: kept.log, Logger: logger, Usable: kept.usable})
	if err != nil {
		t.Fatal(err)
	}
	a, at, err := startAdmin(door, h.relay, kept.metrics.set, logger)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		a.close()
		if err := h.close(); err != nil {
			t.Error(err)
		}
		if err := kept.close(); err != nil {
			t.Error(err)
		}
	})
	port := at.(*net.TCPAddr).Port
	return kept, h, "http://" + address{"127.0.0.1", strconv.Itoa(port)}.String()
}

func fetched(t *testing.T, url string) (status int, body string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// TestTheStoresMetricsAreDocumentedAndMove.
func TestTheStoresMetricsAreDocumentedAndMove(t *testing.T) {
	kept, _, base := operated(t, "127.0.0.1:0")
	owner, err := seal.NewOwner(bytes.NewReader(bytes.Repeat([]byte{1}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	id, err := owner.RoomID()
	if err != nil {
		t.Fatal(err)
	}
	room, err := kept.log.Open(id, []byte("manifest"), func() {})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	room.Append(transport.Frame{Replica: 1, Counter: 1, Payload: []byte("x")}, 0, func(_ uint64, err error) { done <- err })
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	room.Release(time.Now())
	written := regexp.MustCompile(`(?m)^coedit_store_written_bytes_total [1-9]`)
	var body string
	for !written.MatchString(body) { // the frame is counted after it is answered, the bytes of it last
		_, body = fetched(t, base+"/metrics")
	}
	docs, err := os.ReadFile("../../docs/OPERATING.md")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, m := range regexp.MustCompile("(?m)^\\| `(coedit_[a-z_]+)` \\|").FindAllStringSubmatch(string(docs), -1) {
		listed = append(listed, m[1])
	}
	still := []string{"coedit_store_failures_total", "coedit_store_queued_bytes"} // nothing failed, nothing waits
	for _, name := range listed {
		value := regexp.MustCompile(`(?m)^` + name + `(_count)?(\{.*\})? (.*)$`).FindStringSubmatch(body)
		switch {
		case value == nil:
			t.Errorf("%s is documented and not there", name)
		case strings.HasPrefix(name, "coedit_store_") && value[3] == "0" && !slices.Contains(still, name):
			t.Errorf("%s does not move", name)
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^(coedit_store_[a-z_]+?)(_bucket|_sum|_count)?(\{.*\})? `).FindAllStringSubmatch(body, -1) {
		if !slices.Contains(listed, m[1]) {
			t.Errorf("%s is not documented", m[1])
		}
	}
}

// TestTheOperatorsDoor: readiness everywhere, profiles for this machine only.
func TestTheOperatorsDoor(t *testing.T) {
	_, h, base := operated(t, ":0")
	if status, body := fetched(t, base+"/readyz"); status != http.StatusOK || body != "ready\n" {
		t.Errorf("readyz: %d %q", status, body)
	}
	for _, path := range []string{"/debug/pprof/heap", "/debug/pprof/goroutine?debug=1", "/debug/pprof/profile?seconds=1"} {
		if status, body := fetched(t, base+path); status != http.StatusOK || body == "" {
			t.Errorf("%s: %d, %d bytes", path, status, len(body))
		}
	}
	if status, _ := fetched(t, base+"/debug/pprof/nonsense"); status != http.StatusNotFound {
		t.Errorf("a profile that is none: %d", status)
	}
	h.leave(0)
	if status, body := fetched(t, base+"/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(body, "ending") {
		t.Errorf("readyz of a relay that ends: %d %q", status, body)
	}
	_, _, public := operated(t, "0.0.0.0:0")
	if status, _ := fetched(t, public+"/debug/pprof/heap"); status != http.StatusNotFound {
		t.Errorf("profiles for everybody: %d", status)
	}
}

package relay_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"coedit/transport/relay"
	"coedit/transport/store"
	"coedit/transport/wire"
)

// A relay in a process of its own: the test's binary, told to be one. It says its address, answers each line on its
// standard input with the number of its goroutines and the bytes of its heap, and ends with it. The second variable
// names the folder of its store; without it, rooms are in memory.
const (
	relayProcess = "COEDIT_TEST_RELAY_PROCESS"
	relayData    = "COEDIT_TEST_RELAY_DATA"
)

func serveProcess() {
	debug.SetGCPercent(50) // as coedit serve does
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	log := relay.NewMemoryLog(1)
	if dir := os.Getenv(relayData); dir != "" {
		s, err := store.Open(dir, store.Options{Started: time.Now()})
		if err != nil {
			panic(err)
		}
		defer s.Close()
		log = s
	}
	r := relay.New(relay.Config{Log: log})
	go func() { _ = http.Serve(l, r.Handler()) }()
	fmt.Println(l.Addr())
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		goroutines := runtime.NumGoroutine()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		fmt.Println(goroutines, m.HeapAlloc)
	}
}

// process is such a relay, seen from the test.
type process struct {
	t    *testing.T
	pid  int
	addr string
	in   io.Writer
	out  *bufio.Scanner
}

func startProcess(t *testing.T, env ...string) *process {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(append(os.Environ(), relayProcess+"=1"), env...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.(io.Closer).Close()
		_ = cmd.Wait()
	})
	p := &process{t: t, pid: cmd.Process.Pid, in: in, out: bufio.NewScanner(out)}
	p.addr = p.line()
	return p
}

func (p *process) line() string {
	p.t.Helper()
	if !p.out.Scan() {
		p.t.Fatal("the relay's process ended")
	}
	return p.out.Text()
}

// state is how many goroutines there are, and how large the heap is after a collection.
func (p *process) state() (goroutines, heap int) {
	p.t.Helper()
	fmt.Fprintln(p.in)
	if _, err := fmt.Sscan(p.line(), &goroutines, &heap); err != nil {
		p.t.Fatal(err)
	}
	return goroutines, heap
}

// rss is the process's resident memory in KB.
func (p *process) rss() int {
	p.t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.pid))
	if err != nil {
		p.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), "VmRSS:")
	n, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		p.t.Fatal(err)
	}
	return n
}

// connect brings n participants into rooms of two, each with a presence and a ping answered, and leaves them there.
func (p *process) connect(first, n int) {
	p.t.Helper()
	d := websocket.Dialer{Subprotocols: []string{"coedit"}, ReadBufferSize: 512, WriteBufferSize: 512}
	var h house
	for i := first; i < first+n; i++ {
		if i%2 == 0 {
			h = numberedHouse(p.t, i/2)
		}
		ws, _, err := d.Dial("ws://"+p.addr+"/r/", nil)
		if err != nil {
			p.t.Fatal(err)
		}
		p.t.Cleanup(func() { _ = ws.Close() })
		for _, f := range []*wire.ClientFrame{
			hello(h, uint64(i+1)), presence("sealed presence of about a hundred bytes: a name, a colour, and where the cursor stands in the text"),
			{Kind: &wire.ClientFrame_Ping{Ping: &wire.Ping{ClientTime: 1}}},
		} {
			if err := ws.WriteMessage(websocket.BinaryMessage, encode(p.t, f)); err != nil {
				p.t.Fatal(err)
			}
		}
		for {
			_, b, err := ws.ReadMessage()
			if err != nil {
				p.t.Fatal(err)
			}
			var f wire.RelayFrame
			if err := wire.Unmarshal(b, &f); err != nil {
				p.t.Fatal(err)
			}
			if f.GetPong() != nil {
				break
			}
		}
	}
}

// TestIdleConnectionsAreSmall: at most 8 KB of the relay's memory each, its share of the room included, and one
// goroutine. COEDIT_IDLE_CONNECTIONS=10000 for the figure that the documentation names.
func TestIdleConnectionsAreSmall(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("reads /proc")
	}
	if raced {
		t.Skip("the race detector makes everything larger")
	}
	const first, most = 200, 8 << 10
	n := 4000
	if s := os.Getenv("COEDIT_IDLE_CONNECTIONS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	p := startProcess(t)
	p.connect(0, first)
	rss := p.rss()
	goroutines, _ := p.state()
	p.connect(first, n)
	each := (p.rss() - rss) * 1024 / n
	t.Logf("%d idle connections: %d bytes each", n, each)
	if each > most {
		t.Errorf("an idle connection costs %d bytes, at most %d were promised", each, most)
	}
	// The last one's writer may not have ended yet.
	after, _ := p.state()
	if extra := after - goroutines - n; extra > 10 {
		t.Errorf("%d goroutines more than connections", extra)
	}
}

package screen

import "testing"

// The kernel cuts output where it likes; a cluster that lies across the cut is drawn as one all the same.
func TestCutOutput(t *testing.T) {
	const text = "caf\u0065\u0301, \x1b[1m漢字\x1b[0m e\u0301\u0323 👨\u200d👩\u200d👧 end"
	whole := newEmulator(40, 2)
	whole.write([]byte(text))
	want, _ := whole.snapshot()
	for cut := range len(text) {
		e := newEmulator(40, 2)
		p := []byte(text[:cut])
		n := openTail(p)
		e.write(p[:len(p)-n])
		e.write([]byte(text[cut-n:]))
		got, _ := e.snapshot()
		for x := range want.Columns {
			if got.Cell(x, 0) != want.Cell(x, 0) {
				t.Errorf("cut at %d: cell %d is %+v, want %+v", cut, x, got.Cell(x, 0), want.Cell(x, 0))
			}
		}
	}
	if n := openTail([]byte("text ends\n")); n != 0 {
		t.Errorf("%d bytes of a finished line are kept back", n)
	}
}

func TestKeptOutputIsBounded(t *testing.T) {
	chunk := make([]byte, 1<<20)
	var kept []byte
	for i := range 20 {
		chunk[len(chunk)-1] = byte(i)
		kept = keep(kept, chunk)
		if n := len(kept); n > 2*keptOutput || i >= 4 && n < keptOutput {
			t.Errorf("%d bytes kept after %d", n, (i+1)*len(chunk))
		}
		if kept[len(kept)-1] != byte(i) {
			t.Error("the newest byte is not the last")
		}
	}
}

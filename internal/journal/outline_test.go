package journal

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
)

// history is some records as a participant may write them.
func history(rng *rand.Rand) []Record {
	some := func(most int) []byte {
		b := make([]byte, 1+rng.IntN(most))
		for i := range b {
			b[i] = byte(0x10 + rng.IntN(4))
		}
		return b
	}
	records := []Record{About{Role: "share"}, Identity{some(40)}}
	if rng.IntN(2) == 0 {
		records = append(records, Text{-7, slices.Values([][]byte{some(3 << 20), some(10), some(2 << 20)})})
	}
	counter, acked := uint64(0), uint64(0)
	for range rng.IntN(60) {
		switch rng.IntN(9) {
		case 0:
			records = append(records, Document{some(5000)})
		case 1, 2:
			records = append(records, Batch{some(2000)})
		case 3, 4:
			counter++
			records = append(records, Frame{counter, 10 * counter, 1, "t", some(500)})
		case 5:
			acked += uint64(rng.IntN(int(counter-acked) + 1))
			records = append(records, Acked{acked})
		case 6:
			acked = counter
			records = append(records, Restart{counter, 10 * counter})
		case 7:
			records = append(records, Cursor{rng.Uint64() | 1, 5}, Member{some(90)}, Manifest{some(50)})
		case 8:
			records = append(records, Saved{some(9)}, Merged{some(9)}, Declined{}, Behind{})
		}
	}
	return records
}

// A log that is written anew says the same, and where its frames were the most of it nobody makes its document.
func TestRewrittenLogSaysTheSame(t *testing.T) {
	for seed := range uint64(30) {
		dir := t.TempDir()
		log := Append(Head(), history(rand.New(rand.NewPCG(seed, 0)))...)
		if err := os.WriteFile(filepath.Join(dir, logName), append(bytes.Clone(log), "what comes later"...), 0o600); err != nil {
			t.Fatal(err)
		}
		fresh, size, err := rewrite(dir, int64(len(log)), func(*State) ([]byte, error) {
			t.Errorf("seed %d: the document was made", seed)
			return nil, nil
		})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		again, err := os.ReadFile(fresh.Name())
		if err != nil || fresh.Close() != nil || int64(len(again)) != size {
			t.Fatalf("seed %d: %d bytes are said to be %d: %v", seed, len(again), size, err)
		}
		was, _, err := Read(log)
		if err != nil {
			t.Fatal(err)
		}
		is, _, err := Read(again)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		was.origin, is.origin = origin{}, origin{}
		if len(was.Frames) == 0 { // none, however they are none
			was.Frames, is.Frames = nil, nil
		}
		if !reflect.DeepEqual(was, is) {
			t.Errorf("seed %d: the new log of %d bytes does not say what the old one of %d says", seed, len(again), len(log))
		}
	}
}

// An outline ends where reading ends, whatever is wrong.
func TestOutlineOfABadLog(t *testing.T) {
	log := Append(Head(), history(rand.New(rand.NewPCG(3, 0)))...)
	log = log[:min(len(log), 4000)]
	for i := range log {
		bad := bytes.Clone(log)
		bad[i] ^= 0x41
		_, valid, _ := Read(bad)
		o, err := scan(bytes.NewReader(bad), int64(len(bad)))
		if err == nil && i >= headLen {
			t.Fatalf("byte %d was changed, and nobody noticed", i)
		}
		for _, s := range o.document {
			if valid > 0 && s.to > int64(valid) {
				t.Fatalf("byte %d was changed: %v counts, and only what stands before %d is whole", i, s, valid)
			}
		}
	}
}

package rgatest

import (
	"flag"
	"testing"
)

var (
	seeds     = flag.Int("sim.seeds", 200, "how many random runs")
	steps     = flag.Int("sim.steps", 150, "steps of each run")
	firstSeed = flag.Uint64("sim.first", 1, "the first seed")
)

// TestSim plays random runs. A failure names its seed: go test ./rga/rgatest -run Sim -sim.seeds=1 -sim.first=SEED
func TestSim(t *testing.T) {
	held, edits := 0, 0
	for i := range *seeds {
		seed := *firstSeed + uint64(i)
		out, err := Run(Plan{Seed: seed, Replicas: 2 + int(seed%4), Steps: *steps})
		if err != nil {
			t.Fatal(err)
		}
		held += out.Held
		edits += out.Edits
	}
	if *seeds >= 50 && (held == 0 || edits < 10**seeds) {
		t.Errorf("%d edits, %d deliveries held: the runs try out too little", edits, held)
	}
}

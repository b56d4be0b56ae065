package main

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhatTakesLongIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said bytes.Buffer
		p := program{stderr: &said}
		p.whileSlow("quick")()
		done := p.whileSlow("Reading big.go ...")
		time.Sleep(2 * slowly) // of the test's own clock
		synctest.Wait()
		done()
		if said.String() != "Reading big.go ...\n" {
			t.Errorf("said %q", said.String())
		}
	})
}

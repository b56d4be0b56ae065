package rga

import (
	"flag"
	"os"
	"testing"
)

// TestMain makes blocks of ops small, so that short histories have many of them. Benchmarks have them as they are, and so
// have the tests of other packages.
func TestMain(m *testing.M) {
	flag.Parse()
	if flag.Lookup("test.bench").Value.String() == "" {
		blockShift = 2
	}
	os.Exit(m.Run())
}

// PaintAcross makes documents load as those do in which many long ops lie above each other, until restore is called.
func PaintAcross() (restore func()) {
	free, share := paintFree, paintShare
	paintFree, paintShare = -1, 0
	return func() { paintFree, paintShare = free, share }
}

// ForgetCaches makes d find everything anew.
func (d *Doc) ForgetCaches() {
	t := &d.tree
	t.flush()
	t.base.leaf, t.cursor.leaf, t.found = noNode, noNode, foundSpan{}
	clear(d.vis.recent[:])
	d.view = nil
}

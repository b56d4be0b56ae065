package main

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// While a document arrives, its progress is shown each second; before and after, nothing is.
func TestShowProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		begun := time.Now()
		stop := showProgress(&out, func() (int, int) {
			s := int(time.Since(begun).Seconds())
			if s < 2 {
				return 0, 0
			}
			return s * 1_000_000, 5_000_000
		})
		time.Sleep(3500 * time.Millisecond)
		stop()
		want := "Receiving the document: 2.0 of 5.0 MB\nReceiving the document: 3.0 of 5.0 MB\n"
		if out.String() != want {
			t.Errorf("%q, want %q", out.String(), want)
		}
	})
}

//go:build !unix

package textfile

import "testing"

// asUser is for root only, whom there is not here.
func asUser(t *testing.T, name string) { t.Fatalf("%s: no root here", name) }

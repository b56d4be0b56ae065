package seal_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"coedit/transport/seal"
)

// sealed are the suites that encrypt.
var sealed = []byte{seal.SuiteXChaCha, seal.SuiteSM4}

func identity(t testing.TB, suite, seed byte) *seal.Identity {
	t.Helper()
	id, err := seal.NewIdentity(suite, bytes.NewReader(bytes.Repeat([]byte{seed}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestIdentityIsKeptInItsBytes(t *testing.T) {
	seen := map[uint64]bool{0: true}
	for _, suite := range sealed {
		for seed := range byte(4) {
			id := identity(t, suite, seed)
			again, err := seal.IdentityFromBytes(id.Bytes())
			if err != nil || again.ReplicaID() != id.ReplicaID() || again.Suite() != suite {
				t.Fatalf("suite %d: %v is read back as %v, %v", suite, id, again, err)
			}
			if seen[id.ReplicaID()] {
				t.Errorf("suite %d, seed %d: replica %x is 0 or another's", suite, seed, id.ReplicaID())
			}
			seen[id.ReplicaID()] = true
		}
	}
}

func TestDamagedIdentities(t *testing.T) {
	good := identity(t, seal.SuiteXChaCha, 1).Bytes()
	for _, b := range [][]byte{nil, good[:len(good)-1], append(good, 0), append([]byte{0}, good[1:]...), append([]byte{9}, good[1:]...)} {
		if _, err := seal.IdentityFromBytes(b); !errors.Is(err, seal.ErrIdentity) {
			t.Errorf("%d bytes of suite %v: %v", len(b), b[:min(1, len(b))], err)
		}
	}
	if _, err := seal.NewIdentity(seal.SuiteSM4, strings.NewReader("short")); err == nil {
		t.Error("an identity of 5 random bytes")
	}
}

func TestIdentitiesAreNotPrinted(t *testing.T) {
	id := identity(t, seal.SuiteXChaCha, 0xab)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		got := strings.ToLower(fmt.Sprintf(verb, id) + id.LogValue().String())
		if strings.Contains(got, "abab") || strings.Contains(got, "171 171") {
			t.Errorf("%s prints %s", verb, got)
		}
	}
}

// TestReplicaIDsNeverChange: journals that exist depend on them.
func TestReplicaIDsNeverChange(t *testing.T) {
	for suite, want := range map[byte]uint64{seal.SuiteXChaCha: 0xb2438e008bc57dcc, seal.SuiteSM4: 0x6fd6978572177ae0} {
		if got := identity(t, suite, 7).ReplicaID(); got != want {
			t.Errorf("suite %d: %#x, want %#x", suite, got, want)
		}
	}
}

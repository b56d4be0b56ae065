package main

import (
	crand "crypto/rand"

	"coedit/transport/seal"
)

// suiteValue is a flag that names a suite; 0: none was named.
type suiteValue byte

// Set takes a name.
func (v *suiteValue) Set(name string) error {
	suite, err := seal.SuiteNamed(name)
	if err != nil {
		return err
	}
	*v = suiteValue(suite)
	return nil
}

// String is the name.
func (v *suiteValue) String() string {
	if *v == 0 {
		return ""
	}
	return seal.SuiteName(byte(*v))
}

// Type is what help calls the value.
func (*suiteValue) Type() string { return "NAME" }

// newIdentity is one for an editor that works alone; it will do when the file is shared with the usual suite.
func newIdentity() (*seal.Identity, error) { return seal.NewIdentity(seal.SuiteXChaCha, crand.Reader) }

//go:build !linux && !darwin

package journal

// bootID names this boot of the machine; this system does not tell.
func bootID() string { return "" }

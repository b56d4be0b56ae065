// Package faults tests the whole way from editor to editor over real connections that break as networks do: each participant
// reaches the relay through a proxy (toxiproxy) that delays, jitters, throttles, cuts, resets, refuses, or falls silent while
// the connection stands. There is nothing here but the test.
//
//	go test ./internal/faults -faults.for=5m -faults.seed=7
//
// The faults follow from the seed, which is printed; when they hit does not, because the clock and the network are real. The
// simulator (internal/sim) is what replays a failure exactly.
package faults

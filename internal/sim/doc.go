// Package sim runs whole systems of participants and a relay in one process, on a network that is slow, breaks, and goes
// dead, in the virtual time of testing/synctest. It is used by tests only.
//
// A [World] holds a [Server] (the real relay, which can be killed and started again without its log) and any number of
// [Peer] (the real session.Participant), each on its own [Line]. Everything random comes from a seed: who does what at
// which virtual time is the same in every run of a seed. What the scheduler decides within one instant is not.
//
//	go test ./internal/sim -run Random -sim.seed=17     one seed again
//	go test ./internal/sim -sim.seeds=5000              a long run
package sim

package presence_test

import (
	"fmt"

	"coedit/presence"
)

// Two participants hear of each other in different orders and agree on who is here.
func Example() {
	clock := presence.NewClock(0)
	hello := presence.State{Replica: 1, Stamp: clock.Next(), Name: "ann"}
	later := presence.State{Replica: 1, Stamp: clock.Next(), Name: "ann", Dirty: true}
	other := presence.State{Replica: 2, Stamp: 1, Name: "bob\x1b[2J"}

	a, b := presence.NewRoster(), presence.NewRoster()
	for _, s := range []presence.State{hello, later, other} {
		a.Put(s)
	}
	for _, s := range []presence.State{other, later, hello} {
		wire, err := presence.DecodeState(s.Encode())
		if err != nil {
			fmt.Println(err)
			return
		}
		b.Put(wire)
	}
	for _, r := range []*presence.Roster{a, b} {
		for _, s := range r.Present() {
			fmt.Printf("%s dirty=%v\n", s.Name, s.Dirty)
		}
	}
	// Output:
	// ann dirty=true
	// bob[2J dirty=false
	// ann dirty=true
	// bob[2J dirty=false
}

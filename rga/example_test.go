package rga_test

import (
	"fmt"

	"coedit/rga"
)

// Two replicas are edited apart and end with the same text.
func Example() {
	ann, bob := rga.New(2), rga.New(1)
	send := func(from, to *rga.Doc) {
		for batch := range from.Since(to.Version(), 64<<10) {
			if _, err := to.Apply(batch); err != nil {
				fmt.Println(err)
			}
		}
	}
	edit := func(d *rga.Doc, e rga.Edit) rga.Ticks {
		ticks, _, err := d.Edit(1_700_000_000_000, e)
		if err != nil {
			fmt.Println(err)
		}
		return ticks
	}

	edit(ann, rga.Edit{Insert: "the cat sat"})
	send(ann, bob)

	big := edit(ann, rga.Edit{Offset: 4, Insert: "big "})             // at the same time
	edit(bob, rga.Edit{Offset: 4, Delete: len("cat"), Insert: "dog"}) // as this
	caret := bob.AnchorAt(len("the dog"), rga.After)
	send(ann, bob)
	send(bob, ann)
	fmt.Println(ann.View(), "=", bob.View())

	if _, _, err := ann.Invert(1_700_000_001_000, ann.Replica(), big); err != nil { // undo
		fmt.Println(err)
	}
	send(ann, bob)
	off, _ := bob.Resolve(caret)
	fmt.Println(bob.View(), off)
	// Output:
	// the big dog sat = the big dog sat
	// the dog sat 7
}

func ExampleDoc_Apply() {
	ann, bob := rga.New(1), rga.New(2)
	first, _, _ := ann.Edit(0, rga.Edit{Insert: "hello"})
	one, _ := ann.AppendOwn(nil, first.From, 1000)
	second, _, _ := ann.Edit(0, rga.Edit{Offset: 5, Insert: " world"})
	two, _ := ann.AppendOwn(nil, second.From, 1000)

	late, _ := bob.Apply(two) // before its cause
	fmt.Println(late.Held, bob.Missing())
	result, _ := bob.Apply(one)
	for _, c := range result.Changes {
		fmt.Printf("at %d: -%d +%q\n", c.Offset, c.Deleted, c.Inserted)
	}
	again, _ := bob.Apply(two)
	fmt.Println(again.Duplicate)
	// Output:
	// true map[1:5]
	// at 0: -0 +"hello"
	// at 5: -0 +" world"
	// true
}

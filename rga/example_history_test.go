package rga_test

import (
	"fmt"

	"coedit/rga"
)

// What became of a copy of an older version is merged with what was typed since.
func ExampleDoc_EditAt() {
	const minute = 60_000
	d := rga.New(1)
	d.Edit(minute, rga.Edit{Insert: "a text of two words"})
	copied := d.Version()
	d.Edit(3*minute, rga.Edit{Offset: 14, Delete: 5, Insert: "lines"})

	// Somebody else put a word into the copy and sent it back.
	d.EditAt(9*minute, copied, rga.Edit{Offset: 2, Insert: "short "})
	fmt.Println(d.View())

	past, _ := d.At(copied)
	fmt.Println(past.View())
	for step := range d.Steps() {
		fmt.Printf("minute %d: +%d -%d\n", step.At/minute, step.Inserted, step.Deleted)
	}
	for _, run := range d.Blame(0, d.Len()) {
		fmt.Printf("%q of minute %d\n", d.View().Append(nil, run.From, run.To), run.At/minute)
	}
	// Output:
	// a short text of two lines
	// a text of two words
	// minute 1: +19 -0
	// minute 3: +5 -5
	// minute 9: +6 -0
	// "a " of minute 1
	// "short " of minute 9
	// "text of two " of minute 1
	// "lines" of minute 3
}

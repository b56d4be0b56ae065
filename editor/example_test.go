package editor_test

import (
	"fmt"

	"coedit/editor"
	"coedit/rga"
)

// Two participants type in one line; each undoes only what is one's own.
func Example() {
	ann, bob := editor.New(rga.New(1)), editor.New(rga.New(2))
	send := func(from, to *editor.Editor) {
		for batch := range from.Doc().Since(to.Doc().Version(), 1<<16) {
			if _, err := to.Apply(batch); err != nil {
				fmt.Println(err)
			}
		}
	}
	do := func(errs ...error) {
		for _, err := range errs {
			if err != nil {
				fmt.Println(err)
			}
		}
	}

	do(ann.Insert(0, "hello"))
	send(ann, bob)
	bob.Move(editor.DocEnd, false, 0)
	do(bob.Insert(10, "!"), ann.Insert(2000, " world"))
	send(ann, bob)
	send(bob, ann)
	fmt.Println(ann.View(), bob.View(), bob.Selection().Head)

	_, err := ann.Undo(3000)
	do(err)
	send(ann, bob)
	fmt.Println(ann.View(), bob.View(), bob.Selection().Head)
	// Output:
	// hello! world hello! world 6
	// hello! hello! 6
}

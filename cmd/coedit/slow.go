package main

import (
	"fmt"
	"time"
)

// slowly is the time from which on something is said about what people wait for.
const slowly = time.Second

// whileSlow says what is being done, unless done is called before that takes long.
func (p *program) whileSlow(what string) (done func()) {
	t := time.AfterFunc(slowly, func() { fmt.Fprintln(p.stderr, what) })
	return func() { t.Stop() }
}

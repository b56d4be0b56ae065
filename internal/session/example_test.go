package session_test

import (
	"context"
	crand "crypto/rand"
	"fmt"
	"sync"
	"time"

	"coedit/internal/session"
	"coedit/transport"
	"coedit/transport/relay"
	"coedit/transport/seal"
)

// A host shares a text, a guest joins by the link and edits it.
func Example() {
	ctx := context.Background()
	var running sync.WaitGroup
	hub := relay.New(relay.Config{Log: relay.NewMemoryLog(1)})
	dial := func(context.Context) (transport.Conn, error) {
		near, far := transport.Pipe()
		running.Go(func() { hub.ServeConn(far) })
		return near, nil
	}

	owner, _ := seal.NewOwner(crand.Reader)
	host, _ := session.New(session.Options{
		Link: seal.Link{Base: "http://127.0.0.1:7777"}, Owner: &owner, Text: []byte("hello\n"), Name: "ann", Dial: dial,
	})
	running.Go(func() { _ = host.Run(ctx) })
	if err := host.Drain(ctx); err != nil { // the relay has the text
		fmt.Println(err)
	}

	write, _ := host.Links()
	link, _ := seal.ParseLink(write)
	guest, _ := session.New(session.Options{Link: link, Name: "bob", Dial: dial})
	running.Go(func() { _ = guest.Run(ctx) })
	if err := guest.WaitReady(ctx); err != nil {
		fmt.Println(err)
	}
	fmt.Printf("the guest sees %q\n", guest.Editor().View().String())
	if err := guest.Editor().Insert(0, "well, "); err != nil {
		fmt.Println(err)
	}
	if err := guest.Drain(ctx); err != nil {
		fmt.Println(err)
	}
	for host.Editor().View().Len() == len("hello\n") {
		if err := host.Wait(ctx); err != nil {
			fmt.Println(err)
		}
		host.Step(time.Now(), session.Budget{})
	}
	fmt.Printf("the host sees %q\n", host.Editor().View().String())

	guest.Close()
	host.Close()
	if err := hub.Shutdown(ctx); err != nil {
		fmt.Println(err)
	}
	running.Wait()
	// Output:
	// the guest sees "hello\n"
	// the host sees "well, hello\n"
}

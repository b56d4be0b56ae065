package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"coedit/transport/relay"

	"github.com/spf13/cobra"
)

const serveLong = `serve runs a relay and nothing else: rooms that "coedit share --relay" opens here, and everybody who joins them.

Rooms are kept on disk, in the folder of --data: what was acknowledged is still there after a crash. With --data ''
they are kept in memory; after a restart the participants then restore their rooms from their own copies, and a room
that nobody has open is gone. What passes is sealed by the participants: a relay sees who takes part, when and
how much, and not what is written.

SIGTERM says goodbye to everybody; they come back by themselves once a relay answers again.`

type serveOptions struct {
	listen, advertise, data, addressFile string

	origins    []string
	maxRooms   int
	maxPerRoom int
	maxMessage int
	handshake  time.Duration

	store storeLimits

	tls tlsOptions
}

func newServe(p *program) *cobra.Command {
	var o serveOptions
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run a relay for other people's rooms",
		Long:  serveLong,
		Example: "  coedit serve\n" +
			"  coedit serve --listen :7333 --advertise relay.example.org\n" +
			"  coedit serve --listen 127.0.0.1:0 --address-file relay.addr",
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error { return p.serve(cmd.Context(), o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", "127.0.0.1:7333", "`ADDR` to listen on, HOST:PORT; port 0 takes any")
	f.StringVar(&o.advertise, "advertise", "", "`HOST[:PORT]` under which others reach this relay")
	f.StringVar(&o.data, "data", dataDir(), "`DIR` to keep rooms in; '' keeps them in memory")
	f.StringVar(&o.addressFile, "address-file", "", "write host:port to this `FILE` once listening")
	f.StringSliceVar(&o.origins, "origin", nil, "also let web pages of this `ORIGIN` connect (https://example.org; may be repeated)")
	f.IntVar(&o.maxRooms, "max-rooms", 0, "rooms at most (default: the relay's own limit)")
	f.IntVar(&o.maxPerRoom, "max-per-room", 0, "participants at most in one room (default: the relay's own limit)")
	f.IntVar(&o.maxMessage, "max-message", 0, "`BYTES` of one message at most (default: the relay's own limit)")
	f.Int64Var(&o.store.room, "max-room-bytes", 0, "`BYTES` of one room on disk at most (default: the store's own limit)")
	f.Int64Var(&o.store.total, "max-store-bytes", 0, "`BYTES` of all rooms on disk at most (default: the store's own limit)")
	f.DurationVar(&o.handshake, "handshake-timeout", 0, "time in which a connection must say hello (default: the relay's own limit)")
	tlsFlags(cmd, &o.tls)
	return cmd
}

func (o serveOptions) check() error {
	for _, n := range []int64{int64(o.maxRooms), int64(o.maxPerRoom), int64(o.maxMessage), o.store.room, o.store.total} {
		if n < 0 {
			return usageError("0 means the relay's own limit", "a limit of %d makes no sense", n)
		}
	}
	if o.handshake < 0 {
		return usageError("0 means the relay's own limit", "a handshake timeout of %s makes no sense", o.handshake)
	}
	return nil
}

// hosts are the hosts of --origin, which may be written as browsers send them.
func (o serveOptions) hosts() []string {
	var hosts []string
	for _, origin := range o.origins {
		_, host, found := strings.Cut(origin, "://")
		if !found {
			host = origin
		}
		hosts = append(hosts, strings.TrimSuffix(host, "/"))
	}
	return hosts
}

func (p *program) serve(ctx context.Context, o serveOptions) (err error) {
	if err := o.check(); err != nil {
		return err
	}
	logger := slog.New(slog.NewTextHandler(p.stderr, nil))
	kept, err := openRooms(o.data, o.store, logger, ticker(p.stderr, "Reading the rooms"))
	if err != nil {
		return err
	}
	defer func() {
		if e := kept.close(); e != nil && err == nil {
			err = failure(e, "", "the rooms were not closed cleanly: %s", storeCause(e))
		}
	}()
	l, own, advertised, err := listen(o.listen, o.advertise)
	if err != nil {
		return err
	}
	over, err := p.carrierFor(o.tls, own, advertised, logger)
	if err != nil {
		l.Close()
		return err
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50) // a relay has memory to save and processor to spare
	}
	h, err := startHub(over.over(l), relay.Config{
		Log:             kept.log,
		Logger:          logger,
		MaxRooms:        o.maxRooms,
		MaxPerRoom:      o.maxPerRoom,
		MaxMessage:      o.maxMessage,
		HandshakeTimout: o.handshake,
		Origins:         o.hosts(),
		Hosts:           names(o.advertise, advertised, own),
		RequireSuite:    byte(p.require),
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "Relay at %s; rooms are kept %s.\n", over.described(advertised), kept.described)
	if warning := watched(own.host, over.base(advertised)); warning != "" {
		fmt.Fprintf(p.stderr, "Warning: %s.\n", warning)
	}
	if o.addressFile != "" {
		if err := writePrivate(o.addressFile, own.String()+"\n"); err != nil {
			h.close()
			return err
		}
	}
	select {
	case <-ctx.Done():
	case err := <-h.ended:
		h.ended <- err
		return failure(err, "", "the relay ended: %s", err)
	}
	if err := h.close(); err != nil {
		return failure(err, "", "the relay did not end cleanly: %s", err)
	}
	return nil
}

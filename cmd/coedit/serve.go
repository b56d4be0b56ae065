package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

const serveLong = `serve runs a relay and nothing else: rooms that "coedit share --relay" opens here, and everybody who joins them.

Rooms are kept on disk, in the folder of --data: what was acknowledged is still there after a crash. With --data ''
they are kept in memory; after a restart the participants then restore their rooms from their own copies, and a room
that nobody has open is gone. What passes is sealed by the participants: a relay sees who takes part, when and
how much, and not what is written.

SIGTERM says goodbye to everybody, at once or after --drain-delay, in which /readyz already fails; they come back by
themselves, spread over some seconds, once a relay answers again. --metrics opens a second door for the operator.
docs/OPERATING.md has the rest: sizes, limits, metrics, alerts, backup, upgrades.`

type serveOptions struct {
	listen, advertise, data, addressFile string

	metrics   string
	logFormat string

	origins    []string
	maxRooms   int
	maxPerRoom int
	maxMessage int
	handshake  time.Duration

	maxConns, maxPerAddress, maxRoomsPerAddress int
	maxBytesPerAddress                          int64
	maxBacklog                                  int
	framesPerSecond, burst                      int
	tailFrames                                  int
	tailBytes                                   int64
	silence, writeTimeout, roomTTL              time.Duration
	drainDelay, drainTimeout                    time.Duration

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
	o.limitFlags(f)
	f.StringVar(&o.metrics, "metrics", "", "`ADDR` of the operator's door: /metrics, /readyz and, on loopback, /debug/pprof; without a host it is this machine only")
	f.StringVar(&o.logFormat, "log-format", "text", "`FORMAT` of the log on standard error: text or json")
	f.DurationVar(&o.drainDelay, "drain-delay", 0, "after SIGTERM, time in which /readyz fails before anybody is sent away")
	f.DurationVar(&o.drainTimeout, "drain-timeout", goodbye, "time for everybody to go, before connections are cut")
	tlsFlags(cmd, &o.tls)
	return cmd
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
	logger := newLogger(p.stderr, o.logFormat)
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
	over, err := p.carrierFor(o.tls, l.Addr(), advertised, logger)
	if err != nil {
		l.Close()
		return err
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50) // a relay has memory to save and processor to spare
	}
	config := o.config()
	if warning := fitOpenFiles(&config, openFiles()); warning != "" {
		fmt.Fprintf(p.stderr, "Warning: %s.\n", warning)
	}
	config.Log, config.Logger, config.Usable = kept.log, logger, kept.usable
	config.Hosts, config.RequireSuite = names(o.advertise, advertised, own), byte(p.require)
	h, err := startHub(over.over(l), config)
	if err != nil {
		return err
	}
	door, err := p.openDoor(o.metrics, h, kept, logger)
	if err != nil {
		return errors.Join(err, h.close())
	}
	defer door.close()
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
	return o.until(ctx, h)
}

// until serves until it is told to end or cannot go on, and ends in order.
func (o *serveOptions) until(ctx context.Context, h *hub) error {
	select {
	case <-ctx.Done():
		h.leave(o.drainDelay)
	case err := <-h.ended:
		h.ended <- err
		return failure(err, "", "the relay ended: %s", err)
	}
	if err := h.closeWithin(o.drainTimeout); err != nil {
		return failure(err, "", "the relay did not end cleanly: %s", err)
	}
	return nil
}

// newLogger writes a relay's log, which has no content, no secrets and no addresses.
func newLogger(w io.Writer, format string) *slog.Logger {
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, nil))
}

// openDoor opens the operator's door, if there is to be one.
func (p *program) openDoor(listenAt string, h *hub, kept *rooms, logger *slog.Logger) (*admin, error) {
	if listenAt == "" {
		return nil, nil
	}
	a, at, err := startAdmin(listenAt, h.relay, kept.metrics.set, logger)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(p.stdout, "Metrics at http://%s/metrics.\n", at)
	return a, nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"coedit/editor"
	"coedit/editor/tui"
	"coedit/internal/journal"
	"coedit/internal/session"
	"coedit/internal/textfile"
	"coedit/rga"
	"coedit/transport"
	"coedit/transport/certificate"
	"coedit/transport/relay"
	"coedit/transport/seal"

	"github.com/spf13/cobra"
)

const shareLong = `share opens FILE and a room for it, and shows two links: one to edit, one to read only.
The relay runs inside this process and ends with it, unless --relay names another one.

Without FILE it is a new text: Ctrl+S asks for a name.

The text is encrypted on its way and at the relay: the key is in the links, so whoever has one can read. --suite
names another cipher suite than the usual one.

Whoever reaches this machine over the network and has a link can join. The relay listens on a port of all its addresses, over
TLS with a certificate of its own, which the links vouch for. --listen 127.0.0.1:0 keeps to this machine; --advertise says
which host the links name.

With --headless there is no editor: the links are printed, guests edit, and FILE is written when a guest
presses Ctrl+S, merged with what another program changed in it. SIGTERM or Ctrl+C ends it; text that nobody saved
is then kept in FILE` + unsavedSuffix + `.`

type shareOptions struct {
	listen, advertise, relay, linkFile, name, recovery string

	headless  bool
	elsewhere bool // the flags say where the relay is
	before    bool // listen is where the last session listened
	suite     suiteValue
}

func newShare(p *program) *cobra.Command {
	var o shareOptions
	cmd := &cobra.Command{
		Use:   "share [FILE]",
		Short: "Open a file and share it: shows a link",
		Long:  shareLong,
		Example: "  coedit share main.go\n" +
			"  coedit share --listen :7000 main.go            on a port that a firewall lets through\n" +
			"  coedit share --listen 127.0.0.1:0 main.go      for this machine only\n" +
			"  coedit share --relay http://host:7333 main.go  over a relay of `coedit serve`\n" +
			"  coedit share --headless --link-file link.txt main.go",
		Args: oneArgAtMost("a FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := ""
			if len(args) == 1 {
				path = args[0]
			}
			for _, own := range []string{"listen", "advertise"} {
				if cmd.Flags().Changed("relay") && cmd.Flags().Changed(own) {
					return usageError("leave one of them out", "--%s is for a relay of one's own, and --relay names another", own)
				}
			}
			for _, place := range []string{"listen", "advertise", "relay"} {
				o.elsewhere = o.elsewhere || cmd.Flags().Changed(place)
			}
			return p.share(cmd.Context(), path, o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", ":0", "`ADDR` to listen on, HOST:PORT; port 0 takes any")
	f.StringVar(&o.advertise, "advertise", "", "`HOST[:PORT]` for the links, where it is not the address listened on")
	f.StringVar(&o.relay, "relay", "", "`URL` of a relay to use instead of an own one")
	f.StringVar(&o.linkFile, "link-file", "", "write the links to this `FILE` once others can join: line 1 to edit, line 2 to read")
	f.Var(&o.suite, "suite", "`NAME` of the cipher suite: xchacha, sm4, or plain, which encrypts nothing (default xchacha)")
	f.BoolVar(&o.headless, "headless", false, "no editor; for scripts and servers")
	recoverFlag(cmd, &o.recovery)
	p.lookFlags(cmd)
	p.autosaveFlag(cmd)
	nameFlag(cmd, &o.name)
	return cmd
}

// hosted is a shared document at its host.
type hosted struct {
	part    *session.Participant
	hub     *hub      // nil: the relay is elsewhere
	file    *diskFile // nil: there is none
	links   *linkWriter
	record  *record
	about   journal.About // what the record is of
	warning string
	notice  string // about what was recovered
	ended   bool   // as the user wanted it

	// Without an editor.
	disk     editor.Disk // what the file is known to hold
	autosave editor.Autosave
	trouble  string // why what another program wrote cannot be merged, as it was said
}

func (p *program) share(ctx context.Context, path string, o shareOptions) (err error) {
	if err := checkRecover(o.recovery); err != nil {
		return err
	}
	var text []byte
	s := &hosted{about: journal.About{Role: roleShare, Name: untitledName, Started: time.Now().UnixMilli()}}
	if path != "" {
		read := p.whileSlow("Reading " + path + " ...")
		s.file, text, err = openFile(path)
		if read(); err != nil {
			return err
		}
		s.about.File, s.about.Name = s.file.file.Real, s.file.Name()
	}
	if !o.headless {
		if err := p.needTerminal("coedit share", false, "run it in a terminal, or add --headless"); err != nil {
			return err
		}
	}
	if s.links, err = newLinkWriter(o.linkFile, s.file); err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, s.close())
		p.sayRefused(s.part)
	}()
	last, err := p.lastShared(ctx, s, text, o.recovery)
	if err != nil {
		return err
	}
	if err := s.open(ctx, p, o, text, last); err != nil {
		if interrupted(ctx, err) {
			return errorWithHint{code: exitFailure, what: "not shared: you ended it before the relay answered", err: err}
		}
		e := explain(err)
		if e.code == exitConnect {
			e.hint = "does `coedit serve` run there, and can this machine reach that address?"
		}
		return e
	}
	if s.warning != "" {
		fmt.Fprintf(p.stderr, "Warning: %s.\n", s.warning)
	}
	if o.headless {
		s.autosave.After = p.settings.autosave
		return p.headless(ctx, s)
	}
	return p.shareOnScreen(ctx, s)
}

// shareOnScreen is the host's editor. The links are printed before it opens as well: there the terminal itself breaks their
// rows, so that they can be selected in one piece.
func (p *program) shareOnScreen(ctx context.Context, s *hosted) error {
	place := placed(s.file)
	screen := &screenSession{
		part: s.part, file: s.file, unnamed: place, warning: s.warning, links: s.links, record: s.record, named: s.named,
	}
	options := tui.Options{
		Editor: s.part.Editor(), Name: untitledName, EndsSession: s.hub != nil, Session: screen, Notice: s.notice,
		Autosave: p.settings.autosave, Disk: s.disk,
		SaveAs: place.saveAs, Copy: copies(func() textfile.Format { return textfile.FormatOf(s.part.Editor().Doc()) }),
	}
	if s.file != nil {
		options.File, options.Name = s.file, s.file.Name()
	}
	s.printLinks(p.stdout)
	err := p.edit(ctx, options, place.place)
	s.ended = s.ended || !errors.Is(err, errNotRescued)
	return err
}

// named notes that the text has another file.
func (s *hosted) named(file *diskFile) {
	s.about.File, s.about.Name = file.file.Real, file.Name()
	s.record.rename(s.about)
}

// printLinks is for people and for scripts: one link a line.
func (s *hosted) printLinks(w io.Writer) {
	write, read := s.part.Links()
	fmt.Fprintf(w, "to edit: %s\nto read: %s\n", write, read)
}

// openRoom starts the relay, or takes the one named, and says how to take part in the room of the owner's secret.
func (s *hosted) openRoom(p *program, o shareOptions, owner seal.Secret) (session.Options, error) {
	options := session.Options{
		Owner: &owner, Suite: byte(o.suite), Meta: s.meta(), Name: p.nameOr(o.name), Agent: agent("share"),
		RequireSuite: byte(p.require),
	}
	listening := ""
	var err error
	if o.relay != "" {
		if options.Link.Base, options.Link.Pin, err = relayBase(o.relay); err == nil {
			err = p.mayDial(options.Link.Base)
		}
		s.about.Relay = o.relay
	} else {
		var own, advertised address
		var over carrier
		if own, advertised, over, err = s.startHub(p, o, owner); err == nil {
			options.Link.Base, options.Link.Pin = over.base(advertised), over.pin
			options.Dial = transport.WebSocketTLS(over.base(own), certificate.Pinned(over.pin))
			listening = own.host
			s.about.Listen, s.about.Advertise = samePort(o.listen, own.port), o.advertise
		}
	}
	s.about.Owner = owner.Bytes[:]
	if err == nil {
		s.warning = exposed(listening, options.Link.Base)
	}
	return options, err
}

func (s *hosted) startHub(p *program, o shareOptions, owner seal.Secret) (own, advertised address, over carrier, err error) {
	l, own, advertised, err := listen(o.listen, o.advertise)
	if err != nil && o.before {
		fmt.Fprintf(p.stderr, "Warning: %s is taken, so the links of the last session lead nowhere; the new ones are shown.\n", o.listen)
		l, own, advertised, err = listen(samePort(o.listen, "0"), o.advertise)
	}
	if err != nil {
		return own, advertised, over, err
	}
	if over, err = p.ownCarrier(l.Addr(), advertised, s.carrier(owner)); err != nil {
		l.Close()
		return own, advertised, over, err
	}
	s.hub, err = startHub(over.over(l), relay.Config{Logger: slog.New(slog.DiscardHandler)})
	return own, advertised, over, err
}

// carrier is the secret that the own relay's key follows from: that of the first room. It stays when the room moves, so that
// links which were given away by then, and whoever follows, find the same certificate when the relay starts again.
func (s *hosted) carrier(owner seal.Secret) seal.Secret {
	if len(s.about.Carrier) == len(owner.Bytes) {
		copy(owner.Bytes[:], s.about.Carrier)
	}
	s.about.Carrier = owner.Bytes[:]
	return owner
}

// meta is what the guests are told about the file.
func (s *hosted) meta() map[string]string {
	if s.file == nil {
		return nil
	}
	// The format knows how to write itself into a document only.
	meta := map[string]string{session.MetaName: s.file.Name()}
	scratch := rga.New(1)
	if err := s.file.form().Set(scratch, 0); err != nil {
		return meta
	}
	for _, key := range []string{session.MetaEOL, session.MetaBOM} {
		if value, ok := scratch.Meta(key); ok {
			meta[key] = value
		}
	}
	return meta
}

// online drives a host until the relay has let it in.
func online(ctx context.Context, part *session.Participant) error {
	return part.Drive(ctx, func(now time.Time) (time.Duration, bool, error) {
		switch s := part.Status(now); s.State {
		case session.Online:
			return 0, true, nil
		case session.Offline, session.Refused:
			return 0, false, s.Err
		}
		return 0, false, nil
	})
}

// close ends the session: goodbye, then the relay, then the journal. That is over for good when the user quit or the text is
// safe elsewhere, and, where the room goes on without this process, everything is there.
func (s *hosted) close() error {
	done := s.ended
	if s.part != nil {
		done = done && (s.hub != nil || s.part.Drained())
		s.part.Close()
	}
	err := errors.Join(s.links.wait(), s.record.end(done))
	if s.hub != nil {
		err = errors.Join(err, s.hub.close())
	}
	return err
}

package tui

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"coedit/editor"
	"coedit/presence"
	"coedit/rga"

	tea "charm.land/bubbletea/v2"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

// clock is a settable time.
type clock struct{ t time.Time }

func newClock() *clock { return &clock{time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }

func (c *clock) now() time.Time          { return c.t }
func (c *clock) advance(d time.Duration) { c.t = c.t.Add(d) }

// fakeSession is a network of our own making: batches put into it arrive with the next steps.
type fakeSession struct {
	ed        *editor.Editor
	news      chan struct{}
	arrived   [][]byte
	notices   []string
	caller    rga.ReplicaID // tells with the next step that this one asks everybody to come
	said      []string
	calls     int
	kicked    []rga.ReplicaID
	relinked  int
	closed    int
	refuses   error // of what only an owner may do
	state     Status
	presence  Presence
	told      int // calls of SetPresence
	flushes   atomic.Int64
	wait      time.Duration // what Flush returns
	asked     int
	requested bool
	saved     int
	failed    []error
	named     []string
	steps     []Report
	ended     error
}

func (s *fakeSession) Wait(ctx context.Context) error {
	select {
	case <-s.news:
		return s.ended
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *fakeSession) Step(_ time.Time, b Budget) (Report, bool) {
	r := Report{Notices: s.notices, Caller: s.caller}
	s.notices, s.caller = nil, 0
	for len(s.arrived) > 0 && r.Ops < b.Ops && r.Bytes < b.Bytes {
		batch := s.arrived[0]
		s.arrived = s.arrived[1:]
		res, err := s.ed.Apply(batch)
		if err != nil {
			r.Notices = append(r.Notices, err.Error())
		}
		r.Ops += res.Ops
		r.Bytes += len(batch)
	}
	s.steps = append(s.steps, r)
	return r, len(s.arrived) > 0
}

func (s *fakeSession) Flush(time.Time) time.Duration { s.flushes.Add(1); return s.wait }
func (s *fakeSession) SetPresence(p Presence)        { s.presence = p; s.told++ }
func (s *fakeSession) Status(time.Time) Status       { return s.state }
func (s *fakeSession) Say(line string)               { s.said = append(s.said, line) }
func (s *fakeSession) Kick(_ time.Time, id rga.ReplicaID) error {
	s.kicked = append(s.kicked, id)
	return s.refuses
}
func (s *fakeSession) Relink(time.Time) error { s.relinked++; return s.refuses }
func (s *fakeSession) CloseRoom() error       { s.closed++; return s.refuses }
func (s *fakeSession) Words(id rga.ReplicaID) string {
	return map[rga.ReplicaID]string{another: "apple river"}[id]
}
func (s *fakeSession) Call()                { s.calls++ }
func (s *fakeSession) AskSave()             { s.asked++ }
func (s *fakeSession) Saved()               { s.saved++ }
func (s *fakeSession) SaveFailed(err error) { s.failed = append(s.failed, err) }
func (s *fakeSession) Named(name string)    { s.named = append(s.named, name) }

func (s *fakeSession) SaveRequested() bool {
	r := s.requested
	s.requested = false
	return r
}

// fakeFile keeps what was saved.
type fakeFile struct {
	text   string
	err    error // returned by the next saves
	forced int
	saves  int
}

func (f *fakeFile) Name() string { return "main.go" }

func (f *fakeFile) Save(v *rga.View, force bool) error {
	if force {
		f.forced++
	} else if f.err != nil {
		return f.err
	}
	f.saves++
	f.text = v.String()
	return nil
}

// fixture is a program under test with its surroundings.
type fixture struct {
	t       testing.TB
	m       *Model
	ed      *editor.Editor
	clock   *clock
	session *fakeSession
	file    *fakeFile
	partner *rga.Doc
	sent    uint64 // own ticks the partner has sent
	got     uint64 // ticks of the program's document the partner has
}

const (
	self    rga.ReplicaID = 1
	another rga.ReplicaID = 2
)

type setting func(*fixture, *Options)

// hosting gives the program a file, as the one who shares has.
func hosting(f *fixture, o *Options) {
	f.file = &fakeFile{}
	o.File = f.file
}

// shared gives the program a session.
func shared(f *fixture, o *Options) {
	f.session = &fakeSession{ed: f.ed, news: make(chan struct{}, 1), state: Status{State: Online, Self: presence.State{Replica: self}}}
	o.Session = f.session
}

// newFixture is a program of 80 x 24 with a text.
func newFixture(t testing.TB, text string, settings ...setting) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: newClock()}
	doc := rga.New(self)
	if text != "" {
		if _, _, err := doc.Edit(0, rga.Edit{Insert: text}); err != nil {
			t.Fatal(err)
		}
	}
	f.ed = editor.New(doc)
	f.partner = rga.New(another)
	o := Options{Editor: f.ed, Name: "main.go", Now: f.clock.now}
	for _, s := range settings {
		s(f, &o)
	}
	f.m = New(o)
	f.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	f.deliver()
	t.Cleanup(f.check)
	return f
}

// check verifies the invariants that hold after every message.
func (f *fixture) check() {
	f.t.Helper()
	if err := f.ed.Doc().Check(); err != nil {
		f.t.Error(err)
	}
	for _, s := range f.ed.Selections() {
		for _, off := range []int{s.Anchor, s.Head} {
			if off != 0 && f.ed.Next(f.ed.Prev(off)) != off {
				f.t.Errorf("a caret at %d stands inside a cluster", off)
			}
		}
	}
	v := f.m.View()
	if f.m.width == 0 {
		return
	}
	if n := strings.Count(v.Content, "\n") + 1; n != f.m.height {
		f.t.Errorf("the view has %d rows, the screen %d", n, f.m.height)
	}
	for i, row := range strings.Split(v.Content, "\n") {
		if n := f.m.widths.method.StringWidth(row); n > f.m.width {
			f.t.Errorf("row %d takes %d cells of %d: %q", i, n, f.m.width, row)
		}
	}
	if c := v.Cursor; c != nil && (c.X < 0 || c.Y < 0 || c.X >= f.m.width || c.Y >= f.m.height) {
		f.t.Errorf("cursor at %d,%d on a screen of %dx%d", c.X, c.Y, f.m.width, f.m.height)
	}
}

// send passes a message and returns what the program wants done.
func (f *fixture) send(msg tea.Msg) tea.Cmd {
	_, cmd := f.m.Update(msg)
	return cmd
}

// press presses keys, named as in the table of commands.
func (f *fixture) press(keys ...string) tea.Cmd {
	var cmd tea.Cmd
	for _, k := range keys {
		cmd = f.send(keyPress(k))
	}
	return cmd
}

// write types text.
func (f *fixture) write(text string) {
	for _, r := range text {
		if r == '\n' {
			f.press("enter")
			continue
		}
		f.send(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
}

var keyCodes = map[string]rune{
	"left": tea.KeyLeft, "right": tea.KeyRight, "up": tea.KeyUp, "down": tea.KeyDown, "home": tea.KeyHome, "end": tea.KeyEnd,
	"pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab,
	"backspace": tea.KeyBackspace, "delete": tea.KeyDelete, "insert": tea.KeyInsert, "space": tea.KeySpace,
	"f1": tea.KeyF1, "f2": tea.KeyF2, "f3": tea.KeyF3, "f6": tea.KeyF6, "f7": tea.KeyF7, "f8": tea.KeyF8,
}

func keyPress(name string) tea.KeyPressMsg {
	var k tea.KeyPressMsg
	parts := strings.Split(name, "+")
	for _, p := range parts[:len(parts)-1] {
		switch p {
		case "ctrl":
			k.Mod |= tea.ModCtrl
		case "alt":
			k.Mod |= tea.ModAlt
		case "shift":
			k.Mod |= tea.ModShift
		}
	}
	last := parts[len(parts)-1]
	if c, ok := keyCodes[last]; ok {
		k.Code = c
		return k
	}
	k.Code, _ = utf8.DecodeRuneInString(last)
	if k.Mod == 0 {
		k.Text = last
	}
	return k
}

// deliver gives the partner what the program's document has.
func (f *fixture) deliver() {
	f.t.Helper()
	for {
		b, to := f.ed.Doc().AppendOwn(nil, f.got, 1<<20)
		if to == f.got {
			return
		}
		if _, err := f.partner.Apply(b); err != nil {
			f.t.Fatal(err)
		}
		f.got = to
	}
}

// remote lets the partner edit and the batches arrive; the program does not know of them before a newsMsg.
func (f *fixture) remote(edits ...rga.Edit) {
	f.t.Helper()
	f.deliver()
	if _, _, err := f.partner.Edit(1, edits...); err != nil {
		f.t.Fatal(err)
	}
	for {
		b, to := f.partner.AppendOwn(nil, f.sent, 4<<10)
		if to == f.sent {
			return
		}
		f.session.arrived = append(f.session.arrived, b)
		f.sent = to
	}
}

// receive lets everything that arrived be applied.
func (f *fixture) receive() {
	f.t.Helper()
	f.send(newsMsg{})
	for len(f.session.arrived) > 0 {
		f.send(newsMsg{})
	}
}

// peer places a participant.
func (f *fixture) peer(name string, colour uint8, head, tail int) {
	p := presence.State{
		Replica: another + rga.ReplicaID(len(f.session.state.Peers)), Stamp: 1, Name: name, Colour: colour,
		Head: f.ed.Doc().AnchorAt(head, rga.After), Tail: f.ed.Doc().AnchorAt(tail, rga.After),
	}
	f.session.state.Peers = append(f.session.state.Peers, p)
	f.send(newsMsg{})
}

func (f *fixture) text() string { return f.ed.View().String() }

// screen is the view as cells, drawn as the renderer does.
func (f *fixture) screen() uv.ScreenBuffer {
	return drawn(f.m.View(), f.m.width, f.m.height, f.m.widths.method)
}

func drawn(v tea.View, width, height int, method ansi.Method) uv.ScreenBuffer {
	buf := uv.NewScreenBuffer(width, height)
	buf.Method = method
	uv.NewStyledString(v.Content).Draw(buf, buf.Bounds())
	return buf
}

// row is the text of one row of the screen, without blanks at its end.
func (f *fixture) row(y int) string {
	buf := f.screen()
	return strings.TrimRight(rowText(func(x int) *uv.Cell { return buf.CellAt(x, y) }, f.m.width), " ")
}

// shown is the whole screen.
func (f *fixture) shown() string { return dump(f.screen(), f.m.width, f.m.height) }

// status is the last row.
func (f *fixture) status() string { return f.row(f.m.height - 1) }

func rowText(cell func(x int) *uv.Cell, width int) string {
	var sb strings.Builder
	for x := 0; x < width; {
		c := cell(x)
		if c == nil || c.Width == 0 {
			sb.WriteByte(' ')
			x++
			continue
		}
		sb.WriteString(c.Content)
		x += c.Width
	}
	return sb.String()
}

// cellOf is the cell at which the n-th byte of the text is drawn.
func (f *fixture) cellOf(off int) (x, y int) {
	line, column := f.ed.Position(off)
	at := f.m.view.spot(line, column)
	left, _ := f.m.view.columns(at)
	y, _ = f.m.view.y(at)
	return f.m.gutterWidth() + column - left, y
}

// await runs a command with all it leads to and returns the first message of a type.
func await[T tea.Msg](t testing.TB, cmd tea.Cmd) T {
	t.Helper()
	found := make(chan T, 1)
	var start func(tea.Cmd)
	start = func(cmd tea.Cmd) {
		if cmd == nil {
			return
		}
		go func() {
			switch msg := cmd().(type) {
			case tea.BatchMsg:
				for _, c := range msg {
					start(c)
				}
			case T:
				select {
				case found <- msg:
				default:
				}
			}
		}()
	}
	start(cmd)
	select {
	case msg := <-found:
		return msg
	case <-time.After(time.Minute):
		t.Fatalf("no %T came", *new(T))
		panic("unreachable")
	}
}

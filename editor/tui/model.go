package tui

import (
	"context"
	"strings"
	"time"

	"coedit/editor"
	"coedit/editor/syntax"
	"coedit/rga"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// Options say what to edit and with whom.
type Options struct {
	Editor  *editor.Editor
	Session Session // nil: alone
	File    File    // nil: this participant has no file (a guest)
	Name    string  // of the document, for the status line
	// SaveAs makes a file of a name that the user gives: for a text that has none, or to save it under another name. It refuses a
	// file that exists. It blocks and is called from a command. nil: a text without a file cannot be saved here.
	SaveAs func(name string) (File, error)
	// Copy is how anybody keeps a copy of the text, in a file of a name that the user gives. It is called on the goroutine that owns the
	// editor; what it returns writes the view to a new file, blocks, and is called from a command. nil: no copy is offered.
	Copy func(v *rga.View, name string) (write func() error)
	// Disk is what the file holds where that is not the editor's text; not known: nothing is, unless the text counts as saved.
	Disk editor.Disk
	// Autosave saves the file by itself when the text has rested for so long, and at the latest after ten times that. 0: never.
	Autosave time.Duration
	// KeepCopy is how a participant without a file keeps the text when the session is lost. It is called on the goroutine that owns
	// the editor; what it returns writes the view to a new file, blocks, and is called from a command. nil: no copy is offered.
	KeepCopy func(v *rga.View) (write func() error)
	// Trouble says in a sentence why what is typed is not kept for a crash; empty: it is. It is asked once a second on the goroutine that
	// owns the editor. nil: the session says so.
	Trouble func() string
	// Author is the name under which a replica edited, also of one who is not here any more. It is called on the goroutine that owns
	// the editor. nil: names are known of those alone who are here.
	Author func(id rga.ReplicaID) (name string, ok bool)
	// Intro is a paragraph to read first, in the place of the link; empty: none.
	Intro string
	// Notice is a message shown at the start; empty: none.
	Notice string
	// Scratch says that the file is thrown away in the end, so that quitting does not ask whether to save it.
	Scratch bool
	Looks   Looks            // how the text is shown at first
	Widths  Widths           // how the terminal counts cells; what it does with ambiguous characters is set by SetAmbiguousWide
	Now     func() time.Time // nil: time.Now
	Tab     int              // cells between tab stops; 0: editor.DefaultTab
	// EndsSession says that the others cannot go on when this program quits, because the relay runs inside it.
	EndsSession bool
}

// Model is the program's state. Create it with [New]; it is used by one Bubble Tea program.
type Model struct {
	// Static after construction.
	ed          *editor.Editor
	session     Session
	file        File
	name        string
	now         func() time.Time
	tab         int
	endsSession bool
	saveAs      func(name string) (File, error)
	copyTo      func(v *rga.View, name string) (write func() error)
	keepCopy    func(v *rga.View) (write func() error)
	intro       string
	scratch     bool
	author      func(id rga.ReplicaID) (name string, ok bool)
	unkept      func() string
	ctx         context.Context // ends what commands wait for; set by Run

	// The terminal.
	width, height int
	widths        widths
	counting      Widths
	dark          bool
	profile       colorprofile.Profile
	theme         theme
	looks         Looks
	scroll        scrollbar
	colours       highlighter
	mending       bool // a piece of the text is about to be read for its colours

	// The text on the screen.
	view     viewport
	cache    rowCache
	peers    []editor.Peer
	marks    []mark             // of the row being drawn
	own      []editor.Selection // of the row being drawn
	pair     pair
	rowBytes []byte         // of the row being drawn
	tokens   []syntax.Token // of the row being drawn
	frame    tea.View
	stale    bool // frame no longer shows the state

	// What lies over the text.
	question *question
	input    *lineInput
	palette  *palette
	recent   []*command // run from the palette, the last one first
	find     finder
	later    []tea.Cmd // that an OnChange wants run at the end of the Update
	sheet    *sheet
	message  message
	toasts   []toast // the newest last

	// The session.
	people     people
	status     Status
	presence   Presence
	lastStep   time.Time
	flushAsked bool      // a flush is scheduled
	flushDue   time.Time // when, the soonest of those scheduled
	linkShown  bool      // the link was shown once
	lostSince  time.Time // the connection went; zero: there is one, or there was none yet
	ended      bool      // nothing will arrive any more

	// The file.
	disk      editor.Disk
	gone      bool   // another program deleted or renamed the file
	trouble   string // why what another program wrote cannot be merged, as it was said
	reading   bool   // the file is being read again
	readAgain bool   // there was news of it meanwhile
	merges    int    // of this save
	autosaves editor.Autosave
	notKept   string // why what is typed is not kept for a crash, as it was said
	saving    bool
	nextSave  asker // who asked for a save while saving or reading
	quitting  bool  // the user wants to quit: the question is open, or a save runs before
	leaving   bool  // the question was answered: quit when the save is done

	// The user's input.
	lastKey  time.Time
	clicks   clicks
	mouseOff bool // the terminal has it
	goal     rowGoal
}

// New returns a program for the options. The editor belongs to it from now on.
func New(o Options) *Model {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Tab <= 0 {
		o.Tab = editor.DefaultTab
	}
	m := &Model{
		ed: o.Editor, session: o.Session, file: o.File, name: o.Name, now: o.Now, tab: o.Tab, endsSession: o.EndsSession,
		saveAs: o.SaveAs, copyTo: o.Copy, keepCopy: o.KeepCopy, autosaves: editor.Autosave{After: o.Autosave}, author: o.Author,
		intro: o.Intro, scratch: o.Scratch, unkept: o.Trouble,
		ctx: context.Background(), dark: true, profile: colorprofile.TrueColor, stale: true, lastKey: o.Now(),
	}
	if m.name == "" && m.file != nil {
		m.name = m.file.Name()
	}
	m.view.wrap = &wrapper{ed: m.ed}
	m.looks, m.counting = o.Looks, o.Widths
	m.theme = newTheme(m.looks.Theme, m.dark, m.profile)
	if m.disk = o.Disk; !m.ed.Dirty() {
		m.disk = m.ed.OnDisk()
	}
	if m.intro != "" {
		m.sheet = m.introSheet()
	}
	if o.Notice != "" {
		m.warn(topicOthers, o.Notice)
	}
	m.setMetrics()
	m.ed.OnChange(func(c []rga.Change) {
		m.view.follow(c)
		m.colours.follow(c)
	})
	m.ed.OnChange(m.followFind)
	if m.session != nil {
		m.refreshStatus()
	}
	return m
}

// Init asks the terminal for its colours and starts to wait for the network.
func (m *Model) Init() tea.Cmd {
	return tea.Batch(tea.RequestBackgroundColor, m.nextTick(), m.wait(), m.watch(), m.counting.answer)
}

type tickMsg struct{}

// nextTick drives what depends on the time alone: messages that end, the countdown to the next attempt, idleness.
func (m *Model) nextTick() tea.Cmd { return m.after(time.Second, tickMsg{}) }

// after returns the command that sends a message later, unless the program ends before.
func (m *Model) after(d time.Duration, msg tea.Msg) tea.Cmd {
	ctx := m.ctx
	return func() tea.Msg {
		pause(ctx, d)
		return msg
	}
}

// Update takes one message. It never blocks and never does more than a bounded amount of work for others.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := m.dispatch(msg)
	return m, tea.Batch(cmd, m.settle())
}

func (m *Model) dispatch(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		return m.key(msg)
	case tea.PasteMsg:
		return m.paste(msg.Content)
	case tea.MouseMsg:
		return m.mouse(msg)
	case dragMsg:
		return m.roll()
	case tea.WindowSizeMsg:
		m.resize(msg.Width, msg.Height)
	case newsMsg:
		return m.news()
	case sessionEndedMsg:
		m.ended = true
		m.warn(topicOthers, "The session has ended: "+msg.err.Error()+". Your text is kept here.")
	case flushMsg:
		m.flushAsked = false
	case mendMsg:
		m.mending = false
	case tickMsg:
		m.tick()
		return tea.Batch(m.nextTick(), m.autosave())
	case savedMsg:
		return m.saved(msg)
	case copiedMsg:
		return m.copied(msg)
	case namedMsg:
		return m.named(msg)
	case foundMsg:
		return m.found(msg)
	case sweptMsg:
		return m.swept(msg)
	case countedMsg:
		return m.counted(msg)
	case recountMsg:
		m.find.count.again = false
		return m.startCount()
	case rereadMsg:
		return m.reread(msg)
	case watchMsg:
		return m.diskNews(msg)
	case keptMsg:
		return m.kept(msg)
	case tea.ModeReportMsg:
		if m.widths.report(msg.Mode, msg.Value) {
			m.setMetrics()
			return tea.ClearScreen // what was drawn stands where the former widths put it
		}
	case tea.BackgroundColorMsg:
		m.setTheme(msg.IsDark(), m.profile)
	case tea.ColorProfileMsg:
		m.setTheme(m.dark, msg.Profile)
	}
	return nil
}

// settle ends an Update: the viewport follows the text, the session learns of it, and the frame is drawn anew if anything changed.
func (m *Model) settle() tea.Cmd {
	m.view.settle(m.ed.View())
	m.stale = true
	later := tea.Batch(m.later...)
	m.later = nil
	return tea.Batch(m.share(), m.mend(), m.quitWhenSafe(), later)
}

// caretShown says whether the caret's line is on the screen.
func (m *Model) caretShown() bool {
	_, shown := m.view.y(m.caretSpot())
	return shown
}

// caretSpot is the row of the text in which the caret is.
func (m *Model) caretSpot() spot { return m.view.spot(m.ed.Position(m.ed.Selection().Head)) }

// reveal scrolls to the caret, after the user did something.
func (m *Model) reveal() {
	line, column := m.ed.Position(m.ed.Selection().Head)
	text := m.ed.View()
	m.view.settle(text)
	m.layout()
	m.view.reveal(text, line, column)
}

func (m *Model) setMetrics() {
	m.ed.SetMetrics(editor.Metrics{Tab: m.tab, Cluster: m.widths.cluster})
	m.cache.drop()
	m.view.wrap.forget()
	m.layout()
}

func (m *Model) setTheme(dark bool, p colorprofile.Profile) {
	m.dark, m.profile = dark, p
	m.theme = newTheme(m.looks.Theme, dark, p)
	m.cache.drop()
}

// resize takes the terminal's size. The caret stays on the screen if it was.
func (m *Model) resize(width, height int) {
	if width <= 0 || height <= 0 {
		return
	}
	shown := m.caretShown()
	m.width, m.height = width, height
	m.cache.resize(height)
	m.layout()
	if shown {
		m.reveal()
	}
}

func (m *Model) tick() {
	if m.message.text != "" && m.now().After(m.message.until) {
		m.message = message{}
	}
	m.endToasts()
	if m.unkept == nil {
		return
	}
	if why := m.unkept(); why != m.notKept {
		if m.notKept = why; why != "" {
			m.warn(topicOthers, strings.ToUpper(why[:1])+why[1:]+".")
		}
	}
}

// message is a sentence in the status line.
type message struct {
	text  string
	since time.Time
	until time.Time
	alert bool // stays although keys are pressed
	topic topic
}

// Times of messages: how long one is shown at least if no key is pressed, how long if one is, and within what time a second one is
// added instead of replacing it.
const (
	messageTime = 5 * time.Second
	messageRead = time.Second
	messageJoin = time.Second
)

// messageBeside is about how many cells of the status line are kept from messages.
const messageBeside = 16

// say shows a sentence.
func (m *Model) say(text string) {
	m.displaced()
	m.put(message{text: text})
}

// put shows a message in the place of the one that is there.
func (m *Model) put(msg message) {
	msg.since = m.now()
	msg.until = msg.since.Add(readingTime(msg.text))
	m.message = msg
}

// readingTime is how long a text is shown.
func readingTime(text string) time.Duration {
	return messageTime + time.Duration(len(text))*30*time.Millisecond
}

// alert shows a sentence about what may be lost: going on to type does not take it away.
func (m *Model) alert(text string) {
	m.say(text)
	m.message.alert = true
}

// warn shows a sentence about what may be lost that is not the user's doing: it is seen although something else is said.
func (m *Model) warn(about topic, text string) {
	m.alert(text)
	m.message.topic = about
}

// pressed notes that the user did something, which takes away a message that was there to be read.
func (m *Model) pressed() {
	m.lastKey = m.now()
	if !m.message.alert && m.lastKey.Sub(m.message.since) >= messageRead {
		m.displaced()
		m.message = message{}
	}
}

// notice shows a sentence about somebody else, or another program; it does not hide one just shown if both fit.
func (m *Model) notice(about topic, text string) {
	old := m.message
	fits := old.alert || len(old.text)+len(text)+messageBeside < m.width
	if old.text == "" || m.now().Sub(old.since) >= messageJoin || len(old.text) >= 200 || !fits {
		m.say(text)
		m.message.topic = about
		return
	}
	m.put(message{text: strings.TrimSuffix(old.text, ".") + "; " + text, alert: old.alert, topic: max(about, old.topic)})
}

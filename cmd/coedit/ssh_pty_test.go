package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"coedit/internal/outside"
	"coedit/internal/screen"
)

// server is an OpenSSH server of the test's own, with one key that may log in.
type server struct {
	p       *place
	address string
	key     string // of the client
}

func (p *place) sshServer() *server {
	p.t.Helper()
	sshd := "/usr/sbin/sshd" // it insists on its whole path
	if _, err := os.Stat(sshd); err != nil {
		outside.Missing(p.t, "openssh-server")
	}
	keygen := outside.Need(p.t, "ssh-keygen", "ssh")
	if os.Getuid() == 0 {
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			outside.Missing(p.t, "/run/sshd, which sshd needs when root runs it")
		}
	}
	s := &server{p: p, address: freeAddress(p.t), key: filepath.Join(p.dir, "client")}
	for _, key := range []string{"host", "client"} {
		if out, err := exec.Command(keygen, "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(p.dir, key)).CombinedOutput(); err != nil {
			p.t.Fatalf("ssh-keygen: %v: %s", err, out)
		}
	}
	config := p.file("sshd.conf", strings.Join([]string{
		"ListenAddress " + s.address, "HostKey " + filepath.Join(p.dir, "host"), "AuthorizedKeysFile " + filepath.Join(p.dir, "client.pub"),
		"PidFile none", "StrictModes no", "UsePAM no", "PasswordAuthentication no", "KbdInteractiveAuthentication no", "PrintMotd no", "UseDNS no", "",
	}, "\n"))
	cmd := exec.Command(sshd, "-D", "-e", "-f", config)
	log, err := os.Create(filepath.Join(p.dir, "sshd.log"))
	if err != nil {
		p.t.Fatal(err)
	}
	cmd.Stderr = log
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		log.Close()
	})
	p.until("the SSH server listens", func() bool {
		c, err := net.Dial("tcp", s.address)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	return s
}

// join is `ssh host coedit join LINK`, by way of an address of the server or of something before it.
func (s *server) join(name, address, link string) *editorTerm {
	s.p.t.Helper()
	me, err := user.Current()
	if err != nil {
		s.p.t.Fatal(err)
	}
	host, port, _ := net.SplitHostPort(address)
	guest := s.p.terminal(name, screen.Options{Args: []string{
		outside.Need(s.p.t, "ssh"), "-F", "none", "-tt", "-q", "-i", s.key, "-p", port, "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
		"-o", "IdentitiesOnly=yes", me.Username + "@" + host,
		fmt.Sprintf("HOME='%s' XDG_STATE_HOME='%s' COEDIT_NAME=%s LC_ALL=C.UTF-8 '%s' join '%s'", s.p.dir, s.p.dir, name, outside.Need(s.p.t, "coedit"), link),
	}})
	guest.until("the guest is in the room", func(sc screen.Screen) bool { return sc.Contains("online") && caretAt(1, 1)(sc) })
	return guest
}

// Over SSH the editor is as it is here: keys, wide characters, size, mouse of the terminal, and the end.
func TestOverSSH(t *testing.T) {
	p := newPlace(t)
	s := p.sshServer()
	ann, link, _ := p.share("ann", p.file("x.txt", "one\ntwo\n"))
	bob := s.join("bob", s.address, link)
	ann.until("bob is seen", screen.Shows("bob"))
	bob.Type("漢e\u0301x ")
	bob.until("the text is drawn and the caret behind it", func(sc screen.Screen) bool {
		return sc.Contains("漢e\u0301x one") && caretAt(1, 6)(sc) && sc.CursorX == 4+5
	})
	ann.until("ann sees it", screen.Shows("漢e\u0301x one"))
	bob.Type(screen.Down + screen.End + "\x1b[200~pasted\rtwice\x1b[201~")
	ann.until("ann sees what was pasted", screen.Shows("twopasted", "twice"))
	if err := bob.Resize(60, 15); err != nil {
		t.Fatal(err)
	}
	bob.until("the size goes through", func(sc screen.Screen) bool { return sc.Columns == 60 && strings.Contains(sc.Row(14), "online") })
	bob.settled()
	bob.Type(screen.Ctrl('q'))
	bob.exits(0)
}

// Over a link of 200 ms and 64 kbit/s the screen keeps up with typing, because a key takes few bytes.
func TestOverSlowSSH(t *testing.T) {
	p := newPlace(t)
	s := p.sshServer()
	slow := throttle(t, s.address, 100*time.Millisecond, 8000)
	ann, link, _ := p.share("ann", p.file("x.txt", strings.Repeat("a line of text\n", 60)))
	bob := s.join("bob", slow, link)
	ann.until("bob is seen", screen.Shows("bob"))
	bob.Type(screen.Down + screen.End)
	bob.until("bob is at the end of a line", caretAt(2, 15))
	ann.quiet()
	before := len(bob.Output())
	const text = "typed over a slow line"
	for i := range text { // faster than the answers come
		bob.Type(text[i : i+1])
	}
	bob.until("what was typed is there", screen.Shows("a line of text"+text))
	ann.until("ann sees it", screen.Shows("a line of text"+text))
	if n := (len(bob.Output()) - before) / len(text); n > 100 {
		t.Errorf("a key takes %d bytes", n)
	}
	bob.Type("\x1b[6~\x1b[6~") // two pages down
	bob.until("the page is drawn", func(sc screen.Screen) bool {
		return strings.HasPrefix(strings.TrimSpace(sc.Row(20)), "6") || sc.Contains(" 60 ")
	})
	bob.settled()
	bob.Type(screen.Ctrl('q'))
	bob.exits(0)
}

// throttle is a way to an address that takes some time, and lets some bytes a second through in each direction.
func throttle(t testing.TB, to string, delay time.Duration, rate int) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			there, err := net.Dial("tcp", to)
			if err != nil {
				from.Close()
				continue
			}
			go crawl(there, from, delay, rate)
			go crawl(from, there, delay, rate)
		}
	}()
	return l.Addr().String()
}

// parcel is a few bytes and when they arrive.
type parcel struct {
	at    time.Time
	bytes []byte
}

// crawl carries bytes until one side closes.
func crawl(dst, src net.Conn, delay time.Duration, rate int) {
	way := make(chan parcel, 1024)
	go func() {
		defer close(way)
		free := time.Now() // when the line has sent what was put on it
		for {
			buf := make([]byte, 512)
			n, err := src.Read(buf)
			if n > 0 {
				if now := time.Now(); free.Before(now) {
					free = now
				}
				free = free.Add(time.Duration(n) * time.Second / time.Duration(rate))
				way <- parcel{free.Add(delay), buf[:n]}
			}
			if err != nil {
				return
			}
		}
	}()
	for p := range way {
		arrival := time.NewTimer(time.Until(p.at))
		<-arrival.C
		if _, err := dst.Write(p.bytes); err != nil {
			break
		}
	}
	dst.Close()
	_, _ = io.Copy(io.Discard, src)
	for range way { // until the other side has closed, too
	}
}

// A terminal that cannot place a cursor gets a hint, and --accessible works there.
func TestDumbTerminal(t *testing.T) {
	p := newPlace(t)
	path := p.file("x.txt", "one\n")
	refused := p.terminal("refused", screen.Options{Args: []string{"coedit", path}, Env: []string{"TERM=dumb"}})
	refused.until("the hint", screen.Shows("TERM=dumb", "--accessible"))
	refused.exits(2)
	ann, link, _ := p.share("ann", path)
	bob := p.terminal("bob", screen.Options{Args: []string{"coedit", "join", "--accessible", link}, Env: []string{"TERM=dumb", "COEDIT_NAME=bob"}})
	bob.until("bob reads what he got", screen.Shows("x.txt: 2 lines"))
	ann.until("bob is seen", screen.Shows("bob"))
	bob.Type("a 1\rtwo\r.\r")
	ann.until("ann sees his line", screen.Shows("two"))
	ann.Type(screen.CtrlHome + "X")
	bob.until("hers is read out", screen.Shows("Changed 1: Xone"))
	bob.Type("say hello\r")
	ann.until("ann reads it", screen.Shows("hello"))
	bob.Type("w\r")
	ann.until("the file is saved", screen.Shows("Saved x.txt"))
	bob.Type("who\rq\r")
	bob.exits(0)
	if out := string(bob.Output()); strings.Contains(out, "\x1b[") || !strings.Contains(out, "ann is here") {
		t.Errorf("bob's terminal got %q", out)
	}
}

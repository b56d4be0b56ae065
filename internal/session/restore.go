package session

import (
	"errors"
	"time"

	"coedit/internal/journal"
	"coedit/rga"
	"coedit/transport"
)

// restore is the work of making a relay whole that came back without its log, or with an older one. While it is active
// nothing is published. One snapshot wins by compare-and-set; the others merge it and publish what it lacks.
//
//	online (restore) -- log empty ------> put own document as snapshot -- stored --> done
//	                 \- something there -> fetch, merge all of it              \- conflict --> fetch ...
//	caught up -- lacks only own edits ---> publish these as new frames: done
//	          \- lacks others' edits too (who may be gone) -> put a snapshot
//
// A lost connection begins it again. Ids make every merge exact, so whatever is sent twice is neither lost nor doubled.
type restore struct {
	active  bool
	patient bool          // own edits are published already; others' edits, of people who are gone, are still to be put
	putting bool          // a snapshot was offered and not yet answered
	tick    uint64        // own ticks it holds
	replace uint64        // the generation it was to replace
	known   uint64        // own ticks the relay had when it was last read
	retryAt time.Time     // when to begin again after the relay did not take a snapshot; zero: not
	pause   time.Duration // before that
}

// The pause after the relay did not take a snapshot doubles with each time.
const (
	restorePause    = time.Second
	restoreMaxPause = 30 * time.Second
)

// blocks says whether nothing may be published.
func (r *restore) blocks() bool { return r.active && !r.patient }

// later begins again after a pause.
func (r *restore) later(now time.Time) {
	r.putting = false
	r.pause = min(max(restorePause, 2*r.pause), restoreMaxPause)
	r.retryAt = now.Add(r.pause)
}

// online begins or goes on after a connection was made.
func (p *Participant) online(it onlineItem) {
	p.net.state, p.net.incarnation = Online, it.incarnation
	p.net.err = nil
	if p.keeper != nil && !p.keptManifest && len(it.manifest) > 0 {
		p.keptManifest = true
		p.keeper.note(journal.Manifest{Bytes: it.manifest})
	}
	if p.moving != nil && it.restore {
		p.announceAgain()
		return
	}
	if !it.restore && !p.restore.blocks() {
		p.acked(it.lastCounter)
		if p.restore.active {
			p.client.Fetch()
		}
		return
	}
	p.restore = restore{active: true}
	p.out.forget()
	p.sealer.Introduce()
	switch {
	case len(p.ed.Doc().Version()) == 0:
		p.restored(0)
	case it.head == 0 && it.generation == 0 && !p.ReadOnly():
		p.putSnapshot(0, 0)
	default:
		p.client.Fetch()
	}
}

// caughtUp decides what the relay still lacks, now that all it has is merged.
func (p *Participant) caughtUp(it caughtUpItem) {
	if it.atRelay[p.id] > p.ed.Doc().Clock() {
		p.behind()
		return
	}
	p.net.caughtUp, p.net.refetching = true, false
	if !p.restore.active || p.restore.putting {
		return
	}
	p.restore.known = it.atRelay[p.id]
	if !p.ReadOnly() && p.lacksOthers(it.atRelay) {
		p.putSnapshot(it.generation, it.number)
		return
	}
	p.restored(p.restore.known)
}

// lacksOthers says whether the relay lacks something that others wrote.
func (p *Participant) lacksOthers(atRelay rga.Version) bool {
	for id, tick := range p.ed.Doc().Version() {
		if id != p.id && atRelay[id] < tick {
			return true
		}
	}
	return false
}

// putSnapshot offers the whole document in place of the given generation. It covers the log up to number, unless
// operations are held: those are in the log only.
func (p *Participant) putSnapshot(generation, number uint64) {
	doc := p.ed.Doc()
	if held, _ := doc.Held(); held > 0 {
		number = 0
	}
	p.restore.putting, p.restore.tick, p.restore.replace = true, doc.Clock(), generation
	p.makeSnapshot(&making{
		generation: generation, covers: transport.Cursor{Incarnation: p.net.incarnation, Number: number}, restore: true,
	})
}

// stored: the snapshot won.
func (p *Participant) stored() {
	if p.restore.active && p.restore.putting {
		p.restored(p.restore.tick)
	}
}

// conflict: another participant's snapshot won; merge it and decide again. Where the generation was right, the snapshot was
// for another state of the log than this one (the relay may have come back twice meanwhile). Own edits then go out at once,
// as frames, and only the others' wait for another look.
func (p *Participant) conflict(now time.Time, generation uint64) {
	if !p.restore.active || !p.restore.putting {
		return
	}
	if generation != p.restore.replace {
		p.restore.putting = false
		p.client.Fetch()
		return
	}
	p.publishAnew(p.restore.known)
	p.restore.patient = true
	p.restore.later(now)
}

// snapshotRefused: the relay will not have the snapshot now, or (too large) ever. In the latter case what is own is
// published frame by frame; when everybody does so, the relay has all of it again but what those wrote who left.
func (p *Participant) snapshotRefused(now time.Time, err error) {
	if !p.restore.active || !p.restore.putting {
		return
	}
	if errors.Is(err, transport.ErrTooLarge) {
		p.restored(p.restore.known)
		return
	}
	p.restore.later(now)
}

// retryRestore begins a restore again when its pause is over, and says when that is.
func (p *Participant) retryRestore(now time.Time) time.Duration {
	if !p.restore.active || p.restore.retryAt.IsZero() || p.net.state != Online {
		return 0
	}
	if wait := p.restore.retryAt.Sub(now); wait > 0 {
		return wait
	}
	p.restore.retryAt = time.Time{}
	p.client.Fetch()
	return 0
}

// restored ends the restore; the relay has own ticks up to tick.
func (p *Participant) restored(tick uint64) {
	p.publishAnew(tick)
	p.restore = restore{}
	if p.cursor.Incarnation != p.net.incarnation {
		p.cursor = journal.Cursor{Incarnation: p.net.incarnation}
	}
	p.keeper.note(p.cursor)
}

// publishAnew lets own edits go out again, from tick on, up to which the relay has them.
func (p *Participant) publishAnew(tick uint64) {
	if p.restore.patient {
		return // they do already
	}
	tick = min(tick, p.ed.Doc().Clock())
	p.sealed() // they are among those that are over
	p.keeper.after(p.client.Restored, journal.Restart{Counter: p.out.counter, Tick: tick})
	p.out.restart(tick)
}

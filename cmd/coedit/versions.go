package main

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	"coedit/internal/session"
	"coedit/rga"
)

// history is a document whose past is looked at.
type history struct {
	doc   *rga.Doc
	peers map[rga.ReplicaID]string // the names of those who are here
	pause time.Duration            // that ends a version
}

// revision is a version to be listed: what one author did without a longer pause. It includes what others did before its end.
type revision struct {
	replica                     rga.ReplicaID
	from, to                    int64 // unix milliseconds
	end                         int   // the step behind its last one
	inserted, deleted, restored int   // bytes
	ticks                       rga.Version
}

// name is an author's name as it signed, as it is shown now, or its id.
func (h history) name(id rga.ReplicaID) string {
	if name, ok := session.AuthorName(h.doc, id); ok {
		return name
	}
	if name := h.peers[id]; name != "" {
		return name
	}
	return replicaText(id)
}

func replicaText(id rga.ReplicaID) string { return fmt.Sprintf("%016x", uint64(id)) }

// versions lists the versions in the order of their ends.
func (h history) versions() []revision {
	var list []revision
	open := map[rga.ReplicaID]int{} // author to its latest version
	n := 0
	for s := range h.doc.Steps() {
		n++
		if s.Inserted+s.Deleted+s.Restored == 0 {
			continue
		}
		i, ok := open[s.Replica]
		if !ok || s.At-list[i].to > h.pause.Milliseconds() || s.At < list[i].from {
			i = len(list)
			open[s.Replica] = i
			list = append(list, revision{replica: s.Replica, from: s.At})
		}
		v := &list[i]
		v.to, v.end = max(v.to, s.At), n
		v.inserted += s.Inserted
		v.deleted += s.Deleted
		v.restored += s.Restored
	}
	sort.Slice(list, func(i, j int) bool { return list[i].end < list[j].end })
	h.number(list)
	return list
}

// number finds the ticks of versions that are in the order of their ends.
func (h history) number(list []revision) {
	ticks, n := rga.Version{}, 0
	for s := range h.doc.Steps() {
		if len(list) == 0 {
			return
		}
		n++
		ticks[s.Replica] = s.Ticks.To
		if list[0].end == n {
			list[0].ticks = ticks.Clone()
			list = list[1:]
		}
	}
}

// amounts says how much was inserted and deleted.
func (v *revision) amounts() string {
	var parts []string
	for _, p := range []struct {
		sign string
		n    int
		what string
	}{{"+", v.inserted, ""}, {"-", v.deleted, ""}, {"", v.restored, " restored"}} {
		if p.n > 0 {
			parts = append(parts, p.sign+strconv.Itoa(p.n)+p.what)
		}
	}
	return strings.Join(parts, " ")
}

// moment is which version to show: a number in the list, or a time.
type moment struct {
	number int
	at     time.Time // zero: it is a number
}

var timeLayouts = []string{time.RFC3339Nano, time.DateTime, "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly, time.TimeOnly, "15:04"}

// parseMoment reads what --at says.
func parseMoment(s string, now time.Time) (moment, error) {
	if n, err := strconv.Atoi(s); err == nil && n >= 0 {
		return moment{number: n}, nil
	}
	if span, err := time.ParseDuration(s); err == nil && span >= 0 {
		return moment{at: now.Add(-span)}, nil
	}
	for _, layout := range timeLayouts {
		t, err := time.ParseInLocation(layout, s, now.Location())
		if err != nil {
			continue
		}
		if t.Year() == 0 { // a time of today
			y, m, d := now.Date()
			t = time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), now.Location())
		}
		return moment{at: t}, nil
	}
	return moment{}, usageError("say 3, 15:04, '2026-01-31 15:04:05' or 10m; see `coedit history --help`",
		"--at %s is neither a version's number nor a time", s)
}

// at is the version at a moment. That of a time is what had happened by then, as far as the authors' clocks say.
func (h history) at(m moment) (rga.Version, error) {
	if !m.at.IsZero() {
		ticks := rga.Version{}
		for s := range h.doc.Steps() {
			if s.At > m.at.UnixMilli() {
				break
			}
			ticks[s.Replica] = s.Ticks.To
		}
		return ticks, nil
	}
	if m.number == 0 {
		return rga.Version{}, nil
	}
	list := h.versions()
	if m.number > len(list) {
		return nil, failure(nil, "`coedit history LINK` lists them", "there is no version %d: the last one is %d", m.number, len(list))
	}
	return list[m.number-1].ticks, nil
}

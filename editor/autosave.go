package editor

import "time"

// Autosave decides when a document is saved by itself.
type Autosave struct {
	After  time.Duration // so long the text must have rested; 0: never
	Failed bool          // the last save failed: somebody has to do something first

	revision uint64    // of the text when it was last looked at
	changed  time.Time // when it was seen to have changed last
	since    time.Time // when it was first seen to be unsaved; zero: it is saved
}

// autosavePatience is how many times the time of rest a text that never rests may stay unsaved.
const autosavePatience = 10

// Due says whether the text is to be saved now. It is asked about once a second.
func (a *Autosave) Due(now time.Time, revision uint64, dirty bool) bool {
	if a.After <= 0 {
		return false
	}
	if !dirty {
		a.since = time.Time{}
	} else if a.since.IsZero() {
		a.since = now
	}
	if revision != a.revision || a.changed.IsZero() {
		a.revision, a.changed = revision, now
	}
	rested := now.Sub(a.changed) >= a.After
	return dirty && !a.Failed && (rested || now.Sub(a.since) >= autosavePatience*a.After)
}

package rga

// LastChange returns the ticks of the latest thing that a replica did before one of its ticks: what it did about at one time,
// and before that what leads up to it without a pause and of the same kind, inserting or setting visibility, for changeSpan at
// most. false: there is nothing before, or only the text that the document began with, which is nobody's change: what a replica
// did first, about at one time, before it had seen anything of others.
func (d *Doc) LastChange(by ReplicaID, before uint64) (t Ticks, at int64, ok bool) {
	r := d.byID[by]
	if r == nil || before == 0 || r.clock == 0 {
		return Ticks{}, 0, false
	}
	end := uint32(min(before, uint64(r.clock)))
	stamps := r.log.stamps
	i := r.log.marksFrom(end).stamp - 1 // the stamp that the tick before end was made under
	if i < 0 {
		return Ticks{}, 0, false
	}
	first := 0 // stamp of the first change
	if len(r.log.parents) == 0 || r.log.parents[0].clock > 0 {
		first = 1
	}
	if i < first {
		return Ticks{}, 0, false
	}
	at = stamps[i].at
	for i > first && r.leadsUp(i) && at-stamps[i-1].at < changeSpan {
		i--
	}
	return Ticks{uint64(stamps[i].clock), uint64(end)}, at, true
}

// changeSpan is the longest time, in milliseconds, of what is one change.
const changeSpan = 10_000

// leadsUp says whether what was done before a stamp is one change with what was done behind it: there was no pause, and it is of
// the same kind.
func (r *replica) leadsUp(i int) bool {
	s := r.log.stamps
	return s[i].at >= s[i-1].at && s[i].at-s[i-1].at <= 2*stampSpan && r.sameKind(s[i].clock)
}

// sameKind says whether the tick before clock and the one at it both insert, or both set visibility.
func (r *replica) sameKind(clock uint32) bool {
	before := r.log.ops.at(r.log.opAt(clock - 1)).kind()
	return before == r.log.ops.at(r.log.opAt(clock)).kind()
}

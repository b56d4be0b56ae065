package rga

// LastChange returns the ticks of the latest thing that a replica did before one of its ticks: what it did about at one time,
// and before that what leads up to it without a pause and of the same kind, inserting or setting visibility. false: there is
// nothing before, or only the text that the document began with, which is nobody's change: what a replica did first before
// it had seen anything of others.
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
	at = stamps[i].at
	for i > 0 && stamps[i].at-stamps[i-1].at <= 2*stampSpan && stamps[i].at >= stamps[i-1].at && r.sameKind(stamps[i].clock) {
		i--
	}
	from := stamps[i].clock
	if from == 0 && (len(r.log.parents) == 0 || r.log.parents[0].clock > 0) {
		return Ticks{}, 0, false
	}
	return Ticks{uint64(from), uint64(end)}, at, true
}

// sameKind says whether the tick before clock and the one at it both insert, or both set visibility.
func (r *replica) sameKind(clock uint32) bool {
	before := r.log.ops.at(r.log.opAt(clock - 1)).kind()
	return before == r.log.ops.at(r.log.opAt(clock)).kind()
}

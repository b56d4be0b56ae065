package rga

// BlameRun says who inserted a stretch of the visible text: ticks that follow each other, made about
// at one time.
type BlameRun struct {
	From, To int // offsets
	Replica  ReplicaID
	Ticks    Ticks
	At       int64 // unix milliseconds; 0 where the author said nothing
}

// Blame returns who inserted the bytes from offset from up to to, in order; runs begin and end
// between runes if from and to do. It takes time in proportion to the runs.
func (d *Doc) Blame(from, to int) []BlameRun {
	from, to = max(from, 0), min(to, d.tree.len)
	var out []BlameRun
	off := from
	d.View().spans(from, to, func(s span) {
		r := d.tree.reps[s.rep]
		for s.n > 0 {
			run, n := r.inserted(s.seq, s.n)
			run.From, run.To = off, off+int(n)
			if last := len(out) - 1; last >= 0 && out[last].continues(run) {
				out[last].To, out[last].Ticks.To = run.To, run.Ticks.To
			} else {
				out = append(out, run)
			}
			off += int(n)
			s.seq += n
			s.n -= n
		}
	})
	return out
}

func (b BlameRun) continues(next BlameRun) bool {
	return b.Replica == next.Replica && b.Ticks.To == next.Ticks.From && b.At == next.At
}

// inserted says when r inserted the element seq and those of the n from there on with the same op and time.
func (r *replica) inserted(seq, n uint32) (run BlameRun, same uint32) {
	i := r.log.ops.atSeq(seq)
	o := r.log.ops.at(i)
	clock := o.clock + seq - o.seq
	n = min(n, r.opEnd(i)-clock)
	stamp := r.log.marksFrom(clock + 1).stamp
	if stamp < len(r.log.stamps) {
		n = min(n, r.log.stamps[stamp].clock-clock)
	}
	return BlameRun{Replica: r.id, Ticks: Ticks{uint64(clock), uint64(clock + n)}, At: r.madeAt(stamp)}, n
}

// madeAt is the time of what was made before the stamp of the given index.
func (r *replica) madeAt(stamp int) int64 {
	if stamp == 0 {
		return 0
	}
	return r.log.stamps[stamp-1].at
}

// MetaBy returns the replica that set a metadata register to its value; 0 where there is none.
func (d *Doc) MetaBy(key string) ReplicaID { return d.meta[key].replica }

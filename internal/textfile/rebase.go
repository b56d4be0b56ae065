package textfile

import "coedit/rga"

// Rebase returns what edits of a text do to what other edits, over, have made of the same text. Both are ascending and do not
// overlap, as Diff makes them, and so is the result. What over inserted stays, also inside what is deleted; of what is deleted only
// what over left is; at one place the text of over comes first. An edit that over has, too, is not made twice.
func Rebase(edits, over []rga.Edit) []rga.Edit {
	r := rebase{over: over}
	for _, e := range edits {
		r.edit(e)
	}
	return r.out
}

// rebase walks through both lists at once.
type rebase struct {
	over  []rga.Edit
	out   []rga.Edit
	next  int // over[:next] end before the edit looked at
	shift int // what they added to offsets
}

func grows(e rga.Edit) int { return len(e.Insert) - e.Delete }

func (r *rebase) edit(e rga.Edit) {
	for r.next < len(r.over) && r.over[r.next].Offset+r.over[r.next].Delete <= e.Offset {
		if r.over[r.next] == e {
			return
		}
		r.shift += grows(r.over[r.next])
		r.next++
	}
	from, end := e.Offset, e.Offset+e.Delete
	next, shift := r.next, r.shift
	if next < len(r.over) && r.over[next] == e {
		return
	}
	if next < len(r.over) && r.over[next].Offset < from { // begins inside what over deleted
		shift += grows(r.over[next])
		from = r.over[next].Offset + r.over[next].Delete
		next++
	}
	r.emit(rga.Edit{Offset: from + shift, Insert: e.Insert})
	for from < end {
		stop := end
		if next < len(r.over) {
			stop = min(stop, r.over[next].Offset)
		}
		r.emit(rga.Edit{Offset: from + shift, Delete: stop - from})
		if stop == end {
			return
		}
		shift += grows(r.over[next])
		from = r.over[next].Offset + r.over[next].Delete
		next++
	}
}

// emit appends an edit, to the one before if that ends there.
func (r *rebase) emit(e rga.Edit) {
	if e.Delete == 0 && e.Insert == "" {
		return
	}
	if n := len(r.out); n > 0 && r.out[n-1].Offset+r.out[n-1].Delete == e.Offset {
		r.out[n-1].Delete += e.Delete
		r.out[n-1].Insert += e.Insert
		return
	}
	r.out = append(r.out, e)
}

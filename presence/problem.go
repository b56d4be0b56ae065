package presence

// SaveProblem says why a host could not write its file. Others are told a code and never the host's words: those name
// folders of its machine.
type SaveProblem uint8

// Problems of saving. A code of a later version reads as SaveOther.
const (
	SaveWorked  SaveProblem = iota
	SaveOther               // for a reason that only the host knows
	SaveNoFile              // the text has no file yet
	SaveDenied              // it may not write the file
	SaveFull                // the disk is full
	SaveChanged             // another program changed the file; the host is asked what to do
)

// String finishes a sentence that begins "ann could not save".
func (p SaveProblem) String() string {
	switch p {
	case SaveWorked:
		return "no problem"
	case SaveNoFile:
		return "the text has no file yet"
	case SaveDenied:
		return "no permission to write the file"
	case SaveFull:
		return "the disk is full"
	case SaveChanged:
		return "another program changed the file"
	}
	return "the reason is on their screen"
}

// saveProblem reads a code from elsewhere.
func saveProblem(n uint64) SaveProblem {
	if n > uint64(SaveChanged) {
		return SaveOther
	}
	return SaveProblem(n)
}

package seal

// ForgeEdit seals as a program would that checks nothing: under any header, with the room's keys that r has and its own
// signature.
func ForgeEdit(r *Room, h Header, plain []byte) []byte {
	b, err := r.seal(h, r.own.Bytes, plain)
	if err != nil {
		panic(err)
	}
	return b
}

// SignMoved signs anything as the notice of a move.
func SignMoved(owner Secret, b []byte) []byte {
	room, err := owner.RoomID()
	if err != nil {
		panic(err)
	}
	key, err := owner.signing()
	if err != nil {
		panic(err)
	}
	p := owner.Family.primitives()
	signature, err := key.sign(digest(p, movedDomain, []byte(room), b))
	if err != nil {
		panic(err)
	}
	return append(append([]byte(nil), b...), signature...)
}

// MaxReaders is how many readers are remembered.
const MaxReaders = maxReaders

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

package store

// FormatOf is the record of a version.
func FormatOf(version uint32) []byte { return sealed(keyFormat, le.AppendUint32(nil, version)) }

// Reseal is a value for another key.
func Reseal(from, to, value []byte) []byte {
	body, err := unsealed(from, value)
	if err != nil {
		panic(err)
	}
	return sealed(to, append([]byte(nil), body...))
}

// Recent is how many bytes of frames the store keeps in memory.
func Recent(s *Store) int64 { return s.recentBytes.Load() }

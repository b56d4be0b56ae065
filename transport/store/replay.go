package store

import "fmt"

// replay adds what is in the write-ahead log to what is in rooms.db.
func (s *scanner) replay() {
	if s.how.wal == nil || s.wal.id == 0 || s.wal.shut {
		return
	}
	const where = "the write-ahead log (" + walName + ")"
	puts, torn, err := s.how.wal(s.wal)
	if err != nil {
		s.find(where, err.Error())
		return
	}
	s.logged, s.unwritten = puts, torn
	for i, put := range puts {
		if err := s.put(put); err != nil {
			s.find(where, fmt.Sprintf("entry %d: %v", i, err))
		}
	}
}

func (s *scanner) put(put walPut) error {
	key := key1(put.key)
	if put.kind == walRoom {
		s.nextRoom = max(s.nextRoom, put.key)
		return s.roomValue(key, put.key, put.value)
	}
	if put.key <= s.nextSeq {
		return fmt.Errorf("%w: a frame at %d, and rooms.db goes up to %d", errWal, put.key, s.nextSeq)
	}
	rec, err := decodeFrame(key, put.value)
	switch {
	case err != nil:
		return err
	case s.rooms[rec.room] == nil:
		return fmt.Errorf("%w: a frame of a room that is not there", errWal)
	}
	s.frameOf(put.key, rec)
	return nil
}

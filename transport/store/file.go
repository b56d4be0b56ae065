package store

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// openFile checks the file of a folder and opens it; it is made where there is none. Nothing is opened that bbolt
// could not read safely.
func openFile(dir string, progress func(done, total int64)) (*bolt.DB, *image, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, err
	}
	path := filepath.Join(dir, fileName)
	img, err := inspectFile(path, inspection{progress: progress, toWrite: true})
	if errors.Is(err, os.ErrNotExist) {
		img, err = &image{rooms: make(map[uint64]*roomImage)}, nil
	}
	if err != nil {
		return nil, nil, fileError(path, err)
	}
	db, err := bolt.Open(path, 0o600, &bolt.Options{
		Timeout: lockTimeout, FreelistType: bolt.FreelistMapType, NoFreelistSync: true, NoStatistics: true,
		InitialMmapSize: addressSpace(),
	})
	if err != nil {
		return nil, nil, fileError(path, err)
	}
	err = guarded(func() error { return settleFile(db, img) })
	if img.version == 0 {
		err = errors.Join(err, syncDirectory(dir), syncDirectory(filepath.Dir(dir)))
	}
	if err != nil {
		if !errors.Is(err, errPanic) {
			_ = db.Close()
		}
		return nil, nil, fileError(path, err)
	}
	return db, img, nil
}

// newFile is the number of the last commit in a file that bbolt has just made.
const newFile = 1

// settleFile makes an empty store of an empty database. Of one that is there it makes sure that what was read is on disk:
// it may have been written by a commit that did not end, and be only in the system's cache. A commit that does end
// stands for everything before it.
//
// The rooms of a backup become other incarnations: it is behind what participants have seen, and the numbers that they
// have seen after it will now be given to other frames.
func settleFile(db *bolt.DB, img *image) error {
	return db.Update(func(tx *bolt.Tx) error {
		if now := uint64(tx.ID()); now != max(img.txid, newFile)+1 {
			return ErrInUse // somebody else had it in between
		}
		for _, name := range buckets {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		if img.copied {
			for key, r := range img.rooms {
				if err := renew(tx, key1(key), r); err != nil {
					return err
				}
			}
			if err := tx.Bucket(bucketStore).Delete(keyCopied); err != nil {
				return err
			}
		}
		return tx.Bucket(bucketStore).Put(keyFormat, encodeFormat())
	})
}

// renew gives a room another incarnation.
func renew(tx *bolt.Tx, key []byte, r *roomImage) error {
	incarnation, err := randomNumber()
	if err != nil {
		return err
	}
	r.incarnation = incarnation
	for i := range r.heads {
		r.heads[i].Covers.Incarnation = incarnation
	}
	return tx.Bucket(bucketRooms).Put(key, r.roomRecord.encode(key))
}

// randomNumber is not 0.
func randomNumber() (uint64, error) {
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		return 0, fmt.Errorf("drawing random bytes: %w", err)
	}
	return max(1, le.Uint64(b[:])), nil
}

// markCopied makes a copy one of which the rooms will be other incarnations.
func markCopied(file string) error {
	db, err := bolt.Open(file, 0o600, &bolt.Options{Timeout: lockTimeout, FreelistType: bolt.FreelistMapType, NoFreelistSync: true})
	if err != nil {
		return err
	}
	err = guarded(func() error {
		return db.Update(func(tx *bolt.Tx) error { return tx.Bucket(bucketStore).Put(keyCopied, sealed(keyCopied, nil)) })
	})
	return errors.Join(err, db.Close())
}

// inspectFile reads a file while nobody else writes it: bbolt locks it, and is asked for nothing more.
func inspectFile(path string, how inspection) (*image, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case info.Size() == 0: // a crash right after the file was made
		return &image{rooms: make(map[uint64]*roomImage)}, nil
	}
	lock, err := lockFile(path, how.toWrite)
	if err != nil {
		return nil, err
	}
	defer lock.release()
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err = f.Stat(); err != nil {
		return nil, err
	}
	img, err := scan(f, info.Size(), how.thorough, how.progress)
	switch later := (*VersionError)(nil); {
	case errors.As(err, &later):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	case !how.toWrite:
		return img, nil
	}
	if err := img.damage(); err != nil {
		return nil, err
	}
	return img, lock.fasten(2 * img.pageBytes)
}

// inspection is how a file is read.
type inspection struct {
	thorough bool // the payloads of snapshots, too
	toWrite  bool // it is to be opened then: it must be sound, and on disk as it was read
	progress func(done, total int64)
}

// fileError names the file, and says what bbolt and the system mean.
func fileError(path string, err error) error {
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		err = ErrInUse
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch):
		err = fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	var in *os.PathError
	if errors.As(err, &in) {
		err = in.Err
	}
	return &FileError{File: path, Err: err}
}

// guarded runs f, which uses pages that bbolt maps from the file. What happens there because of a bad page or a disk
// that cannot be read is an error, not the end of the process.
func guarded(f func() error) (err error) {
	before := debug.SetPanicOnFault(true)
	defer debug.SetPanicOnFault(before)
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %w: %v", ErrDamaged, errPanic, r)
		}
	}()
	return f()
}

// errPanic: bbolt gave up in the middle of something, and must not be used any more.
var errPanic = errors.New("reading it failed")

// writable finds out whether the folder takes and keeps a few bytes.
func writable(dir string) error {
	f, err := os.CreateTemp(dir, ".probe-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(make([]byte, 64<<10))
	return errors.Join(err, f.Sync(), f.Close())
}

func isDamage(err error) bool { return errors.Is(err, ErrDamaged) }

// syncDirectory makes the names in a folder durable. Windows cannot, and need not, be asked to.
func syncDirectory(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

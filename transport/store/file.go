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

// files are those of a folder, open, and what is in them.
type files struct {
	db  *bolt.DB
	wal *wal
	img *image
}

// openFiles checks the files of a folder and opens them; they are made where there are none. Nothing is opened that
// bbolt could not read safely.
func openFiles(dir string, progress func(done, total int64)) (*files, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, fileName)
	img, err := inspectFile(path, inspection{progress: progress, toWrite: true, wal: readWalFile(filepath.Join(dir, walName))})
	if errors.Is(err, os.ErrNotExist) {
		img, err = &image{rooms: make(map[uint64]*roomImage)}, nil
	}
	if err != nil {
		return nil, fileError(path, err)
	}
	f := &files{img: img}
	err = guarded(func() (err error) { // what inspectFile lets through should not panic; if it does, it is no reason to end the process
		f.db, err = bolt.Open(path, 0o600, &bolt.Options{
			Timeout: lockTimeout, FreelistType: bolt.FreelistMapType, NoFreelistSync: true, NoStatistics: true,
			InitialMmapSize: addressSpace(),
		})
		return err
	})
	if err != nil {
		return nil, fileError(path, err)
	}
	if err = f.settle(dir); err != nil {
		if !errors.Is(err, errPanic) {
			_ = f.db.Close()
		}
		return nil, err
	}
	return f, nil
}

// settle brings both files to where they can be written. The log is not touched when rooms.db is not as it was read: then
// there may be something in it.
func (f *files) settle(dir string) (err error) {
	if err = guarded(func() error { return f.db.View(f.img.isOf) }); err != nil {
		return fileError(filepath.Join(dir, fileName), err)
	}
	if f.wal, err = openWal(dir, f.img.wal); err != nil {
		return err
	}
	err = guarded(func() error { return settleFile(f.db, f.img, f.wal.mark) })
	if f.img.version == 0 {
		err = errors.Join(err, syncDirectory(dir), syncDirectory(filepath.Dir(dir)))
	}
	if err != nil {
		return fileError(filepath.Join(dir, fileName), errors.Join(err, f.wal.close()))
	}
	return nil
}

// newFile is the number of the last commit in a file that bbolt has just made.
const newFile = 1

// isOf reports that somebody else had the file since the image was made.
func (i *image) isOf(tx *bolt.Tx) error {
	if uint64(tx.ID()) != max(i.txid, newFile) {
		return ErrInUse
	}
	return nil
}

// settleFile makes an empty store of an empty database. Of one that is there it makes sure that what was read is on disk:
// it may have been written by a commit that did not end, and be only in the system's cache. A commit that does end
// stands for everything before it. What was only in the write-ahead log comes with it.
//
// The rooms of a backup become other incarnations: it is behind what participants have seen, and the numbers that they
// have seen after it will now be given to other frames.
func settleFile(db *bolt.DB, img *image, mark walMark) error {
	return db.Update(func(tx *bolt.Tx) error {
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
		return errors.Join(applyWal(tx, img.logged), tx.Bucket(bucketStore).Put(keyWal, mark.encode()),
			tx.Bucket(bucketStore).Put(keyFormat, encodeFormat()))
	})
}

// applyWal does what a write-ahead log says.
func applyWal(tx *bolt.Tx, puts []walPut) error {
	for _, put := range puts {
		if err := tx.Bucket(put.bucket()).Put(key1(put.key), put.value); err != nil {
			return err
		}
	}
	return nil
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

// markCopied makes a copy one of which the rooms will be other incarnations. What was in the write-ahead log of the
// original comes into it: it has none of its own, and is not to be taken together with another one.
func markCopied(file string, logged []walPut) error {
	db, err := bolt.Open(file, 0o600, &bolt.Options{Timeout: lockTimeout, FreelistType: bolt.FreelistMapType, NoFreelistSync: true})
	if err != nil {
		return err
	}
	err = guarded(func() error {
		return db.Update(func(tx *bolt.Tx) error {
			b := tx.Bucket(bucketStore)
			return errors.Join(applyWal(tx, logged), b.Delete(keyWal), b.Put(keyCopied, sealed(keyCopied, nil)))
		})
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
	img, err := scan(f, info.Size(), how)
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
	wal      walReader // nil: it is a copy, and has none
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

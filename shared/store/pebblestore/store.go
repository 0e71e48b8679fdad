package pebblestore

import (
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"sync"

	"bellhop/shared/connections"
	"bellhop/shared/inbox"
	"bellhop/shared/limit"
	"bellhop/shared/session"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// Options are the optional settings of a Store; nil means the defaults.
type Options struct {
	// Sync waits for the disk at every write. Without it a write survives the
	// process, but perhaps not a power cut.
	Sync bool
	// InMemory keeps everything in memory and needs no folder.
	InMemory bool
	// Logger gets the engine's errors; default slog.DiscardHandler.
	Logger *slog.Logger
}

// format changes with the keys and values, as codec.go and keys.go make them.
const format = "3"

var errFormat = errors.New("the data is of another version of Bellhop: move the folder away to start anew")

// locks is how many users can change their logs at a time.
const locks = 256

// Store is an open store. Close it.
type Store struct {
	db    *pebble.DB
	seed  maphash.Seed
	users [locks]sync.Mutex // by hash of the user: held from a change's checks to its commit
}

var (
	_ inbox.Table       = (*Store)(nil)
	_ connections.Store = (*Store)(nil)
	_ session.Store     = (*Store)(nil)

	_ connections.Schedule = (*Store)(nil)
	_ limit.Store          = (*Store)(nil)
)

// Open opens the store in a folder, which it makes if there is none. One
// process at a time may have it open.
func Open(dir string, o *Options) (*Store, error) {
	if o == nil {
		o = &Options{}
	}
	logger := o.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	fs := vfs.FS(vfs.Default)
	switch {
	case o.InMemory:
		fs, dir = vfs.NewMem(), ""
	case !o.Sync:
		fs = unsynced{fs}
	}
	db, err := pebble.Open(dir, engine(fs, logger))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", dir, err)
	}
	if err := checkFormat(db); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", dir, err), db.Close())
	}
	return &Store{db: db, seed: maphash.MakeSeed()}, nil
}

// checkFormat marks an empty store with the format of its keys and values, and
// refuses one of another format, which would be misread.
func checkFormat(db *pebble.DB) error {
	stored, _, err := get(db, []byte{tableFormat}, func(b []byte) (string, error) { return string(b), nil })
	if err != nil || stored == format {
		return err
	}
	it, err := db.NewIter(nil)
	if err != nil {
		return err
	}
	used := it.First()
	if err := it.Close(); err != nil {
		return err
	}
	if used {
		return errFormat
	}
	return db.Set([]byte{tableFormat}, []byte(format), pebble.Sync)
}

func engine(fs vfs.FS, logger *slog.Logger) *pebble.Options {
	o := &pebble.Options{
		FS: fs, MemTableSize: 16 << 20, CacheSize: 32 << 20, MaxOpenFiles: 256,
		FormatMajorVersion: pebble.FormatNewest, Logger: quiet{logger},
	}
	for i := range o.Levels { // a publish asks mostly for what is not there yet
		o.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
	}
	return o
}

// Close closes the store. No other call may be under way or follow.
func (s *Store) Close() error { return s.db.Close() }

func (s *Store) lock(user string) *sync.Mutex {
	return &s.users[maphash.String(s.seed, user)%locks]
}

// get decodes the value of a key; ok is false if there is none.
func get[T any](r pebble.Reader, key []byte, decode func([]byte) (T, error)) (v T, ok bool, err error) {
	raw, closer, err := r.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return v, false, nil
	}
	if err != nil {
		return v, false, err
	}
	v, err = decode(raw)
	return v, err == nil, errors.Join(err, closer.Close())
}

// write is one atomic write.
func (s *Store) write(fill func(*pebble.Batch)) error {
	b := s.db.NewBatch()
	defer b.Close()
	fill(b)
	return b.Commit(pebble.Sync)
}

func put(b *pebble.Batch, key, value []byte) { _ = b.Set(key, value, nil) } // fails on closed batches only
func drop(b *pebble.Batch, key []byte)       { _ = b.Delete(key, nil) }

// quiet passes on what the engine says of errors, and drops the rest.
type quiet struct{ logger *slog.Logger }

func (quiet) Infof(string, ...any) {}

func (q quiet) Errorf(format string, args ...any) {
	q.logger.Error("store", "message", fmt.Sprintf(format, args...))
}

// Fatalf must not return: the engine cannot go on.
func (q quiet) Fatalf(format string, args ...any) {
	panic("pebblestore: " + fmt.Sprintf(format, args...))
}

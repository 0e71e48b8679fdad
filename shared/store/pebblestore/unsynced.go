package pebblestore

import "github.com/cockroachdb/pebble/v2/vfs"

// unsynced is a file system that does not wait for the disk: a write is done
// when the operating system has it, and then it survives the process.
type unsynced struct{ vfs.FS }

func (u unsynced) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := u.FS.Create(name, c)
	return lazyFile(f), err
}

func (u unsynced) Open(name string, opts ...vfs.OpenOption) (vfs.File, error) {
	f, err := u.FS.Open(name, opts...)
	return lazyFile(f), err
}

func (u unsynced) OpenReadWrite(name string, c vfs.DiskWriteCategory, opts ...vfs.OpenOption) (vfs.File, error) {
	f, err := u.FS.OpenReadWrite(name, c, opts...)
	return lazyFile(f), err
}

func (u unsynced) OpenDir(name string) (vfs.File, error) {
	f, err := u.FS.OpenDir(name)
	return lazyFile(f), err
}

func (u unsynced) ReuseForWrite(from, to string, c vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := u.FS.ReuseForWrite(from, to, c)
	return lazyFile(f), err
}

func lazyFile(f vfs.File) vfs.File {
	if f == nil {
		return nil
	}
	return file{f}
}

type file struct{ vfs.File }

func (file) Sync() error                             { return nil }
func (file) SyncData() error                         { return nil }
func (file) SyncTo(int64) (fullSync bool, err error) { return false, nil }

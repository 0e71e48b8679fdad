package pebblestore

import (
	"errors"
	"testing"

	"github.com/cockroachdb/pebble/v2"
)

func TestAStoreOfAnotherFormatIsRefused(t *testing.T) {
	dir := t.TempDir()
	for range 2 { // an empty one, and its own
		s, err := Open(dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range map[string]string{"F": "1", "h": "of the time before formats"} {
		other := t.TempDir()
		db, err := pebble.Open(other, &pebble.Options{Logger: quiet{}})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(db.Set([]byte(name), []byte(value), pebble.Sync), db.Close()); err != nil {
			t.Fatal(err)
		}
		if s, err := Open(other, nil); !errors.Is(err, errFormat) {
			t.Errorf("a store with %s=%s: %v, %v, want it refused", name, value, s, err)
		}
	}
}

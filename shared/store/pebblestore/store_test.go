package pebblestore_test

import (
	"testing"

	"go.uber.org/goleak"

	"bellhop/shared/store/pebblestore"
	"bellhop/shared/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t testing.TB, dir string, opts *pebblestore.Options) *pebblestore.Store {
	t.Helper()
	store, err := pebblestore.Open(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

// TestLog says what a log does over the store.
func TestLog(t *testing.T) {
	store := open(t, t.TempDir(), nil)
	storetest.RunLog(t, storetest.LogStore{Table: store, LoseHead: store.LoseHead})
}

func TestStores(t *testing.T) {
	for name, opts := range map[string]*pebblestore.Options{
		"default": nil, "sync": {Sync: true}, "in memory": {InMemory: true},
	} {
		t.Run(name, func(t *testing.T) {
			store := open(t, t.TempDir(), opts)
			storetest.Run(t, func(*testing.T) storetest.Stores {
				return storetest.Stores{Inbox: store, Connections: store, Sessions: store, Schedule: store, Limits: store}
			})
		})
	}
}

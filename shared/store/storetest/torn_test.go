package storetest_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"bellhop/shared/inbox"
	"bellhop/shared/store/pebblestore"
	"bellhop/shared/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func openPebble(t *testing.T) *pebblestore.Store {
	t.Helper()
	store, err := pebblestore.Open("", &pebblestore.Options{InMemory: true})
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

// TestTornShowsAll says that a torn table that hides nothing is a table as any
// other, by the suite's own words.
func TestTornShowsAll(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Stores {
		store := openPebble(t)
		return storetest.Stores{Inbox: storetest.Torn(store), Connections: store, Sessions: store, Schedule: store, Limits: store}
	})
}

// TestTornHides has item 1 appended, item 2 appended, item 1 changed.
func TestTornHides(t *testing.T) {
	torn := storetest.Torn(openPebble(t))
	ctx, expires := t.Context(), time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
	var head inbox.Head
	commit := func(items ...inbox.ItemWrite) {
		next := inbox.Head{Epoch: "e", Offset: head.Offset + 1}
		if err := torn.Commit(ctx, "ann", inbox.Change{Was: head, Head: next, Items: items}); err != nil {
			t.Fatal(err)
		}
		head = next
	}
	commit(inbox.ItemWrite{Item: inbox.Item{Offset: 1, Changed: 1, Unread: 1, Expires: expires}})
	commit(inbox.ItemWrite{Item: inbox.Item{Offset: 2, Changed: 2, Unread: 2, Expires: expires}})
	commit(inbox.ItemWrite{Item: inbox.Item{Offset: 1, Changed: 3, Expires: expires}, Was: 1})
	for n, want := range [][]int64{{2, 3}, {1, 2}, {1}, nil, nil} {
		torn.Hide(n)
		found, err := torn.Query(ctx, "ann", inbox.Query{Index: inbox.ByChange, Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		loaded, err := torn.Load(ctx, "ann", inbox.Want{Items: []int64{1, 2}})
		if err != nil {
			t.Fatal(err)
		}
		var got []int64
		for _, i := range found.Items {
			got = append(got, i.Changed)
			if d := cmp.Diff(i, loaded.Items[i.Offset]); d != "" {
				t.Errorf("hide %d: query and load differ (-query +load):\n%s", n, d)
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("hide %d: changes (-want +got):\n%s", n, d)
		}
		if len(loaded.Items) != len(want) || loaded.Head != head {
			t.Errorf("hide %d: got %d items and head %+v, want %d and %+v", n, len(loaded.Items), loaded.Head, len(want), head)
		}
	}
	if err := torn.Commit(ctx, "ann", inbox.Change{Was: inbox.Head{Epoch: "e"}, Head: head}); !errors.Is(err, inbox.ErrConflict) {
		t.Errorf("commit on an old head: got error %v, want %v", err, inbox.ErrConflict)
	}
}

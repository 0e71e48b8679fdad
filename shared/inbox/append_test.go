package inbox_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"bellhop/shared/inbox"
	"bellhop/shared/notification"
	"bellhop/shared/protocol"
	"bellhop/shared/store/storetest"
)

func TestAppendTakesOneCommitForUpTo24(t *testing.T) {
	f := setup(t)
	f.fill(1)
	f.calls("the first append", "load query commit commit") // it begins the log
	f.fill(24)
	f.calls("24 at once", "load commit")
	f.fill(49)
	f.calls("49 at once", "load commit load commit load commit")
	same(t, "list", from(74, 1), f.list(protocol.List{Limit: 100}))
	same(t, "head", inbox.Head{Epoch: "epoch1", Offset: 74, LastItem: 74, At: f.now, LastFrom: 73, LastCount: 1}, f.head())
}

func TestAppendAnswersInOrder(t *testing.T) {
	f := setup(t)
	ns := make([]notification.Notification, 30)
	for i := range ns {
		ns[i] = f.make(fmt.Sprintf(`,"id":"n%d"`, i))
	}
	for i, a := range f.append(ns...) {
		want := int64(i + 1)
		if a.Item.Offset != want || a.Head.Offset != want || a.Duplicate || a.Gone || a.Replaced != nil || string(a.Item.Event) != string(ns[i].Event) {
			t.Errorf("result %d: %+v, want its own event at offset %d", i, a, want)
		}
	}
}

func TestDuplicates(t *testing.T) {
	f := setup(t)
	first := f.make(`,"id":"once","time":"2026-11-25T07:00:00Z"`)
	other := f.make(`,"id":"once","time":"2026-11-25T07:00:00Z","subject":"another body"`)
	f.append(first)
	f.table.took()

	got := f.append(first, f.make(""), first, other)
	if !got[0].Duplicate || got[0].Item.Offset != 1 || got[0].Gone || !got[2].Duplicate {
		t.Errorf("the same again: %+v, want duplicates of offset 1", got[0])
	}
	if got[1].Duplicate || got[1].Item.Offset != 2 {
		t.Errorf("beside them: %+v, want offset 2", got[1])
	}
	if !errors.Is(got[3].Err, inbox.ErrBodyConflict) {
		t.Errorf("another body: %+v, want a conflict", got[3])
	}
	f.append(first)
	same(t, "offset after duplicates", int64(2), f.head().Offset)

	f.now = f.now.Add(24*time.Hour - time.Second)
	if got := f.append(first)[0]; !got.Duplicate {
		t.Errorf("after 23:59:59: %+v, want a duplicate", got)
	}
	f.now = f.now.Add(time.Second)
	if got := f.append(other)[0]; got.Duplicate || got.Item.Offset != 3 {
		t.Errorf("after 24 h: %+v, want a new item", got)
	}
	if got := f.append(other)[0]; !got.Duplicate || got.Item.Offset != 3 {
		t.Errorf("and again: %+v, want a duplicate of the newer one", got)
	}
}

func TestADuplicateThatNoLongerShowsIsGone(t *testing.T) {
	f := setup(t)
	short := f.make(`,"id":"short","expirytime":"2026-11-25T08:00:10Z"`)
	replaced := f.make(`,"id":"old","collapsekey":"k"`)
	f.append(short, replaced, f.make(`,"collapsekey":"k"`))
	f.now = f.now.Add(10 * time.Second)
	for name, n := range map[string]notification.Notification{"expired": short, "replaced": replaced} {
		if got := f.append(n)[0]; !got.Duplicate || !got.Gone {
			t.Errorf("%s: %+v, want a duplicate that is gone", name, got)
		}
	}
	f.table.Forget("ada", 1) // as the store may, once it has expired
	if got := f.append(short)[0]; !got.Duplicate || !got.Gone || got.Item.Offset != 1 {
		t.Errorf("deleted: %+v, want a duplicate that is gone", got)
	}
}

func TestCollapseKeyReplaces(t *testing.T) {
	f := setup(t)
	a := f.append(f.make(`,"collapsekey":"k"`))[0]
	got := f.append(f.make(`,"collapsekey":"other"`), f.make(`,"collapsekey":"k"`), f.make(`,"collapsekey":"k"`))
	if a.Replaced != nil || got[0].Replaced != nil {
		t.Errorf("nothing to replace: %+v and %+v", a.Replaced, got[0].Replaced)
	}
	same(t, "replaced across calls", &inbox.Replacement{Item: 1, Offset: 3}, got[1].Replaced)
	same(t, "replaced within a call", &inbox.Replacement{Item: 4, Offset: 5}, got[2].Replaced)
	same(t, "offsets", []int64{2, 4, 6}, []int64{got[0].Item.Offset, got[1].Item.Offset, got[2].Item.Offset})
	same(t, "list", []int64{6, 2}, f.list(protocol.List{}))
	same(t, "badge", protocol.Counts{Unread: 2, Unseen: 2}, f.counts())

	f.now = f.now.Add(91 * 24 * time.Hour)
	if got := f.append(f.make(`,"collapsekey":"k"`))[0]; got.Replaced != nil || got.Item.Offset != 7 {
		t.Errorf("after the old one expired: %+v, want nothing replaced and no offset for it", got)
	}
}

func TestRetentionBoundsExpiry(t *testing.T) {
	f := setup(t)
	got := f.append(f.make(""), f.make(`,"expirytime":"2026-11-25T09:00:00.7Z"`), f.make(`,"expirytime":"2099-01-01T00:00:00Z"`))
	kept := f.now.Add(90 * 24 * time.Hour)
	for i, want := range []time.Time{kept, f.now.Add(time.Hour), kept} {
		if !got[i].Item.Expires.Equal(want) {
			t.Errorf("item %d expires at %v, want %v", i+1, got[i].Item.Expires, want)
		}
	}
}

func TestAppendSurvivesLostRacesAndReplies(t *testing.T) {
	f := setup(t)
	f.fill(1)
	lost := 2
	f.table.reply = func(string) (bool, error) {
		if lost--; lost >= 0 {
			return false, inbox.ErrConflict
		}
		return true, nil
	}
	f.table.took()
	f.fill(1)
	f.calls("an append that lost two races", "load commit load commit load commit")

	away := errors.New("reply was lost")
	for _, stored := range []bool{true, false} {
		n := f.make(fmt.Sprintf(`,"id":"stored %v"`, stored))
		f.table.reply = func(string) (bool, error) { return stored, away }
		if got, err := f.Append(f.ctx, "ada", []notification.Notification{n}); !errors.Is(err, away) || len(got) != 0 {
			t.Errorf("stored %v: %+v, %v, want no result and the store's error", stored, got, err)
		}
		f.table.reply = nil
		if got := f.append(n)[0]; got.Duplicate != stored {
			t.Errorf("stored %v: again %+v, want duplicate %v", stored, got, stored)
		}
	}
	same(t, "list", from(4, 1), f.list(protocol.List{}))
}

func TestAPartOfManyFails(t *testing.T) {
	f := setup(t)
	away := errors.New("table is away")
	commits := 0
	f.table.reply = func(string) (bool, error) {
		if commits++; commits == 3 { // the first begins the log
			return false, away
		}
		return true, nil
	}
	ns := make([]notification.Notification, 50)
	for i := range ns {
		ns[i] = f.make("")
	}
	got, err := f.Append(f.ctx, "ada", ns)
	if len(got) != 24 || !errors.Is(err, away) {
		t.Errorf("%d results, error %v, want those of the first commit and the error of the second", len(got), err)
	}
}

func TestALogThatLostItsHeadBeginsAgain(t *testing.T) {
	f := setup(t)
	f.fill(3)
	f.mark(protocol.Mark{State: protocol.Archived, Items: []int64{2}}) // the change 4
	f.table.LoseHead("ada")
	got := f.append(f.make(""))[0]
	if got.Head.Epoch != "epoch2" || got.Item.Offset != 5 {
		t.Errorf("appended at %s/%d, want epoch2/5: no offset used again", got.Head.Epoch, got.Item.Offset)
	}
	if r := f.resume("epoch1", 4); r.Recovered || r.Offset != 5 {
		t.Errorf("resume in the old epoch: %+v, want the newest page", r)
	}
}

func TestFiftyWritersOfOneLog(t *testing.T) {
	const writers = 50
	table := &storetest.Memory{}
	// Two processes: writers take turns only within one.
	logs := []*inbox.Log{inbox.New(table, nil), inbox.New(table, nil)}
	f := setup(t)
	var wg sync.WaitGroup
	offsets := make([]int64, writers)
	for i := range writers {
		n := f.make(fmt.Sprintf(`,"id":"w%d"`, i))
		wg.Go(func() {
			got, err := logs[i%2].Append(t.Context(), "ada", []notification.Notification{n})
			if err != nil || got[0].Duplicate {
				t.Errorf("writer %d: %+v, %v", i, got, err)
				return
			}
			offsets[i] = got[0].Item.Offset
		})
	}
	wg.Wait()
	slices.Sort(offsets)
	same(t, "offsets", from(1, writers), offsets)
}

func TestWritersOfOneProcessTakeTurns(t *testing.T) {
	f := setup(t)
	f.fill(1)
	f.table.took()
	var wg sync.WaitGroup
	for i := range 20 {
		n := f.make(fmt.Sprintf(`,"id":"w%d"`, i))
		wg.Go(func() {
			if _, err := f.Append(f.ctx, "ada", []notification.Notification{n}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := len(f.table.took()); got != 40 {
		t.Errorf("20 appends took %d calls, want a load and a commit each", got)
	}
}

func TestWaitingForATurnEndsWithTheContext(t *testing.T) {
	f := setup(t)
	entered, release := make(chan struct{}), make(chan struct{})
	f.table.before = func(string) {
		select {
		case entered <- struct{}{}:
			<-release
		case <-release:
		}
	}
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	wg.Go(func() { _, _ = f.List(t.Context(), "ada", protocol.List{}) }) // not a writer: it needs no turn
	<-entered
	wg.Go(func() {
		if _, err := f.Mark(t.Context(), "ada", protocol.Mark{State: protocol.Read, Through: 1}); err != nil {
			t.Error(err)
		}
	})
	<-entered
	cancel()
	if _, err := f.Append(ctx, "ada", []notification.Notification{f.make("")}); !errors.Is(err, context.Canceled) {
		t.Errorf("append while another writes: error %v, want the context's", err)
	}
	close(release)
	wg.Wait()
}

func TestLostRacesEndWithTheContext(t *testing.T) {
	f := setup(t)
	f.fill(1)
	ctx, cancel := context.WithCancel(t.Context())
	f.table.reply = func(string) (bool, error) { cancel(); return false, inbox.ErrConflict }
	if _, err := f.Append(ctx, "ada", []notification.Notification{f.make("")}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the context's", err)
	}
}

package inbox_test

import (
	"testing"
	"time"

	"bellhop/shared/inbox"
	"bellhop/shared/protocol"
)

func (f *fixture) withdraw(r inbox.Recall) inbox.Withdrawn {
	f.t.Helper()
	r.Source = "shop"
	got, err := f.Withdraw(f.ctx, "ada", r)
	if err != nil {
		f.t.Fatalf("withdraw %+v: %v", r, err)
	}
	return got
}

func TestWithdrawTakesOneOffset(t *testing.T) {
	f := setup(t)
	f.append(f.make(`,"id":"a"`), f.make(`,"id":"b","collapsekey":"k"`), f.make(`,"id":"c"`))
	f.table.took()
	for offset, r := range []inbox.Recall{{ID: "a"}, {CollapseKey: "k"}} {
		got := f.withdraw(r)
		want := inbox.Withdrawn{Head: got.Head, Item: int64(offset) + 1, Offset: int64(offset) + 4, Changed: true}
		same(t, "withdrawn", want, got)
		same(t, "offset", f.head().Offset, got.Head.Offset)
		f.calls("withdrawing", "load load commit")
	}
	same(t, "list", []int64{3}, f.list(protocol.List{}))
	same(t, "badge", protocol.Counts{Unread: 1, Unseen: 1}, f.counts())
	again := f.withdraw(inbox.Recall{ID: "a"})
	same(t, "again", inbox.Withdrawn{Head: f.head(), Item: 1, Offset: 4}, again)
	same(t, "latest offset", int64(5), f.head().Offset)
}

func TestWhatIsNotThereCannotBeWithdrawn(t *testing.T) {
	f := setup(t)
	f.append(f.make(`,"id":"a","collapsekey":"k"`), f.make(`,"id":"old","expirytime":"2026-11-25T08:00:10Z"`))
	f.now = f.now.Add(10 * time.Second)
	for name, r := range map[string]inbox.Recall{
		"unknown id": {Source: "shop", ID: "b"}, "another source": {Source: "chat", ID: "a"}, "unknown key": {Source: "shop", CollapseKey: "j"},
		"a key of another source": {Source: "chat", CollapseKey: "k"}, "expired": {Source: "shop", ID: "old"},
	} {
		if got, err := f.Withdraw(f.ctx, "ada", r); err != nil || got.Item != 0 || got.Changed {
			t.Errorf("%s: %+v, error %v, want nothing withdrawn", name, got, err)
		}
	}
	if got, err := f.Withdraw(f.ctx, "eve", inbox.Recall{Source: "shop", ID: "a"}); err != nil || got.Item != 0 {
		t.Errorf("another user: %+v, error %v, want nothing withdrawn", got, err)
	}
	same(t, "list", []int64{1}, f.list(protocol.List{}))
}

// TestWithdrawFindsAnItemForAsLongAsItLasts looks for it long after the pair
// of source and id may be used again.
func TestWithdrawFindsAnItemForAsLongAsItLasts(t *testing.T) {
	f := setup(t)
	n := f.make(`,"id":"a"`)
	f.append(n)
	f.now = f.now.Add(89 * 24 * time.Hour)
	if got := f.withdraw(inbox.Recall{ID: "a"}); got.Item != 1 || !got.Changed {
		t.Errorf("after 89 days: %+v, want item 1 withdrawn", got)
	}
	if again := f.append(n)[0]; again.Duplicate {
		t.Errorf("appended again after 89 days: %+v, want a new item", again)
	}
	if got := f.withdraw(inbox.Recall{ID: "a"}); got.Item != 3 || !got.Changed {
		t.Errorf("the new item: %+v, want item 3 withdrawn", got)
	}
}

// TestADeviceThatWasAwayLearnsOfARecall has one that knows the item, and one
// that does not.
func TestADeviceThatWasAwayLearnsOfARecall(t *testing.T) {
	f := setup(t)
	f.append(f.make(`,"id":"a"`), f.make(`,"id":"b"`))
	epoch := f.head().Epoch
	f.withdraw(inbox.Recall{ID: "b"})
	knows := f.resume(epoch, 2)
	same(t, "items for one that knows it", []protocol.Item{{Offset: 2, Withdrawn: true, Read: true, Seen: true}}, knows.Items)
	knew := f.resume(epoch, 1)
	same(t, "items for one that does not", []protocol.Item{}, knew.Items)
	same(t, "its position", int64(3), knew.Offset)
	if len(f.table.item(2).Event) != 0 {
		t.Error("the event of a withdrawn item is still stored")
	}
}

func TestArchiveThroughIsOneWrite(t *testing.T) {
	f := setup(t)
	f.fill(3)
	f.mark(protocol.Mark{State: protocol.Read, Items: []int64{1}})   // 4
	f.mark(protocol.Mark{State: protocol.Unread, Items: []int64{1}}) // 5: unread since then
	f.table.took()
	got := f.mark(protocol.Mark{State: protocol.Archived, Through: 2})
	f.calls("archiving", "load commit")
	if !got.Changed || got.Through != 2 || got.Head.Offset != 6 {
		t.Errorf("%+v, want the watermark moved to 2 at offset 6", got)
	}
	same(t, "badge", protocol.Counts{Unread: 1, Unseen: 1}, f.counts())
	same(t, "list", []int64{3}, f.list(protocol.List{}))
	same(t, "archive", []int64{2, 1}, f.list(protocol.List{Filter: protocol.Filter{Archived: true}}))
	same(t, "unread", []int64{3}, f.list(protocol.List{Filter: protocol.Filter{Unread: true}}))
	if again := f.mark(protocol.Mark{State: protocol.Archived, Items: []int64{1, 2}}); again.Changed {
		t.Errorf("archived again: %+v, want no change", again)
	}
}

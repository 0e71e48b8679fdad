package storetest

import (
	"context"
	"maps"
	"slices"
	"sync"

	"bellhop/shared/inbox"
)

// Torn makes a table show what a read beside a commit may see on AWS: the new
// head, and not yet the items of the same commit. Until [TornTable.Hide] is
// called it shows everything. Its users' items are written through it alone.
func Torn(table inbox.Table) *TornTable {
	return &TornTable{Table: table, undo: map[string][]undo{}}
}

// TornTable is a table whose newest item writes can be hidden from reads. A
// commit that builds on what a torn read showed meets the true records, and
// conflicts. It is safe for concurrent use, and slow.
type TornTable struct {
	inbox.Table

	mu   sync.Mutex
	hide func(latest int) bool // whether a write is hidden; 0 is the user's latest
	undo map[string][]undo     // by user, in the order of the writes
}

var _ inbox.Table = (*TornTable)(nil)

// an undo is an item as it was before a write; there is false if it was not.
type undo struct {
	offset int64
	was    inbox.Item
	there  bool
}

// Hide lets reads see each user's items as they were before the latest n
// writes of items: new ones are missing, changed ones are as they were. 0
// shows everything again.
func (t *TornTable) Hide(n int) { t.HideSome(func(latest int) bool { return latest < n }) }

// HideSome is Hide for any of a user's writes: 0 is the latest, 1 the one before
// it. Where writes of one item are hidden, so are the later ones of that item.
func (t *TornTable) HideSome(hide func(latest int) bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hide = hide
}

// Commit implements [inbox.Table].
func (t *TornTable) Commit(ctx context.Context, user string, c inbox.Change) error {
	var want inbox.Want
	for _, w := range c.Items {
		want.Items = append(want.Items, w.Item.Offset)
	}
	before, err := t.Table.Load(ctx, user, want)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.Table.Commit(ctx, user, c); err != nil {
		return err
	}
	for _, offset := range want.Items {
		was, there := before.Items[offset]
		t.undo[user] = append(t.undo[user], undo{offset, was, there})
	}
	return nil
}

// Load implements [inbox.Table].
func (t *TornTable) Load(ctx context.Context, user string, want inbox.Want) (inbox.Loaded, error) {
	loaded, err := t.Table.Load(ctx, user, want)
	if err == nil && loaded.Items != nil {
		t.tear(user, loaded.Items)
	}
	return loaded, err
}

// Query implements [inbox.Table].
func (t *TornTable) Query(ctx context.Context, user string, q inbox.Query) (inbox.Found, error) {
	items, err := t.items(ctx, user)
	return answer(items, q), err
}

// Unread implements [inbox.Table].
func (t *TornTable) Unread(ctx context.Context, user string, q inbox.UnreadQuery) (inbox.UnreadPage, error) {
	items, err := t.items(ctx, user)
	return answerUnread(items, q), err
}

// items are the user's items as reads see them.
func (t *TornTable) items(ctx context.Context, user string) ([]inbox.Item, error) {
	items := map[int64]inbox.Item{}
	every := inbox.Query{Index: inbox.ByOffset, Limit: 100}
	for {
		found, err := t.Table.Query(ctx, user, every)
		if err != nil {
			return nil, err
		}
		for _, i := range found.Items {
			items[i.Offset] = i
		}
		if every.After = found.Next; found.Next == nil {
			break
		}
	}
	t.tear(user, items)
	return slices.Collect(maps.Values(items)), nil
}

// tear undoes the latest writes among these items.
func (t *TornTable) tear(user string, items map[int64]inbox.Item) {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := t.undo[user]
	for n, u := range slices.Backward(list) {
		_, asked := items[u.offset]
		switch {
		case t.hide == nil || !t.hide(len(list)-1-n):
		case asked && u.there:
			items[u.offset] = u.was
		case asked:
			delete(items, u.offset)
		}
	}
}

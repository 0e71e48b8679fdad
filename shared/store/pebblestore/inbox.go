package pebblestore

import (
	"context"
	"errors"
	"fmt"

	"bellhop/shared/inbox"

	"github.com/cockroachdb/pebble/v2"
)

// Load implements inbox.Table.
func (s *Store) Load(ctx context.Context, user string, want inbox.Want) (inbox.Loaded, error) {
	if err := ctx.Err(); err != nil {
		return inbox.Loaded{}, fmt.Errorf("load the log of %s: %w", user, err)
	}
	var l inbox.Loaded
	err := s.load(user, want, &l)
	if err != nil {
		return l, fmt.Errorf("load the log of %s: %w", user, err)
	}
	return l, nil
}

// load reads one record after the other: a Commit may come between them, as the
// contract allows.
func (s *Store) load(user string, want inbox.Want, l *inbox.Loaded) (err error) {
	if l.Head, _, err = get(s.db, inboxKey(user, kindHead), decodeHead); err != nil {
		return err
	}
	l.Markers, err = getAll(s.db, want.Markers, func(id string) []byte { return textKey(user, kindMarker, id) }, decodeMarker)
	if err != nil {
		return err
	}
	l.Pointers, err = getAll(s.db, want.Pointers, func(key string) []byte { return textKey(user, kindPointer, key) }, decodePointer)
	if err != nil {
		return err
	}
	l.Items, err = getAll(s.db, want.Items, func(offset int64) []byte { return itemKey(user, offset) }, decodeItem)
	return err
}

// getAll gets what exists of the names.
func getAll[N comparable, T any](r pebble.Reader, names []N, key func(N) []byte, decode func([]byte) (T, error)) (map[N]T, error) {
	if len(names) == 0 {
		return nil, nil
	}
	found := make(map[N]T, len(names))
	for _, name := range names {
		v, ok, err := get(r, key(name), decode)
		if err != nil {
			return nil, err
		}
		if ok {
			found[name] = v
		}
	}
	return found, nil
}

// Query implements inbox.Table.
func (s *Store) Query(ctx context.Context, user string, q inbox.Query) (inbox.Found, error) {
	found, err := s.query(ctx, user, q)
	if err != nil {
		return found, fmt.Errorf("query the log of %s: %w", user, err)
	}
	return found, nil
}

func (s *Store) query(ctx context.Context, user string, q inbox.Query) (found inbox.Found, err error) {
	snapshot := s.db.NewSnapshot()
	defer snapshot.Close()
	kind := kindOf(q.Index)
	it, err := snapshot.NewIterWithContext(ctx, bounds(user, kind, q))
	if err != nil {
		return found, err
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	first, step := it.First, it.Next
	if q.Descending {
		first, step = it.Last, it.Prev
	}
	for ok := first(); ok; ok = step() {
		if len(found.Items) == q.Limit {
			last := found.Items[q.Limit-1]
			found.Next = &inbox.Position{Value: valueOf(q.Index, last), Offset: last.Offset}
			break
		}
		item, err := entry(snapshot, user, kind, it)
		if err != nil {
			return found, err
		}
		found.Items = append(found.Items, item)
	}
	return found, nil
}

func kindOf(index inbox.Index) byte {
	if index == inbox.ByChange {
		return kindChange
	}
	return kindItem
}

func valueOf(index inbox.Index, item inbox.Item) int64 {
	if index == inbox.ByChange {
		return item.Changed
	}
	return item.Offset
}

// bounds is the range of keys that a query asks for.
func bounds(user string, kind byte, q inbox.Query) *pebble.IterOptions {
	prefix := inboxKey(user, kind)
	lower, upper := prefix, after(prefix)
	if q.Above > 0 {
		lower = next(positionKey(user, kind, aboveIn(kind, q.Above)))
	}
	if q.After != nil {
		at := positionKey(user, kind, *q.After)
		if q.Descending {
			upper = at
		} else if string(next(at)) > string(lower) {
			lower = next(at)
		}
	}
	return &pebble.IterOptions{LowerBound: lower, UpperBound: upper}
}

func aboveIn(kind byte, value int64) inbox.Position {
	if kind == kindItem {
		return inbox.Position{Value: value, Offset: value}
	}
	return above(value)
}

// entry is the item that an iterator stands on.
func entry(r pebble.Reader, user string, kind byte, it *pebble.Iterator) (inbox.Item, error) {
	value, err := it.ValueAndErr()
	if err != nil {
		return inbox.Item{}, err
	}
	if kind == kindItem {
		return decodeItem(value)
	}
	offset := position(it.Key()).Offset
	item, ok, err := get(r, itemKey(user, offset), decodeItem)
	if err == nil && !ok {
		err = fmt.Errorf("item %d of the index: %w", offset, errCorrupt)
	}
	return item, err
}

// Commit implements inbox.Table.
func (s *Store) Commit(ctx context.Context, user string, c inbox.Change) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("commit to the log of %s: %w", user, err)
	}
	if n := 1 + len(c.Items) + len(c.Markers) + len(c.Pointers); n > inbox.MaxWrites {
		return fmt.Errorf("commit to the log of %s: %d records are more than %d", user, n, inbox.MaxWrites)
	}
	mu := s.lock(user)
	mu.Lock()
	defer mu.Unlock()
	var old inbox.Loaded
	if err := s.load(user, written(c), &old); err != nil {
		return fmt.Errorf("commit to the log of %s: %w", user, err)
	}
	if !stands(old, c) {
		return fmt.Errorf("commit to the log of %s: %w", user, inbox.ErrConflict)
	}
	err := s.write(func(b *pebble.Batch) { apply(b, user, old, c) })
	if err != nil {
		return fmt.Errorf("commit to the log of %s: %w", user, err)
	}
	return nil
}

// written names the records that a change writes.
func written(c inbox.Change) inbox.Want {
	var want inbox.Want
	for _, w := range c.Items {
		want.Items = append(want.Items, w.Item.Offset)
	}
	for _, w := range c.Markers {
		want.Markers = append(want.Markers, w.ID)
	}
	for _, w := range c.Pointers {
		want.Pointers = append(want.Pointers, w.CollapseKey)
	}
	return want
}

// stands says whether all is as the change says that it was.
func stands(old inbox.Loaded, c inbox.Change) bool {
	ok := old.Head.Epoch == c.Was.Epoch && old.Head.Offset == c.Was.Offset
	for _, w := range c.Items {
		ok = ok && old.Items[w.Item.Offset].Changed == w.Was
	}
	for _, w := range c.Markers {
		ok = ok && old.Markers[w.ID].Offset == w.Was
	}
	for _, w := range c.Pointers {
		ok = ok && old.Pointers[w.CollapseKey].Offset == w.Was
	}
	return ok
}

func apply(b *pebble.Batch, user string, old inbox.Loaded, c inbox.Change) {
	put(b, inboxKey(user, kindHead), encodeHead(c.Head))
	for _, w := range c.Items {
		applyItem(b, user, old.Items[w.Item.Offset], w.Item)
	}
	for _, w := range c.Markers {
		put(b, textKey(user, kindMarker, w.ID), encodeMarker(w.Marker))
	}
	for _, w := range c.Pointers {
		put(b, textKey(user, kindPointer, w.CollapseKey), encodePointer(w.Pointer))
	}
}

// applyItem writes an item and moves its index entries; old is the zero Item
// for a new one.
func applyItem(b *pebble.Batch, user string, old, item inbox.Item) {
	dropEntries(b, user, old)
	put(b, itemKey(user, item.Offset), encodeItem(item))
	put(b, pairKey(user, kindChange, inbox.Position{Value: item.Changed, Offset: item.Offset}), nil)
	if item.Unread > 0 {
		var w writer
		w.number(item.Expires.Unix())
		put(b, unreadKey(user, inbox.Position{Value: item.Unread, Offset: item.Offset}), w)
	}
}

func dropEntries(b *pebble.Batch, user string, item inbox.Item) {
	if item.Changed > 0 {
		drop(b, pairKey(user, kindChange, inbox.Position{Value: item.Changed, Offset: item.Offset}))
	}
	if item.Unread > 0 {
		drop(b, unreadKey(user, inbox.Position{Value: item.Unread, Offset: item.Offset}))
	}
}

package inbox

import (
	"context"
	"fmt"
	"time"

	"bellhop/shared/notification"
)

// remembered is how long a pair of source and id stands for one notification.
const remembered = 24 * time.Hour

// perCommit is how many notifications one commit appends: each writes at most
// an item, a marker, a pointer and the item that it replaces.
const perCommit = (MaxWrites - 1) / 4

// Appended says what became of one notification.
type Appended struct {
	Head      Head         // right after it, or as it is now for a duplicate
	Item      Item         // as it was appended, by this call or an earlier one
	Duplicate bool         // an earlier call appended it
	Gone      bool         // a duplicate that was withdrawn, or has expired
	Replaced  *Replacement // the item that its collapse key withdrew
	Err       error        // ErrBodyConflict: it was not appended
}

// Replacement is an item withdrawn in favour of a newer one. Its change has
// the offset just before the newer one's.
type Replacement struct{ Item, Offset int64 }

// Append adds notifications to the user's log in their order, up to 24 in one
// commit. A pair of source and id that was appended within 24 hours is not
// appended again.
//
// The results are in the order of the notifications; one of them failing with
// ErrBodyConflict leaves the others alone. An error concerns those that have no
// result: whether they were appended is open, and the same call may be made
// again.
func (l *Log) Append(ctx context.Context, user string, ns []notification.Notification) ([]Appended, error) {
	results := make([]Appended, 0, len(ns))
	for len(ns) > 0 {
		n := min(len(ns), perCommit)
		some, err := l.append(ctx, user, ns[:n])
		if err != nil {
			return results, fmt.Errorf("append to the log of %s: %w", user, err)
		}
		results, ns = append(results, some...), ns[n:]
	}
	return results, nil
}

func (l *Log) append(ctx context.Context, user string, ns []notification.Notification) (results []Appended, err error) {
	err = l.change(ctx, user, wanted(ns), func(loaded Loaded) (*Change, error) {
		a := l.attempt(user, loaded)
		results = make([]Appended, len(ns))
		for i, n := range ns {
			if results[i], err = a.add(ctx, n); err != nil {
				return nil, err
			}
		}
		return a.result(), nil
	})
	return results, err
}

func wanted(ns []notification.Notification) Want {
	var want Want
	seen := make(map[string]bool, len(ns))
	add := func(list *[]string, kind, key string) {
		if key != "" && !seen[kind+key] {
			seen[kind+key] = true
			*list = append(*list, key)
		}
	}
	for _, n := range ns {
		add(&want.Markers, "i", notification.IDHash(n.Source, n.ID))
		add(&want.Pointers, "c", n.CollapseKey)
	}
	return want
}

// attempt is one attempt at a commit.
type attempt struct {
	log    *Log
	user   string
	loaded Loaded
	change Change
	items  map[int64]int // offset of an item that this change writes → its place in change.Items
}

func (l *Log) attempt(user string, loaded Loaded) *attempt {
	return &attempt{log: l, user: user, loaded: loaded, change: Change{Head: loaded.Head}, items: map[int64]int{}}
}

// result is the change that the attempt came to; nil for none.
func (a *attempt) result() *Change {
	if len(a.change.Items) == 0 {
		return nil
	}
	return &a.change
}

func (a *attempt) add(ctx context.Context, n notification.Notification) (Appended, error) {
	hash := notification.IDHash(n.Source, n.ID)
	marker, known := a.marker(hash)
	if known && a.log.now().Before(marker.Until) {
		return a.duplicate(ctx, n, marker)
	}
	var replaced *Replacement
	if pointer, ok := a.pointer(n.CollapseKey); ok {
		var err error
		if replaced, err = a.withdraw(ctx, pointer.Offset); err != nil {
			return Appended{}, err
		}
	}
	head := a.log.next(a.change.Head)
	head.LastItem = head.Offset
	item := Item{Offset: head.Offset, Changed: head.Offset, Unread: head.Offset, Event: n.Event, Expires: a.log.expiry(n)}
	a.change.Head = head
	a.put(item, 0)
	a.remember(n, marker, item)
	a.point(n.CollapseKey, item)
	return Appended{Head: head, Item: item, Replaced: replaced}, nil
}

// remember writes the marker of a new item, over the one that was loaded.
func (a *attempt) remember(n notification.Notification, loaded Marker, item Item) {
	until := a.log.now().Add(remembered).Truncate(time.Second)
	expires := item.Expires
	if expires.Before(until) {
		expires = until
	}
	a.change.Markers = append(a.change.Markers, MarkerWrite{
		ID: notification.IDHash(n.Source, n.ID), Was: loaded.Offset,
		Marker: Marker{Offset: item.Offset, Hash: n.Hash, Until: until, Expires: expires},
	})
}

// expiry is when an item is over: with its event, or with the retention.
func (l *Log) expiry(n notification.Notification) time.Time {
	kept := l.now().Add(l.retention)
	if !n.Expires.IsZero() && n.Expires.Before(kept) {
		kept = n.Expires
	}
	return kept.Truncate(time.Second)
}

func (a *attempt) put(item Item, was int64) {
	a.items[item.Offset] = len(a.change.Items)
	a.change.Items = append(a.change.Items, ItemWrite{Item: item, Was: was})
}

// marker is the latest marker of a pair: of this change, or as it was loaded.
func (a *attempt) marker(hash string) (Marker, bool) {
	for _, w := range a.change.Markers {
		if w.ID == hash {
			return w.Marker, true
		}
	}
	m, ok := a.loaded.Markers[hash]
	return m, ok
}

func (a *attempt) duplicate(ctx context.Context, n notification.Notification, m Marker) (Appended, error) {
	if m.Hash != n.Hash {
		return Appended{Err: ErrBodyConflict}, nil
	}
	item, err := a.item(ctx, m.Offset)
	if err != nil {
		return Appended{}, err
	}
	return Appended{Head: a.change.Head, Item: item, Duplicate: true, Gone: !item.shows(a.log.now())}, nil
}

// item is an item as this change leaves it. One that is gone for good is an
// item that has expired.
func (a *attempt) item(ctx context.Context, offset int64) (Item, error) {
	if i, ok := a.items[offset]; ok {
		return a.change.Items[i].Item, nil
	}
	if item, ok := a.loaded.Items[offset]; ok {
		return item, nil
	}
	loaded, err := a.log.table.Load(ctx, a.user, Want{Items: []int64{offset}})
	if err != nil {
		return Item{}, err
	}
	item, ok := loaded.Items[offset]
	if !ok {
		return Item{Offset: offset, Expires: a.log.now()}, nil
	}
	if a.loaded.Items == nil {
		a.loaded.Items = map[int64]Item{}
	}
	a.loaded.Items[offset] = item
	return item, nil
}

// withdraw takes back an item, if it still shows. What stays of it until it
// expires is that it was there.
func (a *attempt) withdraw(ctx context.Context, offset int64) (*Replacement, error) {
	item, err := a.item(ctx, offset)
	if err != nil || !item.shows(a.log.now()) {
		return nil, err
	}
	a.change.Head = a.log.next(a.change.Head)
	a.change.Head.LastItem = a.change.Head.Offset
	was := item.Changed
	item.Changed, item.Unread, item.Withdrawn, item.Event = a.change.Head.Offset, 0, a.change.Head.At, nil
	if i, ok := a.items[item.Offset]; ok {
		a.change.Items[i].Item = item
	} else {
		a.put(item, was)
	}
	return &Replacement{Item: item.Offset, Offset: a.change.Head.Offset}, nil
}

func (a *attempt) pointer(key string) (Pointer, bool) {
	for _, w := range a.change.Pointers {
		if w.CollapseKey == key {
			return w.Pointer, true
		}
	}
	p, ok := a.loaded.Pointers[key]
	return p, ok
}

// point lets the collapse key lead to the item. The write keeps the version
// that was loaded, however often one change moves the key.
func (a *attempt) point(key string, item Item) {
	if key == "" {
		return
	}
	p := Pointer{Offset: item.Offset, Expires: item.Expires}
	for i := range a.change.Pointers {
		if a.change.Pointers[i].CollapseKey == key {
			a.change.Pointers[i].Pointer = p
			return
		}
	}
	a.change.Pointers = append(a.change.Pointers, PointerWrite{CollapseKey: key, Pointer: p, Was: a.loaded.Pointers[key].Offset})
}

// shows says whether lists and counts have the item.
func (i Item) shows(now time.Time) bool {
	return i.Withdrawn.IsZero() && now.Before(i.Expires)
}

package inbox

import (
	"context"
	"fmt"
	"slices"
	"time"

	"bellhop/shared/protocol"
)

// Marked is what a mark did.
type Marked struct {
	Head    Head    // right after the change
	Changed bool    // false: everything was so already, and no offset was taken
	Items   []int64 // the items that changed
	Through int64   // the watermark's new value, where one moved
}

// Mark sets the state of items. Seen is a watermark: naming items moves it to
// the greatest of them. Read or archived through an offset is one write, however
// many items it covers.
//
// Errors: ErrNotFound when one of the items is not in the user's log (any
// more), ErrState when an archived item is to be unread; nothing is marked then.
func (l *Log) Mark(ctx context.Context, user string, m protocol.Mark) (Marked, error) {
	var done Marked
	through := m.Through
	if m.State == protocol.Seen && len(m.Items) > 0 {
		through = slices.Max(m.Items)
	}
	items := slices.Compact(slices.Sorted(slices.Values(m.Items)))
	if through > 0 {
		items = nil
	}
	err := l.change(ctx, user, Want{Items: items}, func(loaded Loaded) (c *Change, err error) {
		if through > 0 {
			done, c = l.moveWatermark(loaded.Head, m.State, through)
			return c, nil
		}
		done, c, err = l.markItems(loaded, m.State, items)
		return c, err
	})
	if err != nil {
		return Marked{}, fmt.Errorf("mark in the log of %s: %w", user, err)
	}
	return done, nil
}

// moveWatermark never goes beyond the latest change of an item, so that the same
// mark moves it once, and never back.
func (l *Log) moveWatermark(head Head, state protocol.State, through int64) (Marked, *Change) {
	next := l.next(head)
	through = min(through, head.LastItem)
	mark := &next.ReadThrough
	switch state {
	case protocol.Seen:
		mark = &next.SeenThrough
	case protocol.Archived:
		mark = &next.ArchivedThrough
		next.ReadThrough = max(next.ReadThrough, through) // all unread up to there was created up to there
	}
	if through <= *mark {
		return Marked{Head: head}, nil
	}
	*mark = through
	return Marked{Head: next, Changed: true, Through: through}, &Change{Head: next}
}

func (l *Log) markItems(loaded Loaded, state protocol.State, offsets []int64) (Marked, *Change, error) {
	head := l.next(loaded.Head)
	head.LastItem = head.Offset
	c := &Change{Head: head}
	done := Marked{Head: head, Changed: true}
	for _, offset := range offsets {
		item, ok := loaded.Items[offset]
		if !ok || !item.shows(l.now()) {
			return Marked{}, nil, fmt.Errorf("item %d: %w", offset, ErrNotFound)
		}
		marked, err := markItem(item, state, head)
		if err != nil {
			return Marked{}, nil, fmt.Errorf("item %d: %w", offset, err)
		}
		if marked.Changed != item.Changed {
			c.Items = append(c.Items, ItemWrite{Item: marked, Was: item.Changed})
			done.Items = append(done.Items, offset)
		}
	}
	if len(c.Items) == 0 {
		return Marked{Head: loaded.Head}, nil, nil
	}
	return done, c, nil
}

// markItem returns the item in its new state, with Changed as it was if that
// is its state already.
func markItem(item Item, state protocol.State, head Head) (Item, error) {
	read, archived := head.read(item), head.archived(item)
	was := item
	switch state {
	case protocol.Read:
		if read {
			return was, nil
		}
		item.Unread, item.Read = 0, head.At
	case protocol.Unread:
		if archived {
			return was, ErrState
		}
		if !read {
			return was, nil
		}
		item.Unread, item.Read = head.Offset, time.Time{}
	case protocol.Archived:
		if archived {
			return was, nil
		}
		item.Unread, item.Archived = 0, head.At
	default:
		return was, fmt.Errorf("state %q is no state of items", state)
	}
	item.Changed = head.Offset
	return item, nil
}

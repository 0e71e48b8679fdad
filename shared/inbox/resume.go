package inbox

import (
	"context"
	"fmt"
	"math"
	"time"

	"bellhop/shared/protocol"
)

// Limits of an answer.
const (
	MaxReplay    = 1000 // changes that a resume replays; beyond them it gives the newest page
	pageItems    = 100  // items of one answer
	defaultItems = 50   // items of the newest page, and of a list that names no limit
	frameBudget  = protocol.MaxFrame - 1024
)

// Resumed is what a client that resumes is told.
type Resumed struct {
	Head      Head
	Offset    int64 // the client's position from now on; at most Head.Offset
	Recovered bool  // the items are all that changed, in that order; else the newest page
	Items     []protocol.Item
	More      bool // recovered: resume again from Offset; else: the list goes on
}

// Resume gives what changed after the offset, if the epoch is the log's and
// the offset one of its own; else, or if that is more than [MaxReplay] changes
// or does not fit a frame, the newest page.
func (l *Log) Resume(ctx context.Context, user, epoch string, offset int64) (Resumed, error) {
	head, err := l.head(ctx, user)
	if err != nil {
		return Resumed{}, fmt.Errorf("resume the log of %s: %w", user, err)
	}
	if epoch == head.Epoch && offset <= head.Offset && head.Offset-offset <= MaxReplay {
		r, fits, err := l.replay(ctx, user, head, offset)
		if fits || err != nil {
			return r, err
		}
	}
	return l.snapshot(ctx, user, head)
}

// replay reads the changes after offset. It does not fit when one change alone
// is larger than a frame.
func (l *Log) replay(ctx context.Context, user string, head Head, offset int64) (r Resumed, fits bool, err error) {
	if head.LastItem <= offset {
		return Resumed{Head: head, Offset: head.Offset, Recovered: true, Items: []protocol.Item{}}, true, nil
	}
	var items []Item
	q := Query{Index: ByChange, Above: offset, Limit: pageItems + 1}
	for {
		found, err := l.table.Query(ctx, user, q)
		if err != nil {
			return Resumed{}, false, fmt.Errorf("resume the log of %s: %w", user, err)
		}
		items = append(items, found.Items...)
		if found.Next == nil || len(items) > pageItems {
			break
		}
		q.After = found.Next
	}
	r, fits = l.fitReplay(head, offset, items)
	if fits && !r.More {
		err = l.settle(ctx, user, &r, lastChange(items, offset))
	}
	return r, fits, err
}

// fitReplay takes whole changes, as many as an answer holds.
func (l *Log) fitReplay(head Head, offset int64, items []Item) (Resumed, bool) {
	r := Resumed{Head: head, Offset: offset, Recovered: true, Items: []protocol.Item{}}
	size := 0
	for start := 0; start < len(items); {
		end := start
		var views []protocol.Item
		for ; end < len(items) && items[end].Changed == items[start].Changed; end++ {
			if v, ok := l.replayed(head, offset, items[end]); ok {
				views = append(views, v)
				size += wireSize(v)
			}
		}
		if size > frameBudget || len(r.Items)+len(views) > pageItems || (end == len(items) && len(items) > pageItems) {
			r.More = true
			return r, r.Offset > offset
		}
		r.Items, r.Offset, start = append(r.Items, views...), items[start].Changed, end
	}
	return r, true
}

// replayed is an item for a client that knows everything up to offset: what it
// has already comes without its event, and what it never needs not at all.
func (l *Log) replayed(head Head, offset int64, item Item) (protocol.Item, bool) {
	known := item.Offset <= offset
	if !item.shows(l.now()) {
		return protocol.Item{Offset: item.Offset, Withdrawn: true, Read: true, Seen: true}, known
	}
	v := head.View(item)
	if known {
		v.Event = nil
	}
	return v, true
}

func lastChange(items []Item, otherwise int64) int64 {
	if len(items) == 0 {
		return otherwise
	}
	return items[len(items)-1].Changed
}

// settle works out the offset that an answer may claim, after its items have
// been read beside other writers: last is the latest change of an item that
// was seen. Where the head is ahead of the items (a commit that was only half
// visible) it is last, so that the rest shows as a gap to the client; where the
// items are ahead, the head is read again.
func (l *Log) settle(ctx context.Context, user string, r *Resumed, last int64) error {
	if last < r.Head.LastItem && l.now().Sub(r.Head.At) < tornFor {
		r.Offset = last
		return nil
	}
	if last > r.Head.Offset {
		return l.catchUp(ctx, user, r, last)
	}
	r.Offset = r.Head.Offset
	return nil
}

// catchUp replaces the head by one that is not behind the items.
func (l *Log) catchUp(ctx context.Context, user string, r *Resumed, last int64) error {
	for pause := firstPause; ; pause = l.wait(ctx, pause) {
		head, err := l.head(ctx, user)
		if err != nil {
			return err
		}
		if head.Offset >= last {
			r.Head, r.Offset = head, last
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("resume the log of %s: %w", user, ctx.Err())
		}
	}
}

// snapshot gives the newest page.
func (l *Log) snapshot(ctx context.Context, user string, head Head) (Resumed, error) {
	r := Resumed{Head: head, Items: []protocol.Item{}}
	page := pager{log: l, head: head, limit: defaultItems}
	if err := page.read(ctx, user, math.MaxInt64); err != nil {
		return r, fmt.Errorf("resume the log of %s: %w", user, err)
	}
	r.Items, r.More = page.items, page.more
	last := page.lastChange
	if last < head.LastItem {
		var err error
		if last, err = l.newestChange(ctx, user); err != nil {
			return r, fmt.Errorf("resume the log of %s: %w", user, err)
		}
	}
	return r, l.settle(ctx, user, &r, last)
}

func (l *Log) newestChange(ctx context.Context, user string) (int64, error) {
	found, err := l.table.Query(ctx, user, Query{Index: ByChange, Descending: true, Limit: 1})
	return lastChange(found.Items, 0), err
}

// View is the item as clients see it.
func (h Head) View(i Item) protocol.Item {
	v := protocol.Item{
		Offset:   i.Offset,
		Event:    i.Event,
		Read:     i.Unread == 0 || i.Unread <= h.ReadThrough,
		Seen:     i.Offset <= h.SeenThrough,
		Archived: !i.Archived.IsZero(),
	}
	if i.Unread > i.Offset && !v.Read {
		v.UnreadSince = i.Unread
	}
	if v.Read {
		v.Seen = true
	}
	return v
}

// wireSize is at least what the item takes in a frame.
func wireSize(v protocol.Item) int { return len(v.Event) + 160 }

// expired says whether an item's time is over.
func (i Item) expired(now time.Time) bool { return !now.Before(i.Expires) }

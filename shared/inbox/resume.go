package inbox

import (
	"context"
	"fmt"

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
// the offset one of its own; else, or if that is more than [MaxReplay] changes,
// the newest page.
func (l *Log) Resume(ctx context.Context, user, epoch string, offset int64) (Resumed, error) {
	head, err := l.head(ctx, user)
	if err != nil {
		return Resumed{}, fmt.Errorf("resume the log of %s: %w", user, err)
	}
	if epoch == head.Epoch && offset <= head.Offset && head.Offset-offset <= MaxReplay {
		r, err := l.replay(ctx, user, head, offset)
		if err != nil {
			err = fmt.Errorf("resume the log of %s: %w", user, err)
		}
		return r, err
	}
	return l.snapshot(ctx, user, head)
}

// sight is what a read that followed the head's has shown of the log.
type sight struct {
	last  int64 // the latest change of an item
	count int64 // items of the latest commit that wrote any
}

func (s *sight) see(head Head, items ...Item) {
	for _, i := range items {
		s.last = max(s.last, i.Changed)
		if i.Changed > head.LastFrom && i.Changed <= head.LastItem {
			s.count++
		}
	}
}

// fresh says whether the latest commit is so young that a read may see a part of
// its items alone.
func (l *Log) fresh(head Head) bool { return l.now().Sub(head.At) < tornFor }

// claim works out the offset that an answer may claim: never beyond the head,
// since of later changes only a part may have been visible. Where the latest
// commit was not seen as a whole, it ends before that, so that the rest shows as
// a gap to the client.
func (l *Log) claim(head Head, s sight) int64 {
	whole := s.last >= head.LastItem && s.count >= head.LastCount
	if whole || !l.fresh(head) {
		return head.Offset
	}
	return min(s.last, head.LastFrom)
}

// snapshot gives the newest page. Where the latest commit is not on it as a whole,
// it is looked for by itself, and once it is visible, the page is read again.
func (l *Log) snapshot(ctx context.Context, user string, head Head) (r Resumed, err error) {
	page, err := l.newest(ctx, user, head)
	offset := l.claim(head, page.sight)
	if err == nil && offset < head.Offset {
		var latest sight
		if latest, err = l.latest(ctx, user, head); err == nil && l.claim(head, latest) == head.Offset {
			page, err = l.newest(ctx, user, head)
			offset = head.Offset
		}
	}
	if err != nil {
		return r, fmt.Errorf("resume the log of %s: %w", user, err)
	}
	return Resumed{Head: head, Offset: offset, Items: page.items, More: page.more}, nil
}

// newest is the newest page of what was created up to the head.
func (l *Log) newest(ctx context.Context, user string, head Head) (*pager, error) {
	page := &pager{log: l, head: head, limit: defaultItems}
	err := page.read(ctx, user, head.Offset+1)
	return page, err
}

// latest is what can be seen of the latest commit.
func (l *Log) latest(ctx context.Context, user string, head Head) (s sight, err error) {
	q := Query{Index: ByChange, Above: head.LastFrom, Limit: MaxWrites}
	for {
		found, err := l.table.Query(ctx, user, q)
		if s.see(head, found.Items...); err != nil || found.Next == nil || s.last > head.LastItem {
			return s, err
		}
		q.After = found.Next
	}
}

func (l *Log) newestChange(ctx context.Context, user string) (int64, error) {
	found, err := l.table.Query(ctx, user, Query{Index: ByChange, Descending: true, Limit: 1})
	return lastChange(found.Items, 0), err
}

func lastChange(items []Item, otherwise int64) int64 {
	if len(items) == 0 {
		return otherwise
	}
	return items[len(items)-1].Changed
}

// View is the item as clients see it.
func (h Head) View(i Item) protocol.Item {
	v := protocol.Item{
		Offset:   i.Offset,
		Event:    i.Event,
		Read:     h.read(i),
		Seen:     h.seen(i),
		Archived: h.archived(i),
	}
	if i.unreadAgain() && !v.Read {
		v.UnreadSince = i.Unread
	}
	return v
}

// seen holds for what has been read, too, and stays when that is unread again.
func (h Head) seen(i Item) bool {
	return i.Offset <= h.SeenThrough || i.unreadAgain() || h.read(i)
}

// unreadAgain says whether the item was read once and then marked unread.
func (i Item) unreadAgain() bool { return i.Unread > i.Offset }

func (h Head) read(i Item) bool {
	return i.Unread == 0 || i.Unread <= h.ReadThrough || h.archived(i)
}

func (h Head) archived(i Item) bool { return !i.Archived.IsZero() || i.Offset <= h.ArchivedThrough }

// wireSize is at least what the item takes in a frame.
func wireSize(v protocol.Item) int { return len(v.Event) + 160 }

package inbox

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"bellhop/shared/protocol"
)

// Listed is a page of a list.
type Listed struct {
	Head  Head
	Items []protocol.Item
	More  bool
	Whole bool      // it surely has all changes up to Head; else a commit may have been half visible
	Until time.Time // it holds until here if the log does not change: the first expiry on it; zero: for ever
}

// List gives a page of items, newest first, before an offset (0: from the
// newest on), at most limit of them (0: 50), fewer where a frame holds no more.
func (l *Log) List(ctx context.Context, user string, ask protocol.List) (Listed, error) {
	head, err := l.head(ctx, user)
	if err != nil {
		return Listed{}, fmt.Errorf("list the log of %s: %w", user, err)
	}
	page := pager{log: l, head: head, limit: ask.Limit, filter: ask.Filter}
	if page.limit == 0 {
		page.limit = defaultItems
	}
	before := ask.Before
	if before == 0 {
		before = math.MaxInt64
	}
	if err := page.read(ctx, user, before); err != nil {
		return Listed{}, fmt.Errorf("list the log of %s: %w", user, err)
	}
	whole := l.claim(head, page.sight) == head.Offset
	return Listed{Head: head, Items: page.items, More: page.more, Whole: whole, Until: page.until}, nil
}

// pager collects a page of items that pass a filter.
type pager struct {
	log    *Log
	head   Head
	limit  int
	filter protocol.Filter

	items []protocol.Item
	size  int
	more  bool
	until time.Time
	sight sight // what the first read has shown
}

func (p *pager) read(ctx context.Context, user string, before int64) error {
	p.items = []protocol.Item{}
	q := Query{Index: ByOffset, After: &Position{before, before}, Descending: true, Limit: p.limit + 1}
	if !p.filter.Archived {
		q.Above = p.head.ArchivedThrough
	}
	if p.filter != (protocol.Filter{}) {
		q.Limit = max(p.limit, pageItems) + 1 // few may pass
	}
	for first := true; ; first = false {
		found, err := p.log.table.Query(ctx, user, q)
		if err != nil {
			return err
		}
		if first {
			p.sight.see(p.head, found.Items...)
		}
		for _, item := range found.Items {
			if !p.take(item) {
				p.more = true
				return nil
			}
		}
		if found.Next == nil {
			return nil
		}
		q.After = found.Next
	}
}

// take adds the item if it passes; false says that the page is full.
func (p *pager) take(item Item) bool {
	if !item.shows(p.log.now()) {
		return true
	}
	v := p.head.View(item)
	if !passes(p.filter, v) {
		return true
	}
	if len(p.items) == p.limit || (p.size+wireSize(v) > frameBudget && len(p.items) > 0) {
		return false
	}
	p.items, p.size = append(p.items, v), p.size+wireSize(v)
	p.until = Earlier(p.until, item.Expires)
	return true
}

// Earlier is the earlier of two times, of which zero is the latest.
func Earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func passes(f protocol.Filter, v protocol.Item) bool {
	if v.Archived != f.Archived || (f.Unread && v.Read) {
		return false
	}
	if f.Type == "" {
		return true
	}
	var event struct {
		Type string `json:"type"`
	}
	return json.Unmarshal(v.Event, &event) == nil && event.Type == f.Type
}

package inbox_test

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"

	"bellhop/shared/inbox"
)

// memTable is an inbox.Table in memory that can do what no engine does on
// demand: wait between two calls, hide what is newest, give short pages, fail
// before or after it has written. It counts its calls.
type memTable struct {
	before    func(op string)                       // called before each call, outside of the lock
	reply     func(op string) (apply bool, _ error) // what a commit does, and answers
	hideAbove int64                                 // item rows changed above it look as they did before; 0: none
	page      int                                   // rows of a page at most; 0: as many as asked for

	mu    sync.Mutex
	logs  map[string]*memLog
	calls []string
}

type memLog struct {
	head     inbox.Head
	items    map[int64][]inbox.Item // by offset, all versions, oldest first
	markers  map[string]inbox.Marker
	pointers map[string]inbox.Pointer
}

// enter counts a call and takes the lock.
func (t *memTable) enter(op, user string) (log *memLog, leave func()) {
	if t.before != nil {
		t.before(op)
	}
	t.mu.Lock()
	t.calls = append(t.calls, op)
	if t.logs == nil {
		t.logs = map[string]*memLog{}
	}
	if t.logs[user] == nil {
		t.logs[user] = &memLog{items: map[int64][]inbox.Item{}, markers: map[string]inbox.Marker{}, pointers: map[string]inbox.Pointer{}}
	}
	return t.logs[user], t.mu.Unlock
}

// took returns the calls since the last time.
func (t *memTable) took() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	calls := t.calls
	t.calls = nil
	return calls
}

func (t *memTable) Load(_ context.Context, user string, want inbox.Want) (inbox.Loaded, error) {
	log, leave := t.enter("load", user)
	defer leave()
	l := inbox.Loaded{Head: log.head, Markers: map[string]inbox.Marker{}, Pointers: map[string]inbox.Pointer{}, Items: map[int64]inbox.Item{}}
	for _, id := range want.Markers {
		if m, ok := log.markers[id]; ok {
			l.Markers[id] = m
		}
	}
	for _, key := range want.Pointers {
		if p, ok := log.pointers[key]; ok {
			l.Pointers[key] = p
		}
	}
	for _, offset := range want.Items {
		if item, ok := t.visible(log.items[offset]); ok {
			l.Items[offset] = item
		}
	}
	return l, nil
}

func (t *memTable) visible(versions []inbox.Item) (inbox.Item, bool) {
	for _, item := range slices.Backward(versions) {
		if t.hideAbove == 0 || item.Changed <= t.hideAbove {
			return item, true
		}
	}
	return inbox.Item{}, false
}

func (t *memTable) Query(_ context.Context, user string, q inbox.Query) (inbox.Found, error) {
	log, leave := t.enter("query", user)
	defer leave()
	value := func(i inbox.Item) int64 {
		return map[inbox.Index]int64{inbox.ByOffset: i.Offset, inbox.ByChange: i.Changed, byUnread: i.Unread}[q.Index]
	}
	order := func(a, b inbox.Position) int {
		sign := 1
		if q.Descending {
			sign = -1
		}
		return sign * cmp.Or(cmp.Compare(a.Value, b.Value), cmp.Compare(a.Offset, b.Offset))
	}
	place := func(i inbox.Item) inbox.Position { return inbox.Position{Value: value(i), Offset: i.Offset} }
	var rows []inbox.Item
	for versions := range maps.Values(log.items) {
		item, ok := t.visible(versions)
		if ok && value(item) > q.Above && (q.After == nil || order(place(item), *q.After) > 0) {
			rows = append(rows, item)
		}
	}
	slices.SortFunc(rows, func(a, b inbox.Item) int { return order(place(a), place(b)) })
	return t.cut(rows, q, place), nil
}

// byUnread is an index for memTable's own use.
const byUnread inbox.Index = -1

func (t *memTable) Unread(ctx context.Context, user string, q inbox.UnreadQuery) (inbox.UnreadPage, error) {
	found, err := t.Query(ctx, user, inbox.Query{Index: byUnread, Above: q.Above, After: q.After, Limit: q.Limit, Descending: true})
	page := inbox.UnreadPage{Next: found.Next}
	for _, row := range found.Items {
		page.Entries = append(page.Entries, inbox.Entry{Unread: row.Unread, Offset: row.Offset, Expires: row.Expires.Unix()})
	}
	return page, err
}

func (t *memTable) cut(rows []inbox.Item, q inbox.Query, place func(inbox.Item) inbox.Position) inbox.Found {
	limit := q.Limit
	if t.page > 0 {
		limit = min(limit, t.page)
	}
	var found inbox.Found
	if len(rows) > limit {
		rows = rows[:limit]
		next := place(rows[limit-1])
		found.Next = &next
	}
	found.Items = append(found.Items, rows...)
	return found
}

func (t *memTable) Commit(_ context.Context, user string, c inbox.Change) error {
	log, leave := t.enter("commit", user)
	defer leave()
	apply, answer := true, error(nil)
	if t.reply != nil {
		apply, answer = t.reply("commit")
	}
	if !apply {
		return answer
	}
	if !log.holds(c) {
		return cmp.Or(answer, inbox.ErrConflict)
	}
	log.head = c.Head
	for _, w := range c.Items {
		log.items[w.Item.Offset] = append(log.items[w.Item.Offset], w.Item)
	}
	for _, w := range c.Markers {
		log.markers[w.ID] = w.Marker
	}
	for _, w := range c.Pointers {
		log.pointers[w.CollapseKey] = w.Pointer
	}
	return answer
}

// holds says whether everything is as the change says that it was.
func (log *memLog) holds(c inbox.Change) bool {
	if log.head.Epoch != c.Was.Epoch || log.head.Offset != c.Was.Offset {
		return false
	}
	for _, w := range c.Items {
		var was int64
		if versions := log.items[w.Item.Offset]; len(versions) > 0 {
			was = versions[len(versions)-1].Changed
		}
		if was != w.Was {
			return false
		}
	}
	for _, w := range c.Markers {
		if log.markers[w.ID].Offset != w.Was {
			return false
		}
	}
	for _, w := range c.Pointers {
		if log.pointers[w.CollapseKey].Offset != w.Was {
			return false
		}
	}
	return len(c.Items)+len(c.Markers)+len(c.Pointers) < inbox.MaxWrites
}

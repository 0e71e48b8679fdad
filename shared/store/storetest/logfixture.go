package storetest

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"bellhop/shared/inbox"
	"bellhop/shared/notification"
	"bellhop/shared/protocol"
)

// log is the log of a new user over a table that counts its writes, at a time
// that the test moves.
type log struct {
	*inbox.Log
	*testing.T
	store  LogStore
	writes *counted
	user   string

	mu    sync.Mutex
	clock time.Time
	made  int // notifications so far
}

func newLog(t *testing.T, store LogStore) *log {
	l := &log{T: t, store: store, writes: &counted{Table: store}, user: unique("ada"), clock: time.Now().Truncate(time.Second)}
	l.Log = l.another(l.writes)
	return l
}

// another is the log of another process.
func (l *log) another(table inbox.Table) *inbox.Log {
	return inbox.New(table, &inbox.Options{Now: l.now})
}

func (l *log) now() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.clock
}

func (l *log) wait(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clock = l.clock.Add(d)
}

// counted is a table that remembers its commits.
type counted struct {
	inbox.Table
	mu      sync.Mutex
	commits []inbox.Change
}

func (c *counted) Commit(ctx context.Context, user string, change inbox.Change) error {
	c.mu.Lock()
	c.commits = append(c.commits, change)
	c.mu.Unlock()
	return c.Table.Commit(ctx, user, change)
}

// took gives the commits since the last look.
func (c *counted) took() []inbox.Change {
	c.mu.Lock()
	defer c.mu.Unlock()
	commits := c.commits
	c.commits = nil
	return commits
}

// note makes a notification with more attributes in JSON, each after a comma.
func (l *log) note(more string) notification.Notification {
	l.Helper()
	l.made++
	n, err := notification.Parse([]byte(`{"source":"shop","type":"t","data":{}`+more+`}`), notification.Defaults{
		Now: l.now(), NewID: func() string { return fmt.Sprint("id", l.made) },
	})
	if err != nil {
		l.Fatal(err)
	}
	return n
}

func (l *log) append(ns ...notification.Notification) []inbox.Appended {
	l.Helper()
	got, err := l.Append(l.Context(), l.user, ns)
	if err != nil || len(got) != len(ns) {
		l.Fatalf("append %d: %d results, error %v", len(ns), len(got), err)
	}
	return got
}

// fill appends so many plain notifications.
func (l *log) fill(n int) {
	l.Helper()
	ns := make([]notification.Notification, n)
	for i := range ns {
		ns[i] = l.note("")
	}
	l.append(ns...)
}

// fillFast puts so many items into the table as appends would leave them, 99 in
// a commit and without the markers of a day.
func (l *log) fillFast(n int64) {
	l.Helper()
	for head := l.head(); n > 0; {
		c := inbox.Change{Was: head}
		for ; n > 0 && len(c.Items) < inbox.MaxWrites-1; n-- {
			head.Offset++
			head.LastItem = head.Offset
			i := item(head.Offset)
			i.Expires = l.now().Add(24 * time.Hour)
			c.Items = append(c.Items, inbox.ItemWrite{Item: i})
		}
		head.LastFrom, head.LastCount = c.Was.Offset, int64(len(c.Items))
		c.Head = head
		if err := l.store.Commit(l.Context(), l.user, c); err != nil {
			l.Fatal(err)
		}
	}
}

func (l *log) mark(m protocol.Mark) inbox.Marked {
	l.Helper()
	got, err := l.Mark(l.Context(), l.user, m)
	if err != nil {
		l.Fatalf("mark %+v: %v", m, err)
	}
	return got
}

func (l *log) resume(epoch string, offset int64) inbox.Resumed {
	l.Helper()
	got, err := l.Resume(l.Context(), l.user, epoch, offset)
	if err != nil {
		l.Fatalf("resume from %q %d: %v", epoch, offset, err)
	}
	return got
}

func (l *log) head() inbox.Head {
	l.Helper()
	head, err := l.Head(l.Context(), l.user)
	if err != nil {
		l.Fatal(err)
	}
	return head
}

// shows says what a whole list shows, newest first, and the badge.
func (l *log) shows(what string, filter protocol.Filter, items []int64, counts protocol.Counts) {
	l.Helper()
	got := []int64{}
	for before, more := int64(0), true; more; {
		page, err := l.List(l.Context(), l.user, protocol.List{Before: before, Limit: 7, Filter: filter})
		if err != nil {
			l.Fatal(err)
		}
		for _, i := range page.Items {
			got = append(got, i.Offset)
			before = i.Offset
		}
		more = page.More
	}
	l.same(what+": list", items, got)
	badge, err := l.Counts(l.Context(), l.user, l.head())
	if err != nil {
		l.Fatal(err)
	}
	l.same(what+": badge", counts, badge)
}

func (l *log) same(what string, want, got any) {
	l.Helper()
	if d := diff(want, got); d != "" {
		l.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// down lists the whole numbers from first down to last.
func down(first, last int64) (list []int64) {
	for ; first >= last; first-- {
		list = append(list, first)
	}
	return list
}

func named(items []protocol.Item) (list []int64) {
	for _, i := range items {
		list = append(list, i.Offset)
	}
	return list
}

// keyOf is the collapse key of an item's event.
func keyOf(i protocol.Item) string {
	var e struct{ CollapseKey string }
	_ = json.Unmarshal(i.Event, &e) // events of these tests are right
	return e.CollapseKey
}

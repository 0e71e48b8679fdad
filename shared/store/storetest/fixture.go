package storetest

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"bellhop/shared/inbox"
)

// moment is a time with milliseconds.
func moment() time.Time { return time.Date(2026, 11, 5, 6, 7, 8, 901e6, time.UTC) }

// later is a time in whole seconds that is not over while tests run.
func later() time.Time { return time.Date(2099, 1, 2, 3, 4, 5, 0, time.UTC) }

// unique makes a name that nobody has used before.
func unique(name string) string { return name + "-" + rand.Text() }

// diff compares what was read with what was written; an empty event may come
// back as nil, a map with nothing as nil too. Bytes are compared as a whole: byte
// by byte, cmp takes seconds for a megabyte.
func diff(want, got any) string {
	filled := func(a, b []byte) bool { return len(a)+len(b) > 0 }
	return cmp.Diff(want, got, cmpopts.EquateEmpty(), cmp.FilterValues(filled, cmp.Comparer(bytes.Equal)))
}

// a userLog is the log of one user, and its head as this test knows it.
type userLog struct {
	t     *testing.T
	table inbox.Table
	user  string
	head  inbox.Head
}

// begin begins the log of a new user.
func begin(t *testing.T, s Stores) *userLog {
	t.Helper()
	return beginAs(t, s, unique("ann"))
}

func beginAs(t *testing.T, s Stores, user string) *userLog {
	t.Helper()
	l := &userLog{t: t, table: s.Inbox, user: user}
	l.must(inbox.Change{Head: inbox.Head{Epoch: rand.Text(), At: moment()}})
	return l
}

// next is the head after one more change.
func (l *userLog) next() inbox.Head {
	h := l.head
	h.Offset++
	h.LastItem = h.Offset
	h.At = h.At.Add(time.Millisecond)
	return h
}

// must commits on the head that is known; a change without a head takes the
// next offset.
func (l *userLog) must(c inbox.Change) {
	l.t.Helper()
	c.Was = l.head
	if c.Head == (inbox.Head{}) {
		c.Head = l.next()
	}
	if err := l.table.Commit(l.t.Context(), l.user, c); err != nil {
		l.t.Fatalf("commit offset %d: %v", c.Head.Offset, err)
	}
	l.head = c.Head
}

// put writes new items in one commit.
func (l *userLog) put(items ...inbox.Item) {
	l.t.Helper()
	l.must(inbox.Change{Items: writes(items...)})
}

func writes(items ...inbox.Item) []inbox.ItemWrite {
	list := make([]inbox.ItemWrite, len(items))
	for i, item := range items {
		list[i] = inbox.ItemWrite{Item: item}
	}
	return list
}

// conflict commits and wants ErrConflict.
func (l *userLog) conflict(c inbox.Change) {
	l.t.Helper()
	if err := l.table.Commit(l.t.Context(), l.user, c); !errors.Is(err, inbox.ErrConflict) {
		l.t.Errorf("commit: got error %v, want %v", err, inbox.ErrConflict)
	}
}

func (l *userLog) load(want inbox.Want) inbox.Loaded {
	l.t.Helper()
	loaded, err := l.table.Load(l.t.Context(), l.user, want)
	if err != nil {
		l.t.Fatalf("load: %v", err)
	}
	return loaded
}

func (l *userLog) query(q inbox.Query) inbox.Found {
	l.t.Helper()
	found, err := l.table.Query(l.t.Context(), l.user, q)
	if err != nil {
		l.t.Fatalf("query %+v: %v", q, err)
	}
	if len(found.Items) > q.Limit {
		l.t.Fatalf("query %+v: got %d items, more than its limit", q, len(found.Items))
	}
	return found
}

// all reads page after page until there is nothing more.
func (l *userLog) all(q inbox.Query) []inbox.Item {
	l.t.Helper()
	var items []inbox.Item
	for pages := 0; ; pages++ {
		found := l.query(q)
		items = append(items, found.Items...)
		if found.Next == nil {
			return items
		}
		if pages > 10_000 {
			l.t.Fatalf("query %+v: the pages have no end", q)
		}
		q.After = found.Next
	}
}

// wantItems says whether the log has these items, in order of their offsets.
func (l *userLog) wantItems(want ...inbox.Item) {
	l.t.Helper()
	got := l.all(inbox.Query{Index: inbox.ByOffset, Limit: 100})
	if d := diff(want, got); d != "" {
		l.t.Errorf("items of %q (-want +got):\n%s", l.user, d)
	}
}

// item is an unread one as it was appended.
func item(offset int64) inbox.Item {
	return inbox.Item{
		Offset: offset, Changed: offset, Unread: offset,
		Event:   fmt.Appendf(nil, `{"id":"%d"}`, offset),
		Expires: later(),
	}
}

// series is items from 1 to n.
func series(n int64) []inbox.Item {
	items := make([]inbox.Item, n)
	for i := range items {
		items[i] = item(int64(i) + 1)
	}
	return items
}

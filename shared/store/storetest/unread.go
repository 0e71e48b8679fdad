package storetest

import (
	"math"
	"testing"

	"bellhop/shared/inbox"
)

func unreadCases() []testCase {
	return []testCase{
		{"newest first, in pages of any size", unreadPages},
		{"above a value", unreadAbove},
		{"after a place, whether an entry stands there or not", unreadAfter},
		{"read items are not among the unread", unreadSparse},
	}
}

// wantUnread compares all pages of a query with the model's.
func (l *userLog) wantUnread(t *testing.T, items []inbox.Item, q inbox.UnreadQuery) {
	t.Helper()
	whole := q
	whole.Limit = math.MaxInt
	sub := *l
	sub.t = t
	if d := diff(answerUnread(items, whole).Entries, sub.allUnread(q)); d != "" {
		t.Errorf("unread %+v after %+v (-want +got):\n%s", q, q.After, d)
	}
}

// allUnread reads page after page until there is nothing more.
func (l *userLog) allUnread(q inbox.UnreadQuery) []inbox.Entry {
	l.t.Helper()
	var entries []inbox.Entry
	for range 10_000 {
		page, err := l.table.Unread(l.t.Context(), l.user, q)
		if err != nil {
			l.t.Fatalf("unread %+v: %v", q, err)
		}
		if len(page.Entries) > q.Limit {
			l.t.Fatalf("unread %+v: got %d entries, more than its limit", q, len(page.Entries))
		}
		entries = append(entries, page.Entries...)
		if page.Next == nil {
			return entries
		}
		q.After = page.Next
	}
	l.t.Fatalf("unread %+v: the pages have no end", q)
	return nil
}

func unreadPages(t *testing.T, s Stores) {
	l, items := jumbled(t, s)
	for _, limit := range []int{1, 2, 3, 7, 8, 100} {
		l.wantUnread(t, items, inbox.UnreadQuery{Limit: limit})
	}
}

func unreadAbove(t *testing.T, s Stores) {
	l, items := jumbled(t, s)
	for above := range int64(18) {
		for _, limit := range []int{2, 100} {
			l.wantUnread(t, items, inbox.UnreadQuery{Above: above, Limit: limit})
		}
	}
}

func unreadAfter(t *testing.T, s Stores) {
	l, items := jumbled(t, s)
	places := []inbox.Position{{Value: math.MaxInt64, Offset: math.MaxInt64}}
	for value := int64(1); value <= 17; value++ {
		for _, offset := range []int64{1, 3, 4, 5, 6, 9, 10, 17} {
			places = append(places, inbox.Position{Value: value, Offset: offset})
		}
	}
	for _, place := range places {
		for _, above := range []int64{0, 6} {
			l.wantUnread(t, items, inbox.UnreadQuery{Above: above, After: &place, Limit: 2})
		}
	}
}

func unreadSparse(t *testing.T, s Stores) {
	l := begin(t, s)
	items := series(20)
	for i := range items {
		if i%3 != 0 {
			items[i].Unread = 0
		}
	}
	l.put(items...)
	l.wantUnread(t, items, inbox.UnreadQuery{Limit: 3})
}

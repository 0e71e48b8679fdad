package storetest

import (
	"bytes"
	"fmt"
	"math"
	"testing"

	"bellhop/shared/inbox"
)

func queryCases() []testCase {
	return []testCase{
		{"each index, up and down, in pages of any size", queryPages},
		{"above a value", queryAbove},
		{"after a place, whether an item stands there or not", queryAfter},
		{"after the end of all numbers", queryFromTop},
		{"a changed item stands in its new place alone", queryMoved},
		{"more than 1 MB", queryLarge},
	}
}

// jumbled is a log whose indexes differ in order, with equal values in each.
func jumbled(t *testing.T, s Stores) (*userLog, []inbox.Item) {
	t.Helper()
	l := begin(t, s)
	var items []inbox.Item
	for _, v := range []struct{ offset, changed, unread int64 }{
		{2, 2, 2},
		{3, 12, 0},
		{4, 12, 12},
		{6, 12, 12},
		{7, 7, 7},
		{8, 15, 0},
		{9, 12, 12},
		{10, 11, 10},
		{13, 13, 0},
		{14, 15, 15},
		{16, 16, 16},
	} {
		i := item(v.offset)
		i.Changed, i.Unread = v.changed, v.unread
		items = append(items, i)
	}
	l.put(items...)
	return l, items
}

// both calls f for each index, ascending and descending.
func both(t *testing.T, f func(t *testing.T, q inbox.Query)) {
	t.Helper()
	for index, name := range map[inbox.Index]string{inbox.ByOffset: "by offset", inbox.ByChange: "by change"} {
		for direction, descending := range map[string]bool{"up": false, "down": true} {
			t.Run(name+" "+direction, func(t *testing.T) {
				f(t, inbox.Query{Index: index, Descending: descending, Limit: 100})
			})
		}
	}
}

// wantAnswer compares all pages of a query with the model's.
func (l *userLog) wantAnswer(t *testing.T, items []inbox.Item, q inbox.Query) {
	t.Helper()
	sub := *l
	sub.t = t
	whole := q
	whole.Limit = math.MaxInt
	if d := diff(answer(items, whole).Items, sub.all(q)); d != "" {
		t.Errorf("query %+v after %+v (-want +got):\n%s", q, q.After, d)
	}
}

func queryPages(t *testing.T, s Stores) {
	l, items := jumbled(t, s)
	both(t, func(t *testing.T, q inbox.Query) {
		for _, q.Limit = range []int{1, 2, 3, 4, 5, 10, 11, 12, 100} {
			l.wantAnswer(t, items, q)
		}
	})
}

func queryAbove(t *testing.T, s Stores) {
	l, items := jumbled(t, s)
	both(t, func(t *testing.T, q inbox.Query) {
		for q.Above = range int64(18) {
			for _, q.Limit = range []int{2, 100} {
				l.wantAnswer(t, items, q)
			}
		}
	})
}

func queryAfter(t *testing.T, s Stores) {
	l, items := jumbled(t, s)
	both(t, func(t *testing.T, q inbox.Query) {
		for value := int64(1); value <= 17; value++ {
			for _, offset := range []int64{1, 3, 4, 5, 6, 9, 10, 17} {
				if q.Index == inbox.ByOffset {
					offset = value
				}
				q.After = &inbox.Position{Value: value, Offset: offset}
				l.wantAnswer(t, items, q)
			}
		}
		q.Above, q.Limit, q.After = 6, 2, &inbox.Position{Value: 12, Offset: 12}
		l.wantAnswer(t, items, q)
	})
}

func queryFromTop(t *testing.T, s Stores) {
	l, items := jumbled(t, s)
	both(t, func(t *testing.T, q inbox.Query) {
		q.Limit, q.After = 3, &inbox.Position{Value: math.MaxInt64, Offset: math.MaxInt64}
		l.wantAnswer(t, items, q)
	})
}

// queryMoved reads an item, and lets another be unread anew.
func queryMoved(t *testing.T, s Stores) {
	l := begin(t, s)
	items := series(5)
	l.put(items...)
	for i, change := range []struct{ at, changed, unread int64 }{{1, 6, 0}, {3, 6, 0}, {1, 7, 7}, {2, 8, 0}, {4, 9, 5}} {
		was := items[change.at].Changed
		items[change.at].Changed, items[change.at].Unread = change.changed, change.unread
		l.must(inbox.Change{Items: []inbox.ItemWrite{{Item: items[change.at], Was: was}}})
		t.Run(fmt.Sprintf("change %d", i), func(t *testing.T) {
			both(t, func(t *testing.T, q inbox.Query) { l.wantAnswer(t, items, q) })
			l.wantUnread(t, items, inbox.UnreadQuery{Limit: 2})
		})
	}
}

// queryLarge has 40 items of 31 KiB; a page of DynamoDB ends at 1 MB.
func queryLarge(t *testing.T, s Stores) {
	l := begin(t, s)
	items := series(40)
	for i := range items {
		items[i].Event = bytes.Repeat([]byte{'a' + byte(i%26)}, 31<<10)
	}
	l.put(items[:20]...)
	l.put(items[20:]...)
	both(t, func(t *testing.T, q inbox.Query) {
		for _, q.Limit = range []int{7, 39, 40, 100} {
			l.wantAnswer(t, items, q)
		}
	})
}

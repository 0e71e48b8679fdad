package storetest

import (
	"cmp"
	"slices"

	"bellhop/shared/inbox"
)

// answer is what a query over these items must find: the contract as a
// program, with no thought for speed.
func answer(items []inbox.Item, q inbox.Query) inbox.Found {
	var found inbox.Found
	for _, i := range ordered(items, q) {
		if len(found.Items) == q.Limit {
			last := place(q.Index, found.Items[q.Limit-1])
			found.Next = &last
			break
		}
		found.Items = append(found.Items, *i)
	}
	return found
}

// ordered is the items of the range asked for, in the order asked for.
func ordered(items []inbox.Item, q inbox.Query) (in []*inbox.Item) {
	for n := range items {
		p := place(q.Index, items[n])
		if p.Value > q.Above && (q.After == nil || behind(p, *q.After, q.Descending)) {
			in = append(in, &items[n])
		}
	}
	slices.SortFunc(in, func(a, b *inbox.Item) int { return compare(place(q.Index, *a), place(q.Index, *b)) })
	if q.Descending {
		slices.Reverse(in)
	}
	return in
}

// place is where the item stands in the index.
func place(index inbox.Index, i inbox.Item) inbox.Position {
	if index == inbox.ByChange {
		return inbox.Position{Value: i.Changed, Offset: i.Offset}
	}
	return inbox.Position{Value: i.Offset, Offset: i.Offset}
}

// answerUnread is what a query of the unread index over these items must find.
func answerUnread(items []inbox.Item, q inbox.UnreadQuery) inbox.UnreadPage {
	stand := func(i *inbox.Item) inbox.Position { return inbox.Position{Value: i.Unread, Offset: i.Offset} }
	var unread []*inbox.Item
	for n := range items {
		i := &items[n]
		if i.Unread > max(q.Above, 0) && (q.After == nil || compare(stand(i), *q.After) < 0) {
			unread = append(unread, i)
		}
	}
	slices.SortFunc(unread, func(a, b *inbox.Item) int { return compare(stand(b), stand(a)) })
	var page inbox.UnreadPage
	for _, i := range unread {
		if len(page.Entries) == q.Limit {
			last := page.Entries[q.Limit-1]
			page.Next = &inbox.Position{Value: last.Unread, Offset: last.Offset}
			break
		}
		page.Entries = append(page.Entries, inbox.Entry{Unread: i.Unread, Offset: i.Offset, Expires: i.Expires.Unix()})
	}
	return page
}

func compare(a, b inbox.Position) int {
	return cmp.Or(cmp.Compare(a.Value, b.Value), cmp.Compare(a.Offset, b.Offset))
}

func behind(p, after inbox.Position, descending bool) bool {
	if descending {
		return compare(p, after) < 0
	}
	return compare(p, after) > 0
}

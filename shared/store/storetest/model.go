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
		p := place(q.Index, i)
		if p.Value <= q.Above || (q.After != nil && !behind(p, *q.After, q.Descending)) {
			continue
		}
		if len(found.Items) == q.Limit {
			last := place(q.Index, found.Items[q.Limit-1])
			found.Next = &last
			break
		}
		found.Items = append(found.Items, project(q.Index, i))
	}
	return found
}

// ordered is the items of the index in the order asked for.
func ordered(items []inbox.Item, q inbox.Query) []inbox.Item {
	in := slices.Clone(items)
	if q.Index == inbox.ByUnread {
		in = slices.DeleteFunc(in, func(i inbox.Item) bool { return i.Unread == 0 })
	}
	slices.SortFunc(in, func(a, b inbox.Item) int { return compare(place(q.Index, a), place(q.Index, b)) })
	if q.Descending {
		slices.Reverse(in)
	}
	return in
}

// place is where the item stands in the index.
func place(index inbox.Index, i inbox.Item) inbox.Position {
	switch index {
	case inbox.ByChange:
		return inbox.Position{Value: i.Changed, Offset: i.Offset}
	case inbox.ByUnread:
		return inbox.Position{Value: i.Unread, Offset: i.Offset}
	default:
		return inbox.Position{Value: i.Offset, Offset: i.Offset}
	}
}

// project is the item as the index shows it.
func project(index inbox.Index, i inbox.Item) inbox.Item {
	if index == inbox.ByUnread {
		return inbox.Item{Offset: i.Offset, Unread: i.Unread, Expires: i.Expires}
	}
	return i
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

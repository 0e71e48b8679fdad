package inbox

import (
	"cmp"
	"context"
	"slices"

	"bellhop/shared/protocol"
)

// replay gives the changes after offset, each item once in its latest state:
// all of them where they fit one answer, else a first part.
func (l *Log) replay(ctx context.Context, user string, head Head, offset int64) (Resumed, error) {
	a := answer{log: l, Resumed: Resumed{Head: head, Offset: head.Offset, Recovered: true, Items: []protocol.Item{}}, from: offset}
	if head.LastItem <= offset {
		return a.Resumed, nil
	}
	if err := a.look(ctx, user); err != nil {
		return Resumed{}, err
	}
	if !a.cut && a.add(a.changed) {
		return a.Resumed, nil
	}
	created, err := l.some(ctx, user, Query{Index: ByOffset, Above: offset})
	if err != nil {
		return Resumed{}, err
	}
	a.part(created)
	return a.Resumed, nil
}

// some reads more items than an answer holds, or all that there are.
func (l *Log) some(ctx context.Context, user string, q Query) ([]Item, error) {
	var items []Item
	for q.Limit = pageItems + 1; ; {
		found, err := l.table.Query(ctx, user, q)
		if err != nil {
			return nil, err
		}
		items = append(items, found.Items...)
		if found.Next == nil || len(items) > pageItems {
			return items, nil
		}
		q.After = found.Next
	}
}

// answer is a replay for a client that knows everything up to from.
type answer struct {
	Resumed
	log     *Log
	from    int64
	changed []Item // after from, in that order
	cut     bool   // there are more of them
	size    int
}

// look reads what has changed, and works out what may be claimed. While the
// latest commit is fresh it is read from its start, to see whether it is whole.
func (a *answer) look(ctx context.Context, user string) error {
	q := Query{Index: ByChange, Above: a.from}
	if a.log.fresh(a.Head) {
		q.Above = min(a.from, a.Head.LastFrom)
	}
	items, err := a.log.some(ctx, user, q)
	seen := sight{last: a.from}
	seen.see(a.Head, items...)
	a.Offset = max(a.from, a.log.claim(a.Head, seen))
	a.cut = len(items) > pageItems
	a.changed = slices.DeleteFunc(items, func(i Item) bool { return i.Changed <= a.from })
	return err
}

// add adds the items if they fit, all or none. A single one always fits a
// frame of its own.
func (a *answer) add(items []Item) bool {
	var views []protocol.Item
	size := a.size
	for _, item := range items {
		if v, ok := a.view(item); ok {
			views = append(views, v)
			size += wireSize(v)
		}
	}
	alone := len(a.Items) == 0 && len(views) == 1
	if (size > frameBudget && !alone) || len(a.Items)+len(views) > pageItems {
		return false
	}
	a.Items, a.size = append(a.Items, views...), size
	return true
}

// view leaves out what the client does not need. What it knows comes without
// its event. What was created beyond the offset that is claimed is left to the
// frames that follow; what only changed since then is shown, for the changes
// before that.
func (a *answer) view(item Item) (v protocol.Item, ok bool) {
	known := item.Offset <= a.from
	if !item.shows(a.log.now()) {
		return protocol.Item{Offset: item.Offset, Withdrawn: true, Read: true, Seen: true}, known
	}
	v = a.Head.View(item)
	if known {
		v.Event = nil
	}
	return v, item.Offset <= a.Offset
}

// part fills the answer up to an offset that the client may claim. By then it
// must have all that was created up to there, also what changed once more later
// on: the next part takes that for known. So an item that is news is due where
// it was created, and a known one where it changed.
func (a *answer) part(created []Item) {
	until := a.horizon(created)
	items := slices.DeleteFunc(a.changed, func(i Item) bool { return i.Offset > a.from })
	items = append(items, created...)
	slices.SortFunc(items, func(x, y Item) int {
		return cmp.Or(cmp.Compare(a.due(x), a.due(y)), cmp.Compare(x.Offset, y.Offset))
	})
	a.Offset, a.More = until, until > a.from
	last := a.from
	for start, end := 0, 0; start < len(items) && a.due(items[start]) <= until; start = end {
		for end < len(items) && a.due(items[end]) == a.due(items[start]) {
			end++
		}
		if !a.add(items[start:end]) {
			a.Offset = last
			return
		}
		last = a.due(items[start])
	}
}

// horizon is up to where both lists are complete: the last of a list that was
// cut may lack others of the same change.
func (a *answer) horizon(created []Item) int64 {
	until := a.Offset
	if a.cut {
		until = min(until, lastChange(a.changed, a.from)-1)
	}
	if len(created) > pageItems {
		until = min(until, created[len(created)-1].Offset)
	}
	return until
}

// due is when an answer must have the item: see part.
func (a *answer) due(i Item) int64 {
	if i.Offset > a.from {
		return i.Offset
	}
	return i.Changed
}

package storetest

import (
	"errors"
	"fmt"
	"time"

	"bellhop/shared/inbox"
	"bellhop/shared/notification"
	"bellhop/shared/protocol"
)

func appendListCount(l *log) {
	l.fill(1)
	l.fill(30) // more than one commit
	l.shows("31 appended", protocol.Filter{}, down(31, 1), protocol.Counts{Unread: 31, Unseen: 31})
	l.same("commits", 4, len(l.writes.took())) // it begins the log, and 24 go into one
	l.fill(80)
	l.same("badge", protocol.Counts{Unread: 100, Unseen: 100}, l.counts())
}

func (l *log) counts() protocol.Counts {
	l.Helper()
	c, err := l.Counts(l.Context(), l.user, l.head())
	if err != nil {
		l.Fatal(err)
	}
	return c
}

func duplicates(l *log) {
	first, other := l.note(`,"id":"once"`), l.note(`,"id":"once","subject":"another body"`)
	l.append(first)
	got := l.append(first, other)
	if !got[0].Duplicate || got[0].Item.Offset != 1 || !errors.Is(got[1].Err, inbox.ErrBodyConflict) {
		l.Errorf("again, and with another body: %+v, want a duplicate of 1 and a conflict", got)
	}
	l.wait(24 * time.Hour)
	if got := l.append(other)[0]; got.Duplicate || got.Item.Offset != 2 {
		l.Errorf("a day later: %+v, want a new item", got)
	}
	if got := l.append(other)[0]; !got.Duplicate || got.Item.Offset != 2 {
		l.Errorf("and again: %+v, want a duplicate of the new one", got)
	}
}

func collapse(l *log) {
	l.append(l.note(`,"collapsekey":"k"`), l.note(""))
	got := l.append(l.note(`,"collapsekey":"k"`))[0]
	l.same("replaced", &inbox.Replacement{Item: 1, Offset: 3}, got.Replaced)
	l.shows("after it", protocol.Filter{}, []int64{4, 2}, protocol.Counts{Unread: 2, Unseen: 2})
}

// tenCollapse has ten writers in two processes, each with ten notifications: of
// each key one is left, and every one took its place in the log.
func tenCollapse(l *log) {
	logs := []*inbox.Log{l.another(l.writes), l.another(l.writes)}
	notes := make([][]notification.Notification, 10)
	for w := range notes {
		for n := range 10 {
			notes[w] = append(notes[w], l.note(fmt.Sprintf(`,"id":"w%d n%d","collapsekey":"k%d"`, w, n, n%2)))
		}
	}
	together(len(notes), func(w int) {
		for _, n := range notes[w] {
			if got, err := logs[w%2].Append(l.Context(), l.user, []notification.Notification{n}); err != nil || got[0].Duplicate {
				l.Errorf("writer %d: %+v, error %v", w, got, err)
			}
		}
	})
	page, err := l.List(l.Context(), l.user, protocol.List{})
	if err != nil || len(page.Items) != 2 || page.More {
		l.Fatalf("%d items, error %v, want one of each key", len(page.Items), err)
	}
	l.same("badge", protocol.Counts{Unread: 2, Unseen: 2}, l.counts())
	l.same("offset", int64(100+98), l.head().Offset) // all but two were withdrawn
	l.same("keys", map[string]bool{"k0": true, "k1": true}, map[string]bool{keyOf(page.Items[0]): true, keyOf(page.Items[1]): true})
}

func withdraw(l *log) {
	l.append(l.note(`,"id":"a"`), l.note(`,"id":"b","collapsekey":"k"`), l.note(""))
	for _, r := range []inbox.Recall{{Source: "shop", ID: "a"}, {Source: "shop", CollapseKey: "k"}} {
		for _, changed := range []bool{true, false} {
			got, err := l.Withdraw(l.Context(), l.user, r)
			if found := got.Item > 0; err != nil || got.Changed != changed || found != (changed || r.ID != "") {
				l.Errorf("withdraw %+v: %+v, error %v, want changed %v", r, got, err, changed)
			}
		}
	}
	l.shows("after both", protocol.Filter{}, []int64{3}, protocol.Counts{Unread: 1, Unseen: 1})
	if r := l.resume(l.head().Epoch, 3); !r.Recovered || len(r.Items) != 2 || !r.Items[0].Withdrawn || !r.Items[1].Withdrawn {
		l.Errorf("resume of a device that knows them: %+v, want both withdrawn", r)
	}
}

func markStates(l *log) {
	l.fill(6)
	l.mark(protocol.Mark{State: protocol.Seen, Items: []int64{2, 3}})
	l.same("seen through 3", protocol.Counts{Unread: 6, Unseen: 3}, l.counts())
	l.mark(protocol.Mark{State: protocol.Read, Items: []int64{5}})
	l.mark(protocol.Mark{State: protocol.Read, Through: 2})
	l.shows("three read", protocol.Filter{Unread: true}, []int64{6, 4, 3}, protocol.Counts{Unread: 3, Unseen: 2})
	l.mark(protocol.Mark{State: protocol.Unread, Items: []int64{1, 5}})
	l.shows("two unread again", protocol.Filter{Unread: true}, []int64{6, 5, 4, 3, 1}, protocol.Counts{Unread: 5, Unseen: 2})
	l.mark(protocol.Mark{State: protocol.Archived, Items: []int64{5, 6}})
	l.shows("two archived", protocol.Filter{Archived: true}, []int64{6, 5}, protocol.Counts{Unread: 3, Unseen: 1})
	if _, err := l.Mark(l.Context(), l.user, protocol.Mark{State: protocol.Unread, Items: []int64{5}}); !errors.Is(err, inbox.ErrState) {
		l.Errorf("unread of an archived item: error %v, want %v", err, inbox.ErrState)
	}
	if _, err := l.Mark(l.Context(), l.user, protocol.Mark{State: protocol.Read, Items: []int64{1, 99}}); !errors.Is(err, inbox.ErrNotFound) {
		l.Errorf("read of an unknown item: error %v, want %v", err, inbox.ErrNotFound)
	}
}

func markManyThrough(l *log) {
	l.fillFast(10_000)
	head := l.head()
	for at, state := range []protocol.State{protocol.Seen, protocol.Read, protocol.Archived} {
		l.writes.took()
		got := l.mark(protocol.Mark{State: state, Through: 10_000})
		commits := l.writes.took()
		if !got.Changed || got.Head.Offset != head.Offset+int64(at)+1 || len(commits) != 1 || len(commits[0].Items) != 0 {
			l.Errorf("%s through 10,000: %+v by %d commits, want one, of the head alone", state, got, len(commits))
		}
	}
	l.shows("all archived", protocol.Filter{}, nil, protocol.Counts{})
}

func archivedThrough(l *log) {
	l.fill(3)
	l.mark(protocol.Mark{State: protocol.Read, Items: []int64{1}})   // 4
	l.mark(protocol.Mark{State: protocol.Unread, Items: []int64{1}}) // 5: unread since then
	l.mark(protocol.Mark{State: protocol.Archived, Through: 2})      // 6
	l.shows("the rest", protocol.Filter{}, []int64{3}, protocol.Counts{Unread: 1, Unseen: 1})
	l.shows("the archive", protocol.Filter{Archived: true}, []int64{2, 1}, protocol.Counts{Unread: 1, Unseen: 1})
	r := l.resume(l.head().Epoch, 5)
	l.same("what a device is told", []int64{2, 2}, []int64{r.Head.ArchivedThrough, r.Head.ReadThrough})
	l.same("items beside it", 0, len(r.Items))
}

func expiry(l *log) {
	l.append(l.note(fmt.Sprintf(`,"expirytime":%q`, l.now().Add(10*time.Second).Format(time.RFC3339))), l.note(""))
	head := l.head()
	l.wait(10*time.Second - time.Millisecond)
	l.shows("a moment before", protocol.Filter{}, []int64{2, 1}, protocol.Counts{Unread: 2, Unseen: 2})
	l.wait(time.Millisecond)
	l.shows("its end", protocol.Filter{}, []int64{2}, protocol.Counts{Unread: 1, Unseen: 1})
	l.same("snapshot", []int64{2}, named(l.resume("", 0).Items))
	l.same("replay", []int64{2}, named(l.resume(head.Epoch, 0).Items))
	l.same("head", head, l.head())
	if _, err := l.Mark(l.Context(), l.user, protocol.Mark{State: protocol.Read, Items: []int64{1}}); !errors.Is(err, inbox.ErrNotFound) {
		l.Errorf("mark it: error %v, want %v", err, inbox.ErrNotFound)
	}
}

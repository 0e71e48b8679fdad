package storetest

import (
	"time"

	"bellhop/shared/inbox"
	"bellhop/shared/protocol"
)

// resumed says what a resume has given.
func (l *log) resumed(what string, got inbox.Resumed, want inbox.Resumed) {
	l.Helper()
	l.same(what+": items", named(want.Items), named(got.Items))
	if got.Recovered != want.Recovered || got.Offset != want.Offset || got.More != want.More {
		l.Errorf("%s: recovered %v, offset %d, more %v, want %v, %d, %v", what,
			got.Recovered, got.Offset, got.More, want.Recovered, want.Offset, want.More)
	}
}

// items are items of these offsets.
func items(offsets ...int64) (list []protocol.Item) {
	for _, o := range offsets {
		list = append(list, protocol.Item{Offset: o})
	}
	return list
}

func up(first, last int64) (list []int64) {
	for ; first <= last; first++ {
		list = append(list, first)
	}
	return list
}

func resumeFirst(l *log) {
	got := l.resume("", 0)
	l.resumed("of nobody", got, inbox.Resumed{})
	if got.Head.Epoch == "" || l.resume("", 0).Head.Epoch != got.Head.Epoch {
		l.Errorf("epoch %q, want one that stays", got.Head.Epoch)
	}
	l.fill(1)
	l.resumed("in the log that it began", l.resume(got.Head.Epoch, 0), inbox.Resumed{Recovered: true, Offset: 1, Items: items(1)})
}

func resumeFirstTogether(l *log) {
	epochs := make([]string, 2)
	together(2, func(i int) {
		if r, err := l.another(l.store).Resume(l.Context(), l.user, "", 0); err != nil {
			l.Error(err)
		} else {
			epochs[i] = r.Head.Epoch
		}
	})
	if epochs[0] != epochs[1] || epochs[0] == "" {
		l.Errorf("epochs %q, want the same", epochs)
	}
}

func resumeNothing(l *log) {
	l.fill(3)
	l.resumed("at the end", l.resume(l.head().Epoch, 3), inbox.Resumed{Recovered: true, Offset: 3})
}

func resumeOne(l *log) {
	l.fill(3)
	l.resumed("one before the end", l.resume(l.head().Epoch, 2), inbox.Resumed{Recovered: true, Offset: 3, Items: items(3)})
}

func resume100(l *log) {
	l.fillFast(110)
	epoch := l.head().Epoch
	l.resumed("100 before the end", l.resume(epoch, 10), inbox.Resumed{Recovered: true, Offset: 110, Items: items(up(11, 110)...)})
	l.resumed("101 before the end", l.resume(epoch, 9), inbox.Resumed{Recovered: true, Offset: 109, Items: items(up(10, 109)...), More: true})
}

// resume10000 gives the newest page, and the list goes on from there to the end.
func resume10000(l *log) {
	l.fillFast(10_000)
	epoch := l.head().Epoch
	l.resumed("from the start", l.resume(epoch, 0), inbox.Resumed{Offset: 10_000, Items: items(down(10_000, 9_951)...), More: true})
	l.resumed("1,000 before the end", l.resume(epoch, 9_000), inbox.Resumed{Recovered: true, Offset: 9_100, Items: items(up(9_001, 9_100)...), More: true})
	page, err := l.List(l.Context(), l.user, protocol.List{Before: 9_951, Limit: 100})
	if err != nil || !page.More {
		l.Errorf("the page after it: more %v, error %v", page.More, err)
	}
	l.same("the page after it", down(9_950, 9_851), named(page.Items))
	page, err = l.List(l.Context(), l.user, protocol.List{Before: 11, Limit: 100})
	if err != nil || page.More {
		l.Errorf("the last page: more %v, error %v", page.More, err)
	}
	l.same("the last page", down(10, 1), named(page.Items))
}

func resumeAhead(l *log) {
	l.fill(3)
	l.resumed("ahead", l.resume(l.head().Epoch, 4), inbox.Resumed{Offset: 3, Items: items(3, 2, 1)})
}

func resumeWrongEpoch(l *log) {
	l.fill(3)
	l.resumed("another epoch", l.resume("another", 3), inbox.Resumed{Offset: 3, Items: items(3, 2, 1)})
}

// resumeWhileMarked has two devices that come back again and again while a third
// marks: none is told of less than the offset that it is given.
func resumeWhileMarked(l *log) {
	const count = 30
	l.fill(count)
	epoch, logs := l.head().Epoch, []*inbox.Log{l.another(l.store), l.another(l.store), l.another(l.store)}
	read := [2]map[int64]bool{{}, {}}
	together(3, func(who int) {
		if who == 2 {
			for offset := range int64(count) {
				if _, err := logs[2].Mark(l.Context(), l.user, protocol.Mark{State: protocol.Read, Items: []int64{offset + 1}}); err != nil {
					l.Error(err)
				}
			}
			return
		}
		for at := int64(count); at < 2*count; {
			r, err := logs[who].Resume(l.Context(), l.user, epoch, at)
			if err != nil || !r.Recovered || r.Offset < at {
				l.Errorf("device %d from %d: %+v, error %v", who, at, r, err)
				return
			}
			for _, i := range r.Items {
				read[who][i.Offset] = i.Read
			}
			for offset := at - count + 1; offset <= r.Offset-count; offset++ {
				if !read[who][offset] {
					l.Errorf("device %d was given the offset %d, and not told that %d is read", who, r.Offset, offset)
				}
			}
			at = r.Offset
		}
	})
}

// resumeLostHead deletes the head beneath the log: it begins again, and no offset
// is used twice.
func resumeLostHead(l *log) {
	l.fill(3)
	l.mark(protocol.Mark{State: protocol.Archived, Items: []int64{2}}) // the change 4
	old := l.head()
	if err := l.store.LoseHead(l.Context(), l.user); err != nil {
		l.Fatal(err)
	}
	got := l.resume(old.Epoch, 4)
	l.resumed("after the loss", got, inbox.Resumed{Offset: 4, Items: items(3, 1)})
	if got.Head.Epoch == old.Epoch || got.Head.Epoch == "" {
		l.Errorf("epoch %q after %q, want a new one", got.Head.Epoch, old.Epoch)
	}
	if a := l.append(l.note(""))[0]; a.Item.Offset != 5 || a.Head.Epoch != got.Head.Epoch {
		l.Errorf("appended at %s %d, want 5 in the new epoch", a.Head.Epoch, a.Item.Offset)
	}
	l.resumed("in the new epoch", l.resume(got.Head.Epoch, 4), inbox.Resumed{Recovered: true, Offset: 5, Items: items(5)})
	l.resumed("in the old epoch", l.resume(old.Epoch, 4), inbox.Resumed{Offset: 5, Items: items(5, 3, 1)})
	l.shows("all", protocol.Filter{}, []int64{5, 3, 1}, protocol.Counts{Unread: 3, Unseen: 3})
}

// resumeRetention lets 90 days pass: nothing is left to show, and positions are
// still good.
func resumeRetention(l *log) {
	l.fill(3)
	head := l.head()
	l.wait(90 * 24 * time.Hour)
	l.shows("all over", protocol.Filter{}, nil, protocol.Counts{})
	l.resumed("of one that knows nothing", l.resume("", 0), inbox.Resumed{Offset: 3})
	l.resumed("of one that knows all", l.resume(head.Epoch, 3), inbox.Resumed{Recovered: true, Offset: 3})
	l.resumed("of one that knows a part", l.resume(head.Epoch, 1), inbox.Resumed{Recovered: true, Offset: 3})
	if a := l.append(l.note(""))[0]; a.Item.Offset != 4 || a.Head.Epoch != head.Epoch {
		l.Errorf("appended at %s %d, want 4 in the same epoch", a.Head.Epoch, a.Item.Offset)
	}
	l.resumed("after one more", l.resume(head.Epoch, 3), inbox.Resumed{Recovered: true, Offset: 4, Items: items(4)})
}

func resumeTorn(l *log) {
	torn := Torn(l.store)
	l.Log = l.another(torn)
	l.fill(30) // in two commits, of 24 and 6
	epoch := l.head().Epoch
	for _, hidden := range []int64{1, 6} {
		for _, asked := range []string{epoch, ""} {
			torn.Hide(int(hidden))
			got := l.resume(asked, 20)
			torn.Hide(0)
			if got.Offset != 24 || got.Recovered != (asked != "") {
				l.Errorf("%d hidden from %q: offset %d, recovered %v, want the offset 24, up to which all was seen", hidden, asked, got.Offset, got.Recovered)
			}
			l.same("the rest", up(25, 30), named(l.resume(epoch, got.Offset).Items))
		}
	}
}

// resumeTornMark hides one of six items that a mark has changed.
func resumeTornMark(l *log) {
	torn := Torn(l.store)
	l.Log = l.another(torn)
	l.fill(6)
	epoch := l.head().Epoch
	l.mark(protocol.Mark{State: protocol.Read, Items: up(1, 6)}) // 7
	torn.HideSome(func(latest int) bool { return latest == 2 })
	part, page := l.resume(epoch, 6), l.resume("", 0)
	torn.HideSome(nil)
	if part.Offset != 6 || page.Offset != 6 {
		l.Errorf("offsets %d and %d of a replay and a page, want 6, before the mark", part.Offset, page.Offset)
	}
	l.resumed("all of it", l.resume(epoch, 6), inbox.Resumed{Recovered: true, Offset: 7, Items: items(up(1, 6)...)})
}

package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"bellhop/shared/inbox"
)

func commitCases() []testCase {
	return []testCase{
		{"begins a log, once", beginOnce},
		{"conflicts when the head is another", headConflicts},
		{"conflicts when a record is another, and writes nothing", recordConflicts},
		{"changes records", changeRecords},
		{"moves the head alone", moveHead},
		{"writes 100 records", mostWrites},
		{"refuses 101 records", tooManyWrites},
		{"keeps no memory of the caller's", ownMemory},
	}
}

func beginOnce(t *testing.T, s Stores) {
	l := begin(t, s)
	first := l.load(inbox.Want{}).Head
	if d := diff(l.head, first); d != "" {
		t.Errorf("head of a new log (-want +got):\n%s", d)
	}
	l.conflict(inbox.Change{Head: inbox.Head{Epoch: "again", At: moment()}})
	l.conflict(inbox.Change{Head: inbox.Head{Epoch: "again", Offset: 1, At: moment()}, Items: writes(item(1))})
	if d := diff(first, l.load(inbox.Want{}).Head); d != "" {
		t.Errorf("head after it was to begin again (-want +got):\n%s", d)
	}
	l.wantItems()
}

func headConflicts(t *testing.T, s Stores) {
	l := begin(t, s)
	old := l.head
	l.put(item(1))
	moved, epoch, ahead := old, l.head, l.head
	epoch.Epoch = "another"
	ahead.Offset++
	for name, was := range map[string]inbox.Head{"moved on": moved, "of another epoch": epoch, "not there yet": ahead} {
		t.Run(name, func(t *testing.T) {
			sub := *l
			sub.t = t
			sub.conflict(inbox.Change{Was: was, Head: l.next(), Items: writes(item(2))})
			sub.conflict(inbox.Change{Was: was, Head: l.next()})
		})
	}
	if d := diff(l.head, l.load(inbox.Want{}).Head); d != "" {
		t.Errorf("head after the conflicts (-want +got):\n%s", d)
	}
	l.wantItems(item(1))

	nobody := &userLog{t: t, table: s.Inbox, user: unique("nobody")}
	nobody.conflict(inbox.Change{Was: l.head, Head: l.next(), Items: writes(item(1))})
	nobody.conflict(inbox.Change{Was: l.head, Head: l.next()})
	nobody.wantItems()
}

// recordConflicts tries every wrong version, as the last of records that are
// right.
func recordConflicts(t *testing.T, s Stores) {
	l := begin(t, s)
	l.must(inbox.Change{
		Items:    writes(item(1), item(5)),
		Markers:  []inbox.MarkerWrite{{ID: "m5", Marker: inbox.Marker{Offset: 5, Expires: later()}}},
		Pointers: []inbox.PointerWrite{{CollapseKey: "p5", Pointer: inbox.Pointer{Offset: 5, Expires: later()}}},
	})
	everything := inbox.Want{Markers: []string{"m5", "m6"}, Pointers: []string{"p5", "p6"}, Items: []int64{1, 5, 6, 7}}
	before := l.load(everything)
	for name, wrong := range wrongWrites() {
		t.Run(name, func(t *testing.T) {
			sub := *l
			sub.t = t
			c := wrong
			c.Was, c.Head = l.head, l.next()
			fine := item(1)
			fine.Changed, fine.Unread = 9, 0
			c.Items = append([]inbox.ItemWrite{{Item: fine, Was: 1}, {Item: item(7)}}, c.Items...)
			sub.conflict(c)
			if d := diff(before, sub.load(everything)); d != "" {
				t.Errorf("records after a conflict (-want +got):\n%s", d)
			}
			sub.wantItems(item(1), item(5))
			if got := len(sub.allUnread(inbox.UnreadQuery{Limit: 10})); got != 2 {
				t.Errorf("unread after a conflict: got %d, want 2", got)
			}
		})
	}
}

// wrongWrites is changes of a log that has item 5, marker m5 and pointer p5,
// all of version 5, and none with a 6.
func wrongWrites() map[string]inbox.Change {
	wrong := map[string]inbox.Change{}
	for name, w := range map[string]struct{ key, was int64 }{
		"is there": {5, 0}, "is not there": {6, 6}, "has an older version": {5, 6}, "has a newer version": {5, 4},
	} {
		i := item(w.key)
		i.Changed = 9
		id := fmt.Sprint(w.key)
		wrong["item "+name] = inbox.Change{Items: []inbox.ItemWrite{{Item: i, Was: w.was}}}
		wrong["marker "+name] = inbox.Change{Markers: []inbox.MarkerWrite{
			{ID: "m" + id, Marker: inbox.Marker{Offset: 9, Expires: later()}, Was: w.was},
		}}
		wrong["pointer "+name] = inbox.Change{Pointers: []inbox.PointerWrite{
			{CollapseKey: "p" + id, Pointer: inbox.Pointer{Offset: 9, Expires: later()}, Was: w.was},
		}}
	}
	return wrong
}

func changeRecords(t *testing.T, s Stores) {
	l := begin(t, s)
	l.must(inbox.Change{
		Items:    writes(item(1), item(2)),
		Markers:  []inbox.MarkerWrite{{ID: "m", Marker: inbox.Marker{Offset: 1, Hash: [32]byte{1}, Expires: later()}}},
		Pointers: []inbox.PointerWrite{{CollapseKey: "p", Pointer: inbox.Pointer{Offset: 1, Expires: later()}}},
	})
	changed := item(1)
	changed.Changed, changed.Unread, changed.Read, changed.Event = 2, 0, moment(), nil
	marker, pointer := inbox.Marker{Offset: 2, Hash: [32]byte{2}, Expires: later()}, inbox.Pointer{Offset: 2, Expires: later()}
	l.must(inbox.Change{
		Items:    []inbox.ItemWrite{{Item: changed, Was: 1}},
		Markers:  []inbox.MarkerWrite{{ID: "m", Marker: marker, Was: 1}},
		Pointers: []inbox.PointerWrite{{CollapseKey: "p", Pointer: pointer, Was: 1}},
	})
	want := inbox.Loaded{
		Head:     l.head,
		Markers:  map[string]inbox.Marker{"m": marker},
		Pointers: map[string]inbox.Pointer{"p": pointer},
		Items:    map[int64]inbox.Item{1: changed},
	}
	if d := diff(want, l.load(inbox.Want{Markers: []string{"m"}, Pointers: []string{"p"}, Items: []int64{1}})); d != "" {
		t.Errorf("records after a change (-want +got):\n%s", d)
	}
	l.wantItems(changed, item(2))
}

func moveHead(t *testing.T, s Stores) {
	l := begin(t, s)
	for i := range int64(3) {
		h := l.next()
		h.SeenThrough, h.ReadThrough, h.LastItem = i, 2*i, 0
		l.must(inbox.Change{Head: h})
		if d := diff(inbox.Loaded{Head: h}, l.load(inbox.Want{})); d != "" {
			t.Errorf("head (-want +got):\n%s", d)
		}
	}
}

// mostWrites is a head and 33 each of items, markers and pointers.
func mostWrites(t *testing.T, s Stores) {
	l := begin(t, s)
	var c inbox.Change
	var want inbox.Want
	for i := int64(1); i <= (inbox.MaxWrites-1)/3; i++ {
		id := fmt.Sprintf("key %d", i)
		c.Items = append(c.Items, writes(item(i))...)
		c.Markers = append(c.Markers, inbox.MarkerWrite{ID: id, Marker: inbox.Marker{Offset: i, Expires: later()}})
		c.Pointers = append(c.Pointers, inbox.PointerWrite{CollapseKey: id, Pointer: inbox.Pointer{Offset: i, Expires: later()}})
		want.Items, want.Markers, want.Pointers = append(want.Items, i), append(want.Markers, id), append(want.Pointers, id)
	}
	l.must(c)
	got := l.load(want)
	if len(got.Items) != 33 || len(got.Markers) != 33 || len(got.Pointers) != 33 {
		t.Errorf("got %d items, %d markers, %d pointers, want 33 of each", len(got.Items), len(got.Markers), len(got.Pointers))
	}
	if d := diff(l.head, got.Head); d != "" {
		t.Errorf("head (-want +got):\n%s", d)
	}
}

func tooManyWrites(t *testing.T, s Stores) {
	l := begin(t, s)
	err := l.table.Commit(t.Context(), l.user, inbox.Change{Was: l.head, Head: l.next(), Items: writes(series(inbox.MaxWrites)...)})
	if err == nil || errors.Is(err, inbox.ErrConflict) {
		t.Errorf("commit of %d records: got error %v, want one that is no conflict", inbox.MaxWrites+1, err)
	}
	if d := diff(l.head, l.load(inbox.Want{}).Head); d != "" {
		t.Errorf("head (-want +got):\n%s", d)
	}
	l.wantItems()
}

func ownMemory(t *testing.T, s Stores) {
	l := begin(t, s)
	given := item(1)
	given.Event = bytes.Clone(given.Event)
	l.put(given)
	scribble(given.Event)
	scribble(l.load(inbox.Want{Items: []int64{1}}).Items[1].Event)
	scribble(l.query(inbox.Query{Index: inbox.ByChange, Limit: 1}).Items[0].Event)
	l.wantItems(item(1))
}

func scribble(b []byte) {
	for i := range b {
		b[i] = 'x'
	}
}

package storetest

import (
	"testing"

	"bellhop/shared/inbox"
)

func loadCases() []testCase {
	return []testCase{
		{"nothing is there", loadNothing},
		{"the head alone", loadHead},
		{"what exists among what does not", loadSome},
		{"99 records", loadMost},
		{"users never see each other", usersApart},
	}
}

func loadNothing(t *testing.T, s Stores) {
	l := &userLog{t: t, table: s.Inbox, user: unique("nobody")}
	got := l.load(inbox.Want{Markers: []string{"m"}, Pointers: []string{"p"}, Items: []int64{1}})
	if d := diff(inbox.Loaded{}, got); d != "" {
		t.Errorf("loaded of a user without a log (-want +got):\n%s", d)
	}
	if d := diff(inbox.Loaded{}, l.load(inbox.Want{})); d != "" {
		t.Errorf("head of a user without a log (-want +got):\n%s", d)
	}
	for _, index := range []inbox.Index{inbox.ByOffset, inbox.ByChange} {
		found := l.query(inbox.Query{Index: index, Limit: 10})
		if d := diff(inbox.Found{}, found); d != "" {
			t.Errorf("index %d of a user without a log (-want +got):\n%s", index, d)
		}
	}
	if entries := l.allUnread(inbox.UnreadQuery{Limit: 10}); len(entries) > 0 {
		t.Errorf("unread of a user without a log: got %+v, want none", entries)
	}
}

func loadHead(t *testing.T, s Stores) {
	l := begin(t, s)
	l.put(item(1))
	if d := diff(inbox.Loaded{Head: l.head}, l.load(inbox.Want{})); d != "" {
		t.Errorf("loaded (-want +got):\n%s", d)
	}
}

func loadSome(t *testing.T, s Stores) {
	l := begin(t, s)
	marker, pointer := inbox.Marker{Offset: 1, Expires: later()}, inbox.Pointer{Offset: 2, Expires: later()}
	l.must(inbox.Change{
		Items:    writes(item(1), item(2)),
		Markers:  []inbox.MarkerWrite{{ID: "m1", Marker: marker}},
		Pointers: []inbox.PointerWrite{{CollapseKey: "p1", Pointer: pointer}},
	})
	want := inbox.Loaded{
		Head:     l.head,
		Markers:  map[string]inbox.Marker{"m1": marker},
		Pointers: map[string]inbox.Pointer{"p1": pointer},
		Items:    map[int64]inbox.Item{2: item(2)},
	}
	got := l.load(inbox.Want{Markers: []string{"m0", "m1", "p1"}, Pointers: []string{"p1", "m1"}, Items: []int64{2, 3}})
	if d := diff(want, got); d != "" {
		t.Errorf("loaded (-want +got):\n%s", d)
	}
}

func loadMost(t *testing.T, s Stores) {
	l := begin(t, s)
	l.put(series(99)...)
	want := inbox.Loaded{Head: l.head, Items: map[int64]inbox.Item{}}
	var ask inbox.Want
	for _, i := range series(99) {
		want.Items[i.Offset] = i
		ask.Items = append(ask.Items, i.Offset)
	}
	if d := diff(want, l.load(ask)); d != "" {
		t.Errorf("loaded (-want +got):\n%s", d)
	}
}

// usersApart has users whose names begin with another's, or look like keys.
func usersApart(t *testing.T, s Stores) {
	base := unique("a")
	names := []string{"", "#b", "\x01", "\x01\x01", "HEAD", "N#", "N#00000000000000000001", "/", "ÿ", "\U0010ffff"}
	logs := make([]*userLog, len(names))
	for i, name := range names {
		logs[i] = beginAs(t, s, base+name)
		own := item(1)
		own.Event = []byte(base + name)
		logs[i].must(inbox.Change{
			Items:    writes(own, item(int64(i)+2)),
			Markers:  []inbox.MarkerWrite{{ID: "m", Marker: inbox.Marker{Offset: int64(i) + 2, Expires: later()}}},
			Pointers: []inbox.PointerWrite{{CollapseKey: "p", Pointer: inbox.Pointer{Offset: int64(i) + 2, Expires: later()}}},
		})
	}
	for i, l := range logs {
		own := item(1)
		own.Event = []byte(l.user)
		l.wantItems(own, item(int64(i)+2))
		for _, index := range []inbox.Index{inbox.ByOffset, inbox.ByChange} {
			if n := len(l.all(inbox.Query{Index: index, Limit: 100})); n != 2 {
				t.Errorf("index %d of %q: got %d items, want 2", index, l.user, n)
			}
		}
		if n := len(l.allUnread(inbox.UnreadQuery{Limit: 100})); n != 2 {
			t.Errorf("unread of %q: got %d entries, want 2", l.user, n)
		}
		got := l.load(inbox.Want{Markers: []string{"m"}, Pointers: []string{"p"}})
		if got.Head.Epoch != l.head.Epoch || got.Markers["m"].Offset != int64(i)+2 || got.Pointers["p"].Offset != int64(i)+2 {
			t.Errorf("loaded of %q: got %+v, want epoch %s and offset %d", l.user, got, l.head.Epoch, i+2)
		}
	}
}

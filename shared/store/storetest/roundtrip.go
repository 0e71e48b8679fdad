package storetest

import (
	"crypto/sha256"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"bellhop/shared/inbox"
)

func roundTripCases() []testCase {
	return []testCase{
		{"heads", headsReturn},
		{"items", itemsReturn},
		{"markers and pointers", smallReturn},
		{"users of odd characters", usersReturn},
		{"collapse keys of odd characters", keysReturn},
	}
}

// oddNames are what users and collapse keys may be called: UTF-8 without NUL,
// up to 255 characters.
func oddNames() []string {
	return []string{
		"#", "/", "a#b", "a/b/", "%00", " ", "a b", `"\`, "\x01", "\x7f", "é", "e\u0301", "ß", "日本語", "\u2028", "\ufeff",
		"👩‍👩‍👧‍👦", "\U0010ffff", "HEAD", "N#00000000000000000001", "ID#m", "C#p",
		strings.Repeat("x", 255), strings.Repeat("é", 255), strings.Repeat("🛎", 255),
	}
}

func headsReturn(t *testing.T, s Stores) {
	l := begin(t, s)
	for _, h := range []inbox.Head{
		{Epoch: "e", Offset: 1, LastItem: 0, At: time.UnixMilli(1).UTC()},
		{Epoch: "e", Offset: 2, LastItem: 1, SeenThrough: 2, ReadThrough: 1, ArchivedThrough: 3, At: moment(), LastFrom: 1, LastCount: 99},
		{Epoch: "é", Offset: 1<<53 + 1, LastItem: 1<<53 + 1, SeenThrough: 1<<53 + 1, ReadThrough: 1<<53 + 1, ArchivedThrough: 1<<53 + 1, At: moment()},
		{Epoch: strings.Repeat("E", 100), Offset: math.MaxInt64, LastItem: math.MaxInt64, At: time.Date(2999, 12, 31, 23, 59, 59, 999e6, time.UTC)},
	} {
		l.must(inbox.Change{Head: h})
		if d := diff(h, l.load(inbox.Want{}).Head); d != "" {
			t.Errorf("head (-want +got):\n%s", d)
		}
	}
}

func itemsReturn(t *testing.T, s Stores) {
	l := begin(t, s)
	expires := time.Date(2099, 1, 2, 3, 4, 5, 0, time.UTC)
	items := []inbox.Item{
		{Offset: 1, Changed: 1, Unread: 1, Event: []byte(`{}`), Expires: expires},
		{Offset: 2, Changed: 3, Event: []byte("{\"a\":\"é 🛎 \\u0000 \u2028 \\\" \"}"), Read: moment(), Expires: expires},
		{Offset: 3, Changed: 9, Event: []byte(" {\n} "), Archived: moment().Add(time.Millisecond), Expires: expires},
		{Offset: 4, Changed: 9, Withdrawn: moment().Add(2 * time.Millisecond), Expires: expires},
		{Offset: 5, Changed: 7, Unread: 6, Event: []byte(strings.Repeat("e", 31<<10)), Read: time.UnixMilli(1), Archived: moment(), Withdrawn: moment(), Expires: time.Unix(1, 0)},
		{Offset: 1<<53 + 1, Changed: 1<<53 + 3, Unread: 1<<53 + 3, Event: []byte(`{}`), Expires: expires},
		{Offset: math.MaxInt64 - 1, Changed: math.MaxInt64, Unread: math.MaxInt64, Event: []byte(`{}`), Expires: expires},
	}
	l.put(items...)
	for _, i := range items {
		if d := diff(map[int64]inbox.Item{i.Offset: i}, l.load(inbox.Want{Items: []int64{i.Offset}}).Items); d != "" {
			t.Errorf("loaded (-want +got):\n%s", d)
		}
	}
	both(t, func(t *testing.T, q inbox.Query) { l.wantAnswer(t, items, q) })
}

func smallReturn(t *testing.T, s Stores) {
	l := begin(t, s)
	binary := [32]byte{}
	for i := range binary {
		binary[i] = byte(255 - i*8)
	}
	want := inbox.Loaded{
		Markers: map[string]inbox.Marker{
			"zero":   {Offset: 1, Expires: time.Unix(1, 0)},
			"binary": {Offset: 1<<53 + 1, Hash: binary, Until: time.Unix(2, 0), Expires: later()},
			"sum":    {Offset: math.MaxInt64, Hash: sha256.Sum256(nil), Expires: later()},
		},
		Pointers: map[string]inbox.Pointer{
			"a": {Offset: 1, Expires: time.Unix(1, 0)}, "b": {Offset: 1<<53 + 1, Expires: later()}, "c": {Offset: math.MaxInt64, Expires: later()},
		},
	}
	var c inbox.Change
	var ask inbox.Want
	for id, m := range want.Markers {
		c.Markers, ask.Markers = append(c.Markers, inbox.MarkerWrite{ID: id, Marker: m}), append(ask.Markers, id)
	}
	for key, p := range want.Pointers {
		c.Pointers, ask.Pointers = append(c.Pointers, inbox.PointerWrite{CollapseKey: key, Pointer: p}), append(ask.Pointers, key)
	}
	l.must(c)
	want.Head = l.head
	if d := diff(want, l.load(ask)); d != "" {
		t.Errorf("loaded (-want +got):\n%s", d)
	}
}

// usersReturn makes the users unique at their end, where they still are odd.
func usersReturn(t *testing.T, s Stores) {
	for i, name := range oddNames() {
		if len([]rune(name)) < 200 {
			name += unique("")
		} else {
			name = string([]rune(name)[:200]) + unique("")
		}
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			l := beginAs(t, s, name)
			l.put(item(1))
			l.wantItems(item(1))
		})
	}
}

func keysReturn(t *testing.T, s Stores) {
	l := begin(t, s)
	var c inbox.Change
	want := inbox.Loaded{Pointers: map[string]inbox.Pointer{}}
	for i, key := range oddNames() {
		p := inbox.Pointer{Offset: int64(i) + 1, Expires: later()}
		c.Pointers = append(c.Pointers, inbox.PointerWrite{CollapseKey: key, Pointer: p})
		want.Pointers[key] = p
	}
	l.must(c)
	want.Head = l.head
	if d := diff(want, l.load(inbox.Want{Pointers: oddNames()})); d != "" {
		t.Errorf("loaded (-want +got):\n%s", d)
	}
	l.wantItems()
}

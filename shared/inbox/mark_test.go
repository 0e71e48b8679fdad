package inbox_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"bellhop/shared/inbox"
	"bellhop/shared/protocol"
)

func TestMarkTakesOneOffsetOrNone(t *testing.T) {
	tests := []struct {
		name    string
		mark    protocol.Mark
		items   []int64 // that change
		through int64
		counts  protocol.Counts
	}{
		{"read items", protocol.Mark{State: protocol.Read, Items: []int64{3, 1, 3}}, []int64{1, 3}, 0, protocol.Counts{Unread: 3, Unseen: 3}},
		{"read through", protocol.Mark{State: protocol.Read, Through: 4}, nil, 4, protocol.Counts{Unread: 1, Unseen: 1}},
		{"read beyond the end", protocol.Mark{State: protocol.Read, Through: 1 << 40}, nil, 5, protocol.Counts{}},
		{"seen through", protocol.Mark{State: protocol.Seen, Through: 4}, nil, 4, protocol.Counts{Unread: 5, Unseen: 1}},
		{"seen items", protocol.Mark{State: protocol.Seen, Items: []int64{4, 2}}, nil, 4, protocol.Counts{Unread: 5, Unseen: 1}},
		{"archived", protocol.Mark{State: protocol.Archived, Items: []int64{2}}, []int64{2}, 0, protocol.Counts{Unread: 4, Unseen: 4}},
		{"unread what is unread", protocol.Mark{State: protocol.Unread, Items: []int64{2}}, nil, 0, protocol.Counts{Unread: 5, Unseen: 5}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := setup(t)
			f.fill(5)
			f.table.took()
			changes := tt.items != nil || tt.through > 0
			got := f.mark(tt.mark)
			if changes {
				f.calls("the mark", "load commit")
			}
			want := int64(5)
			if changes {
				want = 6
			}
			if got.Changed != changes || got.Head.Offset != want || got.Through != tt.through {
				t.Errorf("%+v, want changed %v, offset %d, through %d", got, changes, want, tt.through)
			}
			same(t, "items that changed", tt.items, got.Items)
			same(t, "badge", tt.counts, f.counts())

			f.table.took()
			if again := f.mark(tt.mark); again.Changed || again.Head.Offset != want || again.Items != nil {
				t.Errorf("the same again: %+v, want no change at offset %d", again, want)
			}
			f.calls("the same again", "load")
		})
	}
}

func TestMarkRefuses(t *testing.T) {
	f := setup(t)
	f.append(f.make(`,"collapsekey":"k"`), f.make(`,"collapsekey":"k"`), f.make(`,"expirytime":"2026-11-25T08:00:10Z"`), f.make("")) // 1, 3, 4, 5
	f.mark(protocol.Mark{State: protocol.Archived, Items: []int64{3}})
	f.now = f.now.Add(10 * time.Second)
	for name, tt := range map[string]struct {
		state protocol.State
		item  int64
		want  error
	}{
		"unknown":   {protocol.Read, 99, inbox.ErrNotFound},
		"no item":   {protocol.Read, 2, inbox.ErrNotFound},
		"zero":      {protocol.Seen, 0, inbox.ErrNotFound},
		"withdrawn": {protocol.Read, 1, inbox.ErrNotFound},
		"expired":   {protocol.Unread, 4, inbox.ErrNotFound},
		"archived":  {protocol.Unread, 3, inbox.ErrState},
	} {
		if _, err := f.Mark(f.ctx, "ada", protocol.Mark{State: tt.state, Items: []int64{5, tt.item}}); !errors.Is(err, tt.want) && tt.item != 0 {
			t.Errorf("%s: error %v, want %v", name, err, tt.want)
		}
	}
	if _, err := f.Mark(f.ctx, "eve", protocol.Mark{State: protocol.Read, Items: []int64{5}}); !errors.Is(err, inbox.ErrNotFound) {
		t.Errorf("another user's item: error %v, want not found", err)
	}
	same(t, "unread after refusals", []int64{5}, f.list(protocol.List{Filter: protocol.Filter{Unread: true}}))
}

func TestUnreadAgainOutlivesAnEarlierReadThrough(t *testing.T) {
	f := setup(t)
	f.fill(3)
	f.mark(protocol.Mark{State: protocol.Read, Through: 3})          // 4
	f.mark(protocol.Mark{State: protocol.Unread, Items: []int64{2}}) // 5
	if got := f.mark(protocol.Mark{State: protocol.Read, Through: 4}); !got.Changed {
		t.Errorf("read through 4: %+v, want the watermark moved", got)
	}
	same(t, "unread", []int64{2}, f.list(protocol.List{Filter: protocol.Filter{Unread: true}}))
	same(t, "badge", 1, f.counts().Unread)
	f.mark(protocol.Mark{State: protocol.Read, Through: 5})
	same(t, "badge after read through 5", 0, f.counts().Unread)
	same(t, "unread after read through 5", []int64{}, f.list(protocol.List{Filter: protocol.Filter{Unread: true}}))
}

// TestWhatWasReadStaysSeen marks one read by itself and one by the watermark,
// and then both unread: the user has met them, however they were read.
func TestWhatWasReadStaysSeen(t *testing.T) {
	f := setup(t)
	f.fill(3)
	f.mark(protocol.Mark{State: protocol.Read, Through: 1})             // 4
	f.mark(protocol.Mark{State: protocol.Read, Items: []int64{2}})      // 5
	f.mark(protocol.Mark{State: protocol.Unread, Items: []int64{1, 2}}) // 6
	same(t, "badge", protocol.Counts{Unread: 3, Unseen: 1}, f.counts())
	for offset, i := range f.everything() {
		if i.Read || i.Seen != (offset < 3) {
			t.Errorf("item %d: read %v, seen %v, want it unread and seen %v", offset, i.Read, i.Seen, offset < 3)
		}
	}
}

func TestMarkRepeatsAfterALostRace(t *testing.T) {
	f := setup(t)
	f.fill(2)
	other := inbox.New(f.table, &inbox.Options{Now: func() time.Time { return f.now }}) // another process
	f.step("commit", 1, func() {
		if _, err := other.Mark(f.ctx, "ada", protocol.Mark{State: protocol.Read, Items: []int64{1}}); err != nil {
			t.Error(err)
		}
	})
	got := f.mark(protocol.Mark{State: protocol.Read, Items: []int64{2}})
	if got.Head.Offset != 4 {
		t.Errorf("offset %d, want 4, after the one that won", got.Head.Offset)
	}
	same(t, "badge", 0, f.counts().Unread)
}

func TestCountsStopAt100(t *testing.T) {
	for _, count := range []int{99, 100, 101, 250} {
		f := setup(t)
		f.fill(count)
		f.table.took()
		same(t, fmt.Sprint(count), protocol.Counts{Unread: min(count, 100), Unseen: min(count, 100)}, f.counts())
		f.calls(fmt.Sprintf("counting %d", count), "query")
		f.mark(protocol.Mark{State: protocol.Seen, Through: int64(count - 20)})
		same(t, fmt.Sprintf("%d, 20 unseen", count), protocol.Counts{Unread: min(count, 100), Unseen: 20}, f.counts())
	}
}

func TestUnseenIsCountedBehindOlderUnreadAgain(t *testing.T) {
	f := setup(t)
	f.fill(150)
	f.mark(protocol.Mark{State: protocol.Read, Through: 140})
	f.mark(protocol.Mark{State: protocol.Seen, Through: 145})
	for first := int64(1); first <= 101; first += 50 { // newest in the index, and seen
		f.mark(protocol.Mark{State: protocol.Unread, Items: from(first, min(first+49, 120))})
	}
	same(t, "badge", protocol.Counts{Unread: 100, Unseen: 5}, f.counts())
}

func TestExpiryLowersCountsWithoutAWrite(t *testing.T) {
	f := setup(t)
	f.append(f.make(`,"expirytime":"2026-11-25T08:00:10Z"`), f.make(""))
	offset := f.head().Offset
	same(t, "before", protocol.Counts{Unread: 2, Unseen: 2}, f.counts())
	f.now = f.now.Add(10 * time.Second)
	same(t, "after", protocol.Counts{Unread: 1, Unseen: 1}, f.counts())
	same(t, "offset", offset, f.head().Offset)
}

func TestListFiltersAndPages(t *testing.T) {
	f := setup(t)
	for i := range 60 {
		f.append(f.make(fmt.Sprintf(`,"type":"t%d"`, i%3)))
	}
	f.mark(protocol.Mark{State: protocol.Read, Through: 50})
	f.mark(protocol.Mark{State: protocol.Archived, Items: []int64{60, 10}})
	f.mark(protocol.Mark{State: protocol.Unread, Items: []int64{7}})
	for name, tt := range map[string]struct {
		ask  protocol.List
		want []int64
		more bool
	}{
		"default":           {protocol.List{}, without(from(59, 9), 10), true},
		"limit":             {protocol.List{Limit: 2}, []int64{59, 58}, true},
		"before":            {protocol.List{Before: 12, Limit: 3}, []int64{11, 9, 8}, true},
		"the end":           {protocol.List{Before: 4, Limit: 3}, []int64{3, 2, 1}, false},
		"before all":        {protocol.List{Before: 1}, []int64{}, false},
		"beyond the newest": {protocol.List{Before: 1000, Limit: 1}, []int64{59}, true},
		"unread":            {protocol.List{Filter: protocol.Filter{Unread: true}}, append(from(59, 51), 7), false},
		"archived":          {protocol.List{Filter: protocol.Filter{Archived: true}}, []int64{60, 10}, false},
		"archived page":     {protocol.List{Limit: 1, Filter: protocol.Filter{Archived: true}}, []int64{60}, true},
		"type":              {protocol.List{Limit: 2, Filter: protocol.Filter{Type: "t1"}}, []int64{59, 56}, true},
		"type and unread":   {protocol.List{Filter: protocol.Filter{Type: "t0", Unread: true}}, []int64{58, 55, 52, 7}, false},
		"unknown type":      {protocol.List{Filter: protocol.Filter{Type: "t"}}, []int64{}, false},
	} {
		for _, page := range []int{0, 3} {
			f.table.page = page
			got, err := f.List(f.ctx, "ada", tt.ask)
			if err != nil || got.More != tt.more {
				t.Errorf("%s, rows in pages of %d: more %v, error %v, want more %v", name, page, got.More, err, tt.more)
			}
			same(t, name, tt.want, offsets(got.Items))
		}
	}
}

func without(list []int64, gone int64) []int64 {
	kept := []int64{}
	for _, n := range list {
		if n != gone {
			kept = append(kept, n)
		}
	}
	return kept
}

func TestListFillsOneFrame(t *testing.T) {
	f := setup(t)
	f.append(f.big(), f.make(""), f.big())
	for before, want := range map[int64][]int64{0: {3}, 3: {2}, 2: {1}} {
		got, err := f.List(f.ctx, "ada", protocol.List{Before: before})
		if err != nil || got.More != (before != 2) {
			t.Errorf("before %d: more %v, error %v", before, got.More, err)
		}
		same(t, fmt.Sprint("before ", before), want, offsets(got.Items))
	}
}

func TestAFilterThatPassesLittleReadsLargePages(t *testing.T) {
	f := setup(t)
	f.fill(500)
	f.table.took()
	f.list(protocol.List{Limit: 1, Filter: protocol.Filter{Type: "none"}})
	if calls := len(f.table.took()); calls > 10 {
		t.Errorf("a list of one in 500 took %d calls, want no more than 10", calls)
	}
	f.list(protocol.List{Limit: 1})
	f.calls("a list of one without a filter", "load query")
}

func TestErrorsNameTheUserAndKeepTheCause(t *testing.T) {
	f := setup(t)
	away := errors.New("table is away")
	f.table.reply = func(string) (bool, error) { return false, away }
	_, listErr := f.List(f.ctx, "ada", protocol.List{})
	_, markErr := f.Mark(f.ctx, "ada", protocol.Mark{State: protocol.Read, Through: 1})
	_, resumeErr := f.Resume(f.ctx, "ada", "", 0)
	for name, err := range map[string]error{"list": listErr, "mark": markErr, "resume": resumeErr} {
		if !errors.Is(err, away) || !strings.Contains(err.Error(), "ada") {
			t.Errorf("%s: error %v, want the store's with the user's name", name, err)
		}
	}
}

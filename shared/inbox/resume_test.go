package inbox_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"bellhop/shared/inbox"
	"bellhop/shared/protocol"
)

func TestResumeGivesWhatWasMissed(t *testing.T) {
	tests := []struct {
		name         string
		head, offset int64
		recovered    bool
		items        []int64
		claimed      int64
		more         bool
		calls        string
	}{
		{"an empty log", 0, 0, true, []int64{}, 0, false, "load"},
		{"nothing", 5, 5, true, []int64{}, 5, false, "load"},
		{"one", 5, 4, true, []int64{5}, 5, false, "load query"},
		{"100", 120, 20, true, from(21, 120), 120, false, "load query"},
		{"101", 121, 20, true, from(21, 120), 120, true, "load query query"},
		{"1,000", 1000, 0, true, from(1, 100), 100, true, "load query query"},
		{"1,001", 1001, 0, false, from(1001, 952), 1001, true, "load query"},
		{"an offset ahead of the log", 5, 6, false, from(5, 1), 5, false, "load query"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := setup(t)
			f.resume("", 0) // begins the log
			if tt.head > 0 {
				f.fill(int(tt.head))
			}
			f.table.took()
			got := f.resume("epoch1", tt.offset)
			f.calls("the resume", tt.calls)
			same(t, "items", tt.items, offsets(got.Items))
			if got.Recovered != tt.recovered || got.Offset != tt.claimed || got.More != tt.more {
				t.Errorf("recovered %v, offset %d, more %v, want %v, %d, %v", got.Recovered, got.Offset, got.More, tt.recovered, tt.claimed, tt.more)
			}
		})
	}
}

func TestResumeInAnotherEpochGivesTheNewestPage(t *testing.T) {
	f := setup(t)
	f.fill(3)
	for _, epoch := range []string{"", "epoch0"} {
		got := f.resume(epoch, 3)
		if got.Recovered || got.Offset != 3 || got.Head.Epoch != "epoch1" {
			t.Errorf("epoch %q: %+v, want the newest page of epoch1", epoch, got)
		}
		same(t, "items", from(3, 1), offsets(got.Items))
	}
}

func TestResumeShowsEachItemInItsLatestState(t *testing.T) {
	f := setup(t)
	f.fill(4)
	f.mark(protocol.Mark{State: protocol.Read, Items: []int64{1}})       // 5
	f.mark(protocol.Mark{State: protocol.Archived, Items: []int64{2}})   // 6
	f.mark(protocol.Mark{State: protocol.Unread, Items: []int64{1}})     // 7
	f.append(f.make(`,"collapsekey":"k"`), f.make(`,"collapsekey":"k"`)) // 8, withdrawn at 9, 10
	f.mark(protocol.Mark{State: protocol.Seen, Through: 3})              // 11

	got := f.resume("epoch1", 4)
	type state struct {
		Offset                          int64
		Read, Seen, Archived, Withdrawn bool
		UnreadSince                     int64
	}
	var states []state
	for _, i := range got.Items {
		states = append(states, state{i.Offset, i.Read, i.Seen, i.Archived, i.Withdrawn, i.UnreadSince})
	}
	same(t, "what changed after 4", []state{
		{Offset: 2, Read: true, Seen: true, Archived: true},
		{Offset: 1, Seen: true, UnreadSince: 7},
		{Offset: 10},
	}, states)
	if got.Offset != 11 || got.Head.SeenThrough != 3 {
		t.Errorf("offset %d, seen through %d, want 11 and 3", got.Offset, got.Head.SeenThrough)
	}

	got = f.resume("epoch1", 8) // it has 8, which is withdrawn
	same(t, "what changed after 8", []int64{8, 10}, offsets(got.Items))
	if w := got.Items[0]; !w.Withdrawn || w.Event != nil {
		t.Errorf("the withdrawn item: %+v, want it without its event", w)
	}
}

func TestResumeOfWatermarksReadsNoItem(t *testing.T) {
	f := setup(t)
	f.fill(3)
	f.mark(protocol.Mark{State: protocol.Seen, Through: 3})
	f.mark(protocol.Mark{State: protocol.Read, Through: 2})
	f.table.took()
	got := f.resume("epoch1", 3)
	f.calls("a resume of watermarks", "load")
	if !got.Recovered || got.Offset != 5 || len(got.Items) != 0 || got.Head.ReadThrough != 2 || got.Head.SeenThrough != 3 {
		t.Errorf("%+v, want no item, offset 5 and the watermarks", got)
	}
}

func TestExpiredItemsAreInNoAnswer(t *testing.T) {
	f := setup(t)
	f.fill(1)
	f.append(f.make(`,"expirytime":"2026-11-25T08:01:00Z"`))
	f.fill(1)
	f.now = f.now.Add(time.Minute)
	same(t, "snapshot", []int64{3, 1}, offsets(f.resume("", 0).Items))
	same(t, "replay for one that never had it", []int64{1, 3}, offsets(f.resume("epoch1", 0).Items))
	f.table.Forget("ada", 2, 3)
	if got := f.resume("epoch1", 1); got.Offset != 3 || !got.Recovered {
		t.Errorf("long after, with the rows deleted: offset %d, recovered %v, want 3 and true", got.Offset, got.Recovered)
	}
}

// replica is what a device has that resumes until there is nothing more.
type replica struct {
	items map[int64]protocol.Item
	shown map[int64]int // how often an item came
	pages int
}

// follow resumes from the offset as a client does: an item that comes without
// its event must be known.
func (f *fixture) follow(r *replica, offset int64) int64 {
	f.t.Helper()
	for {
		got := f.resume("epoch1", offset)
		if !got.Recovered {
			clear(r.items)
		}
		size := 0
		for n, i := range got.Items {
			size += len(i.Event) + 100
			if i.Withdrawn {
				delete(r.items, i.Offset)
				continue
			}
			known, ok := r.items[i.Offset]
			if i.Event == nil {
				i.Event = known.Event
			}
			if i.Event == nil && !ok {
				f.t.Errorf("item %d came without its event to a device that never had it", i.Offset)
			}
			if len(got.Items[n].Event) > 0 {
				r.shown[i.Offset]++
			}
			r.items[i.Offset] = i
		}
		if r.pages++; size > protocol.MaxFrame {
			f.t.Errorf("an answer of %d bytes, want one frame", size)
		}
		if got.Offset <= offset && got.More {
			f.t.Fatalf("offset %d after %d, and more: no way on", got.Offset, offset)
		}
		if offset = got.Offset; !got.More || !got.Recovered {
			return offset
		}
	}
}

func TestPagesOfAReplayCoverEverythingOnce(t *testing.T) {
	big, plain := func(f *fixture) { f.append(f.big()) }, func(f *fixture) { f.fill(1) }
	markSome := func(f *fixture) {
		f.mark(protocol.Mark{State: protocol.Read, Items: []int64{5, 6, 7, 8, 9, 10, 11, 12}})
	}
	tests := []struct {
		name string
		make func(f *fixture)
		page int
	}{
		{"250 items", func(f *fixture) { f.fill(250) }, 0},
		{"250 items in short pages of the store", func(f *fixture) { f.fill(250) }, 7},
		{"an early item changed late", func(f *fixture) { f.fill(150); markSome(f); f.fill(150) }, 0},
		{"the greatest items", func(f *fixture) {
			f.fill(12)
			big(f)
			plain(f)
			big(f)
			big(f)
			plain(f)
		}, 0},
		{"groups of changes at a page's end", func(f *fixture) {
			f.fill(95)
			markSome(f)
			f.mark(protocol.Mark{State: protocol.Read, Items: from(20, 60)})
			f.mark(protocol.Mark{State: protocol.Read, Items: from(61, 95)})
			f.fill(20)
		}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := setup(t)
			f.table.page = tt.page
			tt.make(f)
			r := &replica{items: map[int64]protocol.Item{}, shown: map[int64]int{}}
			if got := f.follow(r, 0); got != f.head().Offset {
				t.Errorf("ended at offset %d, want %d", got, f.head().Offset)
			}
			want := f.everything()
			same(t, "items", want, r.items)
			for offset, n := range r.shown {
				if n != 1 {
					t.Errorf("item %d came with its event %d times, want once", offset, n)
				}
			}
		})
	}
}

// everything is all items that show, page by page of the list.
func (f *fixture) everything() map[int64]protocol.Item {
	all := map[int64]protocol.Item{}
	for _, archived := range []bool{false, true} {
		for before := int64(0); ; {
			page, err := f.List(f.ctx, "ada", protocol.List{Before: before, Limit: 100, Filter: protocol.Filter{Archived: archived}})
			if err != nil {
				f.t.Fatal(err)
			}
			for _, i := range page.Items {
				all[i.Offset] = i
				before = i.Offset
			}
			if !page.More {
				break
			}
		}
	}
	return all
}

func TestNothingIsLostBetweenPages(t *testing.T) {
	f := setup(t)
	f.fill(150)
	r := &replica{items: map[int64]protocol.Item{}, shown: map[int64]int{}}
	got := f.resume("epoch1", 0)
	for _, i := range got.Items {
		r.items[i.Offset] = i
	}
	f.mark(protocol.Mark{State: protocol.Read, Items: []int64{3, 120}}) // while the device asks for more
	f.fill(30)
	f.follow(r, got.Offset)
	same(t, "items", f.everything(), r.items)
}

// step makes something happen before the n-th of these calls to the table.
func (f *fixture) step(op string, n int, do func()) {
	f.table.before = func(got string) {
		if got != op {
			return
		}
		if n--; n == 0 {
			before := f.table.before
			f.table.before = nil
			do()
			f.table.before = before
		}
	}
}

// TestAppendBesideResume tries every moment at which another writer's change
// can come between the reads of a resume. What was not shown must not be
// covered by the offset: its frame would be dropped as a repeat.
func TestAppendBesideResume(t *testing.T) {
	logs := map[string]func(*fixture){
		"empty": func(f *fixture) { f.resume("", 0) },
		"few":   func(f *fixture) { f.fill(3) },
		"many":  func(f *fixture) { f.fill(80) },
		"an old item changed last": func(f *fixture) {
			f.fill(80)
			f.mark(protocol.Mark{State: protocol.Read, Items: []int64{1}})
		},
		"the newest archived": func(f *fixture) {
			f.fill(80)
			f.mark(protocol.Mark{State: protocol.Archived, Items: from(40, 80)})
		},
	}
	changes := map[string]func(*fixture){
		"append":    func(f *fixture) { f.fill(1) },
		"append 24": func(f *fixture) { f.fill(24) },
		"append and mark": func(f *fixture) {
			f.fill(1)
			f.mark(protocol.Mark{State: protocol.Read, Items: []int64{f.head().Offset}})
		},
		"append, and mark an old one": func(f *fixture) {
			f.fill(1)
			f.mark(protocol.Mark{State: protocol.Read, Items: f.list(protocol.List{Limit: 30})[len(f.list(protocol.List{Limit: 30}))-1:]})
		},
		"watermark and append": func(f *fixture) {
			f.mark(protocol.Mark{State: protocol.Read, Through: 1 << 40})
			f.fill(1)
		},
	}
	for logName, fill := range logs {
		for changeName, change := range changes {
			for _, epoch := range []string{"epoch1", ""} {
				for _, op := range []string{"load", "query"} {
					for n := 1; n <= 4; n++ {
						for _, page := range []int{0, 10} {
							name := fmt.Sprintf("%s/%s/%q/before %s %d/page %d", logName, changeName, epoch, op, n, page)
							f := setup(t)
							fill(f)
							f.table.page = page
							start := f.head().Offset
							f.step(op, n, func() { change(f) })
							got := f.resume(epoch, start)
							f.table.before = nil
							f.covered(name, got, start)
						}
					}
				}
			}
		}
	}
}

// covered checks that every item up to the offset that a resume claimed is in
// it, if the client needs it: a snapshot shows the newest ones.
func (f *fixture) covered(name string, got inbox.Resumed, start int64) {
	f.t.Helper()
	shown := map[int64]bool{}
	for _, i := range got.Items {
		shown[i.Offset] = true
	}
	f.table.page = 0
	for offset := range f.everything() {
		oldest := slices.Min(append(offsets(got.Items), 1<<40))
		needed := offset > start || (!got.Recovered && offset > oldest)
		archived := !f.table.item(offset).Archived.IsZero()
		if needed && offset <= got.Offset && !shown[offset] && !archived {
			f.t.Errorf("%s: offset %d claims item %d, which was not shown", name, got.Offset, offset)
		}
	}
	if got.Offset > got.Head.Offset {
		f.t.Errorf("%s: offset %d is beyond the head's %d", name, got.Offset, got.Head.Offset)
	}
	r := f.resume("epoch1", got.Offset)
	for _, i := range r.Items {
		shown[i.Offset] = true
	}
	if r.Recovered && !r.More && r.Offset != f.head().Offset {
		f.t.Errorf("%s: a second resume ends at %d, want the head's %d", name, r.Offset, f.head().Offset)
	}
}

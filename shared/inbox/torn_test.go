package inbox_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"bellhop/shared/protocol"
	"bellhop/shared/store/storetest"
)

// torn puts a torn table under the log.
func (f *fixture) torn() *storetest.TornTable {
	torn := storetest.Torn(f.table)
	f.over(torn)
	return torn
}

func TestTornReadsClaimNothingThatWasNotShown(t *testing.T) {
	// 60 items are in three commits, which end at 24, 48 and 60.
	for hidden, want := range map[int64]int64{1: 48, 2: 48, 12: 48, 24: 36, 30: 30} {
		for _, asked := range []string{"epoch1", ""} {
			t.Run(fmt.Sprintf("%d hidden from %q", hidden, asked), func(t *testing.T) {
				f := setup(t)
				torn := f.torn()
				f.fill(60)
				torn.Hide(int(hidden))
				got := f.resume(asked, 20)
				if got.Offset != want {
					t.Errorf("offset %d, want %d, up to which all was seen", got.Offset, want)
				}
				beyond := func(i protocol.Item) bool { return i.Offset > got.Offset }
				if asked != "" && slices.ContainsFunc(got.Items, beyond) {
					t.Errorf("items %v are beyond the offset %d", offsets(got.Items), got.Offset)
				}
				torn.Hide(0)
				again := f.resume("epoch1", got.Offset)
				same(t, "the rest", from(want+1, 60), offsets(again.Items))

				torn.Hide(int(hidden))
				f.now = f.now.Add(10 * time.Second)
				if late := f.resume(asked, 20); late.Offset != 60 {
					t.Errorf("10 s later: offset %d, want 60: what is not there by now has been deleted", late.Offset)
				}
			})
		}
	}
}

// TestAnyPartOfACommitMayBeSeen has a device that resumes while only some of the
// latest commit's items are visible, whichever: once all are, it has everything,
// and was told of each item once.
func TestAnyPartOfACommitMayBeSeen(t *testing.T) {
	key := `,"collapsekey":"k"`
	commits := map[string]func(f *fixture){
		"append":       func(f *fixture) { f.fill(4) },
		"replace":      func(f *fixture) { f.append(f.make(key)) },
		"replace more": func(f *fixture) { f.append(f.make(""), f.make(key), f.make(""), f.make(key)) },
		"read":         func(f *fixture) { f.mark(protocol.Mark{State: protocol.Read, Items: from(1, 4)}) },
		"archive":      func(f *fixture) { f.mark(protocol.Mark{State: protocol.Archived, Items: from(2, 5)}) },
		"read, then watermark": func(f *fixture) {
			f.mark(protocol.Mark{State: protocol.Read, Items: from(1, 4)})
			f.mark(protocol.Mark{State: protocol.Seen, Through: 3})
		},
	}
	for name, commit := range commits {
		for hidden := range 1 << 5 {
			for _, known := range []bool{true, false} {
				f := setup(t)
				torn := f.torn()
				f.append(f.make(key))
				f.fill(5)
				r, at := &replica{items: map[int64]protocol.Item{}, shown: map[int64]int{}}, int64(0)
				if known {
					at = f.follow(r, 0)
				}
				commit(f)
				writes := int(f.head().LastCount)
				torn.HideSome(func(latest int) bool { return latest < writes && hidden>>latest&1 == 1 })
				at = f.follow(r, at)
				torn.Hide(0)
				f.follow(r, at)
				what := fmt.Sprintf("%s, hidden %b, known %v", name, hidden, known)
				same(t, what, f.listed(), f.without(r.items))
				for offset, n := range r.shown {
					if n > 1 {
						t.Errorf("%s: item %d came with its event %d times", what, offset, n)
					}
				}
			}
		}
	}
}

// listed is all that the list shows; without leaves out what a device does not.
func (f *fixture) listed() map[int64]protocol.Item { return f.without(f.everything()) }

func (f *fixture) without(items map[int64]protocol.Item) map[int64]protocol.Item {
	shown := map[int64]protocol.Item{}
	for offset, i := range items {
		if i.Seen = i.Seen || offset <= f.head().SeenThrough; !i.Archived {
			shown[offset] = i
		}
	}
	return shown
}

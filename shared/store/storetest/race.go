package storetest

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"bellhop/shared/inbox"
)

const writers = 50

func raceCases() []testCase {
	return []testCase{
		{"50 writers of one log take offsets 1 to 50", writersMeet},
		{"50 begin a log, and one does", beginnersMeet},
	}
}

// together runs f in as many goroutines, which start at once, and waits.
func together(n int, f func(i int)) {
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			f(i)
		})
	}
	close(start)
	all.Wait()
}

func writersMeet(t *testing.T, s Stores) {
	l := begin(t, s)
	took := make([]int64, writers)
	together(writers, func(i int) { took[i] = l.appendUntilDone(i) })
	items := l.all(inbox.Query{Index: inbox.ByOffset, Limit: 100})
	if len(items) != writers {
		t.Fatalf("got %d items, want %d", len(items), writers)
	}
	for i, offset := range took {
		if offset < 1 || offset > writers {
			t.Fatalf("writer %d took offset %d, want one from 1 to %d", i, offset, writers)
		}
		if got, want := string(items[offset-1].Event), event(i); items[offset-1].Offset != offset || got != want {
			t.Errorf("at offset %d: got %s at %d, want %s", offset, got, items[offset-1].Offset, want)
		}
	}
	if got := l.load(inbox.Want{}).Head.Offset; got != writers {
		t.Errorf("head: got offset %d, want %d", got, writers)
	}
}

func event(writer int) string { return fmt.Sprintf(`{"writer":%d}`, writer) }

// appendUntilDone appends one item and returns the offset that it took; 0 after
// an error.
func (l *userLog) appendUntilDone(writer int) int64 {
	id := fmt.Sprint("writer ", writer)
	for {
		loaded, err := l.table.Load(l.t.Context(), l.user, inbox.Want{Markers: []string{id}})
		if err != nil {
			l.t.Errorf("writer %d: load: %v", writer, err)
			return 0
		}
		mine := userLog{head: loaded.Head}
		next := mine.next()
		i := item(next.Offset)
		i.Event = []byte(event(writer))
		err = l.table.Commit(l.t.Context(), l.user, inbox.Change{
			Was: loaded.Head, Head: next, Items: writes(i),
			Markers: []inbox.MarkerWrite{{ID: id, Marker: inbox.Marker{Offset: next.Offset, Expires: later()}}},
		})
		switch {
		case err == nil:
			return next.Offset
		case !errors.Is(err, inbox.ErrConflict):
			l.t.Errorf("writer %d: commit: %v", writer, err)
			return 0
		}
		runtime.Gosched()
	}
}

func beginnersMeet(t *testing.T, s Stores) {
	l := &userLog{t: t, table: s.Inbox, user: unique("new")}
	errs := make([]error, writers)
	together(writers, func(i int) {
		errs[i] = l.table.Commit(t.Context(), l.user, inbox.Change{Head: inbox.Head{Epoch: fmt.Sprint("epoch ", i), At: moment()}})
	})
	epoch := l.load(inbox.Want{}).Head.Epoch
	began := 0
	for i, err := range errs {
		switch {
		case err == nil:
			began++
			if want := fmt.Sprint("epoch ", i); epoch != want {
				t.Errorf("head: got %s, want %s", epoch, want)
			}
		case !errors.Is(err, inbox.ErrConflict):
			t.Errorf("beginner %d: %v", i, err)
		}
	}
	if began != 1 {
		t.Errorf("%d began the log, want 1", began)
	}
}

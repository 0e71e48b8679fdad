package inbox_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bellhop/shared/inbox"
	"bellhop/shared/notification"
	"bellhop/shared/protocol"
	"bellhop/shared/store/storetest"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fixture is the log of ada over a table, at a time that tests move.
type fixture struct {
	*inbox.Log
	t     testing.TB
	ctx   context.Context
	table *table
	now   time.Time
	made  int // notifications without an id of their own, so far
}

func setup(t testing.TB) *fixture {
	f := &fixture{t: t, ctx: t.Context(), table: &table{Memory: &storetest.Memory{}}, now: time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)}
	f.over(f.table)
	return f
}

// over makes the log anew, over a table.
func (f *fixture) over(table inbox.Table) {
	var epochs atomic.Int64 // a log may be begun by two at once
	f.Log = inbox.New(table, &inbox.Options{
		Now:      func() time.Time { return f.now },
		NewEpoch: func() string { return fmt.Sprint("epoch", epochs.Add(1)) },
	})
}

// make makes a notification with more attributes in JSON, each after a comma.
func (f *fixture) make(more string) notification.Notification {
	f.t.Helper()
	f.made++
	n, err := notification.Parse([]byte(`{"source":"shop","type":"order.shipped","data":{"title":"Hello"}`+more+`}`), notification.Defaults{
		Now: f.now, NewID: func() string { return fmt.Sprint("id", f.made) },
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return n
}

// big is a notification of exactly the greatest size.
func (f *fixture) big() notification.Notification {
	f.t.Helper()
	size := func(pad int) notification.Notification {
		return f.make(`,"data":{"title":"` + strings.Repeat("x", pad) + `"}`)
	}
	n := size(1)
	f.made-- // the id stays as long
	if n = size(1 + protocol.MaxEvent - len(n.Event)); len(n.Event) != protocol.MaxEvent {
		f.t.Fatalf("the greatest event has %d bytes, want %d", len(n.Event), protocol.MaxEvent)
	}
	return n
}

// append appends and wants no error.
func (f *fixture) append(ns ...notification.Notification) []inbox.Appended {
	f.t.Helper()
	got, err := f.Append(f.ctx, "ada", ns)
	if err != nil || len(got) != len(ns) {
		f.t.Fatalf("append %d: %d results, error %v", len(ns), len(got), err)
	}
	return got
}

// fill appends so many plain notifications.
func (f *fixture) fill(count int) {
	f.t.Helper()
	ns := make([]notification.Notification, count)
	for i := range ns {
		ns[i] = f.make("")
	}
	f.append(ns...)
}

func (f *fixture) mark(m protocol.Mark) inbox.Marked {
	f.t.Helper()
	got, err := f.Mark(f.ctx, "ada", m)
	if err != nil {
		f.t.Fatalf("mark %+v: %v", m, err)
	}
	return got
}

func (f *fixture) resume(epoch string, offset int64) inbox.Resumed {
	f.t.Helper()
	got, err := f.Resume(f.ctx, "ada", epoch, offset)
	if err != nil {
		f.t.Fatalf("resume from %s/%d: %v", epoch, offset, err)
	}
	return got
}

// list lists and gives the offsets.
func (f *fixture) list(ask protocol.List) []int64 {
	f.t.Helper()
	got, err := f.List(f.ctx, "ada", ask)
	if err != nil {
		f.t.Fatalf("list %+v: %v", ask, err)
	}
	return offsets(got.Items)
}

func (f *fixture) head() inbox.Head { return f.table.head() }

func (f *fixture) counts() protocol.Counts {
	f.t.Helper()
	got, err := f.Counts(f.ctx, "ada", f.head())
	if err != nil {
		f.t.Fatal(err)
	}
	return got
}

// calls fails unless these calls were made since the last look.
func (f *fixture) calls(what, want string) {
	f.t.Helper()
	if got := strings.Join(f.table.took(), " "); got != want {
		f.t.Errorf("%s took the calls %q, want %q", what, got, want)
	}
}

func offsets(items []protocol.Item) []int64 {
	list := []int64{}
	for _, i := range items {
		list = append(list, i.Offset)
	}
	return list
}

// from lists the whole numbers from first to last, up or down.
func from(first, last int64) []int64 {
	list := []int64{}
	for step := int64(1); ; first += step {
		if first > last {
			step = -1
		}
		list = append(list, first)
		if first == last {
			return list
		}
	}
}

func same(t interface {
	Helper()
	Errorf(format string, args ...any)
}, what string, want, got any,
) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

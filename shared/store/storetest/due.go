package storetest

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"bellhop/shared/connections"
)

func dueCases() []testCase {
	return []testCase{
		{"a row is due from Ends on", dueByTime},
		{"a row whose end moves", dueMoves},
		{"a row without an end, or gone, is never due", dueNever},
		{"500 rows, and a visit that fails", dueMany},
		{"two sweeps at once", dueRace},
		{"sweeps, one at a time", sweeps},
	}
}

// aMinute is one of its own for each test, far away.
func aMinute() time.Time {
	var b [4]byte
	_, _ = rand.Read(b[:])
	return later().Add(time.Duration(binary.BigEndian.Uint32(b[:])%50_000_000) * time.Minute).Truncate(time.Minute)
}

func ending(user, id string, ends time.Time) connections.Connection {
	c := connection(user, id)
	if c.Ends = ends; !ends.IsZero() {
		c.Expires = ends.Add(time.Hour)
	}
	return c
}

// dueIn lists the ids of a minute's due rows, in order.
func dueIn(t *testing.T, s Stores, minute, now time.Time) []string {
	t.Helper()
	var ids []string
	for shard := range connections.Shards {
		bucket := connections.Bucket{Minute: connections.Minute(minute), Shard: shard}
		err := s.Schedule.Due(t.Context(), bucket, now, func(rows []connections.Connection) error {
			for _, c := range rows {
				if got, ok := c.Bucket(); !ok || got != bucket {
					t.Errorf("row %q of bucket %+v came with %+v", c.ID, got, bucket)
				}
				ids = append(ids, c.ID)
			}
			return nil
		})
		if err != nil {
			t.Fatalf("due: %v", err)
		}
	}
	slices.Sort(ids)
	return ids
}

// wantDue asks again for a while, for the index may be late.
func wantDue(t *testing.T, s Stores, a dueAt, want ...string) {
	t.Helper()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(10 * time.Second); ; <-again.C {
		got := dueIn(t, s, a.minute, a.now)
		if slices.Equal(got, want) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("due at %v: got %d rows %.200q, want %d %.200q", a.now, len(got), got, len(want), want)
		}
	}
}

type dueAt struct{ minute, now time.Time }

func dueByTime(t *testing.T, s Stores) {
	m, user := aMinute(), unique("ann")
	a, b, other := ending(user, "a", m), ending(user, "b", m.Add(59*time.Second)), ending(user, "c", m.Add(time.Minute))
	putConnections(t, s, a, b, other)
	wantConnections(t, s, user, a, b, other)
	wantDue(t, s, dueAt{m, m.Add(-time.Second)})
	wantDue(t, s, dueAt{m, m}, "a")
	wantDue(t, s, dueAt{m, b.Ends.Add(-time.Second)}, "a")
	wantDue(t, s, dueAt{m, b.Ends}, "a", "b")
	wantDue(t, s, dueAt{other.Ends, other.Ends.AddDate(100, 0, 0)}, "c")
}

func dueMoves(t *testing.T, s Stores) {
	m, user := aMinute(), unique("ann")
	c := ending(user, "a", m)
	putConnections(t, s, c)
	for _, ends := range []time.Time{m.Add(time.Minute), {}, m.Add(30 * time.Second)} {
		if err := s.Connections.SetEnds(t.Context(), c, ends); err != nil {
			t.Fatalf("set ends: %v", err)
		}
		want := c
		want.Ends = ends
		wantConnections(t, s, user, want)
		for _, minute := range []time.Time{m, m.Add(time.Minute)} {
			var due []string
			if !ends.IsZero() && connections.Minute(ends) == connections.Minute(minute) {
				due = []string{"a"}
			}
			wantDue(t, s, dueAt{minute, m.Add(time.Hour)}, due...)
		}
	}
	c.Ends = m.Add(time.Minute)
	putConnections(t, s, c)
	wantDue(t, s, dueAt{m, m.Add(time.Hour)})
	wantDue(t, s, dueAt{c.Ends, m.Add(time.Hour)}, "a")
}

func dueNever(t *testing.T, s Stores) {
	m, user := aMinute(), unique("ann")
	gone, endless := ending(user, "gone", m), ending(user, "endless", time.Time{})
	putConnections(t, s, gone, endless)
	if err := s.Connections.Delete(t.Context(), user, "gone"); err != nil {
		t.Fatal(err)
	}
	if err := s.Connections.SetEnds(t.Context(), gone, m.Add(time.Second)); err != nil {
		t.Errorf("set the end of a row that is gone: %v", err)
	}
	wantDue(t, s, dueAt{m, m.Add(time.Hour)})
	wantConnections(t, s, user, endless)
}

// dueMany have 3 KB each, so that they are more than 1 MB.
func dueMany(t *testing.T, s Stores) {
	m, user := aMinute(), unique("ann")
	ids := make([]string, 500)
	together(10, func(part int) {
		for i := part * 50; i < part*50+50; i++ {
			ids[i] = fmt.Sprintf("%04d", i)
			c := ending(user, ids[i], m)
			c.Endpoint = fmt.Sprintf("https://%03000d/", i)
			if err := s.Connections.Put(t.Context(), c); err != nil {
				t.Errorf("put connection: %v", err)
			}
		}
	})
	wantDue(t, s, dueAt{m, m}, ids...)
	enough := errors.New("enough")
	visits := 0
	err := s.Schedule.Due(t.Context(), connections.Bucket{Minute: connections.Minute(m)}, m, func([]connections.Connection) error {
		visits++
		return enough
	})
	if !errors.Is(err, enough) || visits != 1 {
		t.Errorf("after a visit that failed: got error %v and %d visits, want its error and no other visit", err, visits)
	}
}

// dueRace has both delete all rows that they see, while new ends are set.
func dueRace(t *testing.T, s Stores) {
	m, user := aMinute(), unique("ann")
	var rows []connections.Connection
	for i := range writers {
		rows = append(rows, ending(user, fmt.Sprintf("%02d", i), m))
	}
	putConnections(t, s, rows...)
	together(writers, func(i int) {
		var err error
		if i%2 == 0 {
			err = s.Connections.SetEnds(t.Context(), rows[i], m.Add(time.Second))
		}
		for _, c := range rows {
			err = errors.Join(err, s.Connections.Delete(t.Context(), c.User, c.ID))
		}
		if err != nil {
			t.Errorf("writer %d: %v", i, err)
		}
	})
	wantConnections(t, s, user)
	wantDue(t, s, dueAt{m, m.Add(time.Hour)})
}

// sweeps are one after the other in every store, and so in one case.
func sweeps(t *testing.T, s Stores) {
	sweepEnds(t, s)
	sweepAlone(t, s)
	sweepRace(t, s)
}

func aLease() connections.Lease {
	now := aMinute()
	return connections.Lease{Now: now, Until: now.Add(time.Minute)}
}

func beginSweep(t *testing.T, s Stores, lease connections.Lease) (minute int64, ok bool) {
	t.Helper()
	minute, ok, err := s.Schedule.BeginSweep(t.Context(), lease)
	if err != nil {
		t.Fatalf("begin a sweep: %v", err)
	}
	return minute, ok
}

func endSweep(t *testing.T, s Stores, lease connections.Lease, minute int64) {
	t.Helper()
	if err := s.Schedule.EndSweep(t.Context(), lease, minute); err != nil {
		t.Fatalf("end a sweep: %v", err)
	}
}

func sweepEnds(t *testing.T, s Stores) {
	lease := aLease()
	if _, ok := beginSweep(t, s, lease); !ok {
		t.Fatal("a sweep: another is under way, want none")
	}
	for _, want := range []int64{29_000_000, 29_000_001, 28_000_000} {
		endSweep(t, s, lease, want)
		if got, ok := beginSweep(t, s, lease); got != want || !ok {
			t.Errorf("the next sweep: got minute %d, %v, want %d", got, ok, want)
		}
	}
	endSweep(t, s, lease, 0)
}

func sweepAlone(t *testing.T, s Stores) {
	first := aLease()
	beginSweep(t, s, first)
	second := connections.Lease{Now: first.Until.Add(-time.Second), Until: first.Until.Add(time.Minute)}
	if _, ok := beginSweep(t, s, second); ok {
		t.Error("a sweep within another: got it, want it refused")
	}
	second.Now = first.Until
	if _, ok := beginSweep(t, s, second); !ok {
		t.Error("a sweep after one that never ended: want it")
	}
	endSweep(t, s, first, 27_000_000) // too late: it is the second's
	if _, ok := beginSweep(t, s, connections.Lease{Now: second.Now, Until: second.Until.Add(time.Second)}); ok {
		t.Error("the first ended the second")
	}
	endSweep(t, s, second, 28_000_000)
	third := connections.Lease{Now: second.Now, Until: second.Until}
	if got, ok := beginSweep(t, s, third); got != 28_000_000 || !ok {
		t.Errorf("after the second: got minute %d, %v, want its 28000000", got, ok)
	}
	endSweep(t, s, third, 0)
}

func sweepRace(t *testing.T, s Stores) {
	lease := aLease()
	var got atomic.Int64
	together(writers, func(i int) {
		if _, ok, err := s.Schedule.BeginSweep(t.Context(), lease); err != nil {
			t.Errorf("sweep %d: %v", i, err)
		} else if ok {
			got.Add(1)
		}
	})
	if n := got.Load(); n != 1 {
		t.Errorf("%d sweeps at once, want one", n)
	}
	endSweep(t, s, lease, 0)
}

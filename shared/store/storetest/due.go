package storetest

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
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
		{"how far it is swept", sweptReturns},
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

func sweptReturns(t *testing.T, s Stores) {
	for _, want := range []int64{29_000_000, 29_000_001, 28_000_000} {
		if err := s.Schedule.SetSwept(t.Context(), want); err != nil {
			t.Fatalf("set swept: %v", err)
		}
		if got, err := s.Schedule.Swept(t.Context()); got != want || err != nil {
			t.Errorf("swept: got %d, %v, want %d", got, err, want)
		}
	}
}

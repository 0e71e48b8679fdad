package pebblestore_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"bellhop/shared/connections"
	"bellhop/shared/inbox"
	"bellhop/shared/limit"
	"bellhop/shared/session"
	"bellhop/shared/store/pebblestore"
)

// TestSweep has one record of each kind that is over, and one that is not.
func TestSweep(t *testing.T) {
	s := open(t, "", &pebblestore.Options{InMemory: true})
	ctx, now := t.Context(), time.Unix(1_800_000_000, 0)
	fill(t, s, now)
	if err := s.Sweep(ctx, now); err != nil {
		t.Fatal(err)
	}
	loaded, err := s.Load(ctx, "ann", inbox.Want{Markers: []string{"old", "new"}, Pointers: []string{"old", "new"}, Items: []int64{1, 2}})
	if err != nil {
		t.Fatal(err)
	}
	_, item := loaded.Items[2]
	_, marker := loaded.Markers["new"]
	_, pointer := loaded.Pointers["new"]
	if n := len(loaded.Items) + len(loaded.Markers) + len(loaded.Pointers); n != 3 || !item || !marker || !pointer || loaded.Head.Epoch != "e" {
		t.Errorf("log after the sweep: got %+v, want the head and what is new", loaded)
	}
	for _, index := range []inbox.Index{inbox.ByOffset, inbox.ByChange} {
		found, err := s.Query(ctx, "ann", inbox.Query{Index: index, Limit: 9})
		if err != nil || len(found.Items) != 1 || found.Items[0].Offset != 2 {
			t.Errorf("index %d after the sweep: got %+v and error %v, want item 2", index, found.Items, err)
		}
	}
	if page, err := s.Unread(ctx, "ann", inbox.UnreadQuery{Limit: 9}); err != nil || len(page.Entries) != 1 || page.Entries[0].Offset != 2 {
		t.Errorf("unread after the sweep: got %+v and error %v, want item 2", page.Entries, err)
	}
	if rows, err := s.OfUser(ctx, "ann", now.Add(-time.Hour)); err != nil || len(rows) != 1 || rows[0].ID != "new" {
		t.Errorf("connections after the sweep: got %+v and error %v, want new", rows, err)
	}
	if ids, err := s.SessionsOfUser(ctx, "ann"); err != nil || len(ids) != 1 || ids[0] != "new" {
		t.Errorf("sessions after the sweep: got %q and error %v, want new", ids, err)
	}
	if _, err := s.TakeTicket(ctx, "old"); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("old ticket after the sweep: got error %v, want %v", err, session.ErrNotFound)
	}
	if _, err := s.TakeTicket(ctx, "new"); err != nil {
		t.Errorf("new ticket after the sweep: %v", err)
	}
	for user, want := range map[string]string{"old": "", "new": "v"} {
		stands, err := s.Swap(ctx, user, limit.Change{Was: limit.State{Version: "other"}})
		if !errors.Is(err, limit.ErrConflict) || stands.Version != want {
			t.Errorf("limits of %s after the sweep: got %+v and error %v, want version %q", user, stands, err, want)
		}
	}
}

func fill(t *testing.T, s *pebblestore.Store, now time.Time) {
	t.Helper()
	ctx := t.Context()
	errs := []error{s.Commit(ctx, "ann", inbox.Change{Head: inbox.Head{Epoch: "e"}})}
	var c inbox.Change
	c.Was, c.Head = inbox.Head{Epoch: "e"}, inbox.Head{Epoch: "e", Offset: 2}
	for i, id := range []string{"old", "new"} {
		offset, at := int64(i)+1, now.Add(time.Duration(i)*time.Second)
		c.Items = append(c.Items, inbox.ItemWrite{Item: inbox.Item{Offset: offset, Changed: offset, Unread: offset, Expires: at}})
		c.Markers = append(c.Markers, inbox.MarkerWrite{ID: id, Marker: inbox.Marker{Offset: offset, Expires: at}})
		c.Pointers = append(c.Pointers, inbox.PointerWrite{CollapseKey: id, Pointer: inbox.Pointer{Offset: offset, Expires: at}})
		errs = append(
			errs,
			s.Put(ctx, connections.Connection{User: "ann", ID: id, Expires: at}),
			s.PutSession(ctx, session.Session{ID: id, User: "ann", Expires: at}),
			s.PutTicket(ctx, session.Ticket{ID: id, Expires: at}),
		)
		_, err := s.Swap(ctx, id, limit.Change{Next: limit.State{Full: at, Version: "v"}})
		errs = append(errs, err)
	}
	if err := errors.Join(append(errs, s.Commit(ctx, "ann", c))...); err != nil {
		t.Fatal(err)
	}
}

func TestSweepEnds(t *testing.T) {
	s := open(t, "", &pebblestore.Options{InMemory: true})
	fill(t, s, time.Unix(1_800_000_000, 0))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Sweep(ctx, time.Now()); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
}

package dynamostore_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bellhop/shared/connections"
	"bellhop/shared/inbox"
	"bellhop/shared/limit"
	"bellhop/shared/session"
	"bellhop/shared/store/dynamostore"
)

// What an operation costs is part of the design.
func TestRequests(t *testing.T) {
	store, faults := faulty(t)
	first := appended(begin(t, store, "ann"))
	second := appended(first.Head)
	third := moved(second.Head)
	if err := store.Commit(t.Context(), "ann", first); err != nil {
		t.Fatal(err)
	}
	wanted := inbox.Want{Markers: []string{first.Markers[0].ID, "none"}, Items: []int64{1, 1, 2}, Pointers: []string{"none"}}
	connection := connections.Connection{User: "ann", ID: "c1", Expires: now().Add(time.Hour)}
	one := session.Session{ID: "s1", User: "ann", Expires: now()}

	for _, c := range []struct {
		name string
		do   func(ctx context.Context, s *dynamostore.Store) error
		want map[string]int
	}{
		{"load the head", load(inbox.Want{}), calls("GetItem")},
		{"load more", load(wanted), calls("BatchGetItem")},
		{"query by offset", query(inbox.ByOffset), calls("Query")},
		{"query by change", query(inbox.ByChange), calls("Query")},
		{"query by unread", unread, calls("Query")},
		{"query where nothing can be", queryBehindEverything, calls()},
		{"append", commit(second), calls("TransactWriteItems")},
		{"move the head", commit(third), calls("PutItem")},
		{"put a connection", func(ctx context.Context, s *dynamostore.Store) error { return s.Put(ctx, connection) }, calls("PutItem")},
		{"read connections", connectionsOf("ann"), calls("Query")},
		{"read no connections", connectionsOf("nobody"), calls("Query")},
		{"set the end of a connection", func(ctx context.Context, s *dynamostore.Store) error { return s.SetEnds(ctx, connection, now()) }, calls("UpdateItem")},
		{"set the end of none", func(ctx context.Context, s *dynamostore.Store) error {
			return s.SetEnds(ctx, connections.Connection{User: "ann", ID: "none"}, now())
		}, calls("UpdateItem")},
		{"read what is due", due, calls("Query")},
		{"begin a sweep", beginSweep, calls("UpdateItem")},
		{"begin another", beginSweep, calls("UpdateItem")},
		{"end a sweep", func(ctx context.Context, s *dynamostore.Store) error { return s.EndSweep(ctx, lease(), 1) }, calls("UpdateItem")},
		{"delete a connection", func(ctx context.Context, s *dynamostore.Store) error { return s.Delete(ctx, "ann", "c1") }, calls("DeleteItem")},
		{"count a request after a while", swapLimits("", now()), calls("PutItem")},
		{"count another", swapLimits("v0", now()), calls("PutItem")},
		{"put a session", func(ctx context.Context, s *dynamostore.Store) error { return s.PutSession(ctx, one) }, calls("PutItem")},
		{"read a session", readSession, calls("GetItem")},
		{"list sessions", listSessions, calls("Query")},
		{"extend a session", extendSession, calls("UpdateItem")},
		{"revoke a session", revokeSession, calls("UpdateItem")},
		{"delete a session", deleteSession, calls("GetItem", "DeleteItem")},
		{"put a ticket", putTicket, calls("PutItem")},
		{"take a ticket", takeTicket, calls("DeleteItem")},
	} {
		faults.Reset()
		if err := c.do(t.Context(), store); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if diff := cmp.Diff(c.want, faults.Calls()); diff != "" {
			t.Errorf("%s: requests -want +got\n%s", c.name, diff)
		}
	}
}

func calls(operations ...string) map[string]int {
	m := map[string]int{}
	for _, o := range operations {
		m[o]++
	}
	return m
}

type action = func(context.Context, *dynamostore.Store) error

func load(w inbox.Want) action {
	return func(ctx context.Context, s *dynamostore.Store) error {
		_, err := s.Load(ctx, "ann", w)
		return err
	}
}

func query(i inbox.Index) action {
	return func(ctx context.Context, s *dynamostore.Store) error {
		_, err := s.Query(ctx, "ann", inbox.Query{Index: i, Limit: 20})
		return err
	}
}

// queryBehindEverything starts outside the range that it asks for, which
// DynamoDB refuses.
func queryBehindEverything(ctx context.Context, s *dynamostore.Store) error {
	after := &inbox.Position{Value: 5, Offset: 5}
	for _, i := range []inbox.Index{inbox.ByOffset, inbox.ByChange} {
		if _, err := s.Query(ctx, "ann", inbox.Query{Index: i, Above: 5, After: after, Descending: true, Limit: 1}); err != nil {
			return err
		}
	}
	_, err := s.Unread(ctx, "ann", inbox.UnreadQuery{Above: 5, After: after, Limit: 1})
	return err
}

func unread(ctx context.Context, s *dynamostore.Store) error {
	_, err := s.Unread(ctx, "ann", inbox.UnreadQuery{Limit: 20})
	return err
}

func commit(c inbox.Change) action {
	return func(ctx context.Context, s *dynamostore.Store) error { return s.Commit(ctx, "ann", c) }
}

func connectionsOf(user string) action {
	return func(ctx context.Context, s *dynamostore.Store) error {
		_, err := s.OfUser(ctx, user, now())
		return err
	}
}

func swapLimits(was string, at time.Time) action {
	return func(ctx context.Context, s *dynamostore.Store) error {
		_, err := s.Swap(ctx, "ann", limit.Change{
			Was: limit.State{Version: was}, Next: limit.State{Full: at.Add(time.Second), Version: "v0"}, Now: at,
		})
		return err
	}
}

func readSession(ctx context.Context, s *dynamostore.Store) error {
	_, err := s.Session(ctx, "s1")
	return err
}

func listSessions(ctx context.Context, s *dynamostore.Store) error {
	_, err := s.SessionsOfUser(ctx, "ann")
	return err
}

func extendSession(ctx context.Context, s *dynamostore.Store) error {
	_, err := s.ExtendSession(ctx, "s1", now().Add(time.Hour))
	return err
}

func revokeSession(ctx context.Context, s *dynamostore.Store) error {
	_, err := s.RevokeSession(ctx, "s1")
	return err
}

func due(ctx context.Context, s *dynamostore.Store) error {
	return s.Due(ctx, connections.Bucket{Minute: connections.Minute(now())}, now(), func([]connections.Connection) error { return nil })
}

func lease() connections.Lease {
	return connections.Lease{Now: now(), Until: now().Add(time.Minute)}
}

func beginSweep(ctx context.Context, s *dynamostore.Store) error {
	_, _, err := s.BeginSweep(ctx, lease())
	return err
}

func deleteSession(ctx context.Context, s *dynamostore.Store) error {
	_, err := s.DeleteSession(ctx, "s1")
	return err
}

func putTicket(ctx context.Context, s *dynamostore.Store) error {
	return s.PutTicket(ctx, session.Ticket{ID: "t1", Session: "s1", Expires: now()})
}

func takeTicket(ctx context.Context, s *dynamostore.Store) error {
	_, err := s.TakeTicket(ctx, "t1")
	return err
}

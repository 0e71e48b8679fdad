package storetest

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"bellhop/shared/connections"
)

func connectionCases() []testCase {
	return []testCase{
		{"a user without any", noConnections},
		{"all fields return", connectionsReturn},
		{"a row is put again", connectionAgain},
		{"a row is over from Expires on", connectionsExpire},
		{"a row is deleted, there or not", connectionDeleted},
		{"users never see each other's", connectionsApart},
		{"500 of one user", manyConnections},
		{"writers of other rows do not disturb", connectionsRace},
	}
}

func connection(user, id string) connections.Connection {
	return connections.Connection{
		User: user, ID: id, Session: "session of " + id, Endpoint: "https://abc123.execute-api.eu-central-1.amazonaws.com/prod",
		Ready: true, ConnectedAt: moment(), Expires: later(),
	}
}

func putConnections(t *testing.T, s Stores, list ...connections.Connection) {
	t.Helper()
	for _, c := range list {
		if err := s.Connections.Put(t.Context(), c); err != nil {
			t.Fatalf("put connection %q: %v", c.ID, err)
		}
	}
}

// wantConnections are in the order of their ids.
func wantConnections(t *testing.T, s Stores, user string, want ...connections.Connection) {
	t.Helper()
	wantAt(t, s, at{user, time.Now()}, want...)
}

// at is a user's rows at a time.
type at struct {
	user string
	now  time.Time
}

func wantAt(t *testing.T, s Stores, a at, want ...connections.Connection) {
	t.Helper()
	got, err := s.Connections.OfUser(t.Context(), a.user, a.now)
	if err != nil {
		t.Fatalf("connections of %q: %v", a.user, err)
	}
	slices.SortFunc(got, func(a, b connections.Connection) int { return cmp.Compare(a.ID, b.ID) })
	if d := diff(want, got); d != "" {
		t.Errorf("connections of %q at %v (-want +got):\n%s", a.user, a.now, d)
	}
}

func noConnections(t *testing.T, s Stores) { wantConnections(t, s, unique("nobody")) }

func connectionsReturn(t *testing.T, s Stores) {
	user := unique("ann #/é🛎\x01")
	want := []connections.Connection{
		{User: user, ID: "L0SM9cOFvHcCIhw=", Session: "s", Endpoint: "https://x/prod", Ready: false, ConnectedAt: moment(), Expires: later()},
		{User: user, ID: "a#/\x01é🛎", Session: "a_-", Endpoint: "http://127.0.0.1:8000/local", Ready: true, ConnectedAt: moment().Add(time.Millisecond), Expires: later().Add(time.Second)},
	}
	putConnections(t, s, want...)
	wantConnections(t, s, user, want...)
}

func connectionAgain(t *testing.T, s Stores) {
	c := connection(unique("ann"), "c")
	c.Ready = false
	putConnections(t, s, c)
	c.Ready, c.Session, c.Expires = true, "another", c.Expires.Add(time.Minute)
	putConnections(t, s, c)
	wantConnections(t, s, c.User, c)
}

func connectionsExpire(t *testing.T, s Stores) {
	user := unique("ann")
	a, b := connection(user, "a"), connection(user, "b")
	b.Expires = a.Expires.Add(time.Second)
	putConnections(t, s, a, b)
	wantAt(t, s, at{user, a.Expires.Add(-time.Millisecond)}, a, b)
	wantAt(t, s, at{user, a.Expires}, b)
	wantAt(t, s, at{user, b.Expires.Add(-time.Millisecond)}, b)
	wantAt(t, s, at{user, b.Expires})
}

func connectionDeleted(t *testing.T, s Stores) {
	user := unique("ann")
	putConnections(t, s, connection(user, "a"), connection(user, "b"))
	for range 2 {
		if err := s.Connections.Delete(t.Context(), user, "a"); err != nil {
			t.Fatalf("delete connection: %v", err)
		}
		wantConnections(t, s, user, connection(user, "b"))
	}
	if err := s.Connections.Delete(t.Context(), unique("nobody"), "b"); err != nil {
		t.Errorf("delete the connection of nobody: %v", err)
	}
	wantConnections(t, s, user, connection(user, "b"))
}

func connectionsApart(t *testing.T, s Stores) {
	base := unique("a")
	users := []string{base, base + "#b", base + "\x01", base + "c", base + "ÿ"}
	for _, user := range users {
		putConnections(t, s, connection(user, "c"), connection(user, user))
	}
	for _, user := range users {
		wantConnections(t, s, user, connection(user, user), connection(user, "c"))
	}
}

// manyConnections have 3 KB each, so that they are more than 1 MB.
func manyConnections(t *testing.T, s Stores) {
	user := unique("ann")
	want := make([]connections.Connection, 500)
	for i := range want {
		want[i] = connection(user, fmt.Sprintf("%04d", i))
		want[i].Endpoint = fmt.Sprintf("https://%03000d/", i)
	}
	together(10, func(part int) {
		for _, c := range want[part*50 : part*50+50] {
			if err := s.Connections.Put(t.Context(), c); err != nil {
				t.Errorf("put connection: %v", err)
			}
		}
	})
	wantConnections(t, s, user, want...)
}

func connectionsRace(t *testing.T, s Stores) {
	user := unique("ann")
	want := make([]connections.Connection, writers)
	for i := range want {
		want[i] = connection(user, fmt.Sprintf("%02d", i))
	}
	together(writers, func(i int) {
		ctx, gone := t.Context(), connection(user, "gone"+fmt.Sprint(i))
		for _, err := range []error{
			s.Connections.Put(ctx, gone), s.Connections.Put(ctx, want[i]), s.Connections.Delete(ctx, user, gone.ID),
		} {
			if err != nil {
				t.Errorf("writer %d: %v", i, err)
			}
		}
	})
	wantConnections(t, s, user, want...)
}

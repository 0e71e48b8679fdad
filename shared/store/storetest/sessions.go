package storetest

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"bellhop/shared/session"
)

func sessionCases() []testCase {
	return []testCase{
		{"there is none", noSession},
		{"all fields return", sessionsReturn},
		{"one that is over is still found", sessionOver},
		{"one is put again", sessionAgain},
		{"one is deleted once", sessionDeleted},
		{"one is revoked, and again", sessionRevoked},
		{"one is extended, never shortened", sessionExtended},
		{"revoked and extended at once", sessionEndRace},
		{"those of a user", sessionsOfUser},
		{"a ticket returns once", ticketReturns},
		{"a ticket is taken by one of 50", ticketRace},
		{"a ticket is no session, nor the other way round", kindsApart},
	}
}

func newSession(user string) session.Session {
	return session.Session{ID: session.ID(session.NewToken()), User: user, Created: later().Add(-time.Hour), Expires: later()}
}

func newTicket() session.Ticket {
	return session.Ticket{ID: session.ID(session.NewToken()), Session: session.ID(session.NewToken()), Expires: later()}
}

func putSession(t *testing.T, s Stores, list ...session.Session) {
	t.Helper()
	for _, v := range list {
		if err := s.Sessions.PutSession(t.Context(), v); err != nil {
			t.Fatalf("put session %s: %v", v.ID, err)
		}
	}
}

func wantSession(t *testing.T, s Stores, want session.Session) {
	t.Helper()
	got, err := s.Sessions.Session(t.Context(), want.ID)
	if err != nil {
		t.Fatalf("session %s: %v", want.ID, err)
	}
	if d := diff(want, got); d != "" {
		t.Errorf("session (-want +got):\n%s", d)
	}
}

func wantNotFound(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, session.ErrNotFound) {
		t.Errorf("%s: got error %v, want %v", what, err, session.ErrNotFound)
	}
}

func noSession(t *testing.T, s Stores) {
	id := session.ID(session.NewToken())
	_, err := s.Sessions.Session(t.Context(), id)
	wantNotFound(t, "session", err)
	_, err = s.Sessions.DeleteSession(t.Context(), id)
	wantNotFound(t, "delete session", err)
	_, err = s.Sessions.TakeTicket(t.Context(), id)
	wantNotFound(t, "take ticket", err)
	wantSessionsOf(t, s, unique("nobody"))
}

func sessionsReturn(t *testing.T, s Stores) {
	for _, user := range oddNames() {
		v := newSession(user)
		putSession(t, s, v)
		wantSession(t, s, v)
	}
}

func sessionOver(t *testing.T, s Stores) {
	v := newSession(unique("ann"))
	v.Expires = time.Now().Add(-time.Minute).Truncate(time.Second)
	putSession(t, s, v)
	wantSession(t, s, v)
}

func sessionAgain(t *testing.T, s Stores) {
	ann, bob := unique("ann"), unique("bob")
	v := newSession(ann)
	putSession(t, s, v)
	v.User, v.Expires = bob, v.Expires.Add(time.Minute)
	putSession(t, s, v)
	wantSession(t, s, v)
	wantSessionsOf(t, s, bob, v.ID)
	wantSessionsOf(t, s, ann)
}

func sessionDeleted(t *testing.T, s Stores) {
	v, other := newSession(unique("ann")), newSession(unique("ann"))
	putSession(t, s, v, other)
	got, err := s.Sessions.DeleteSession(t.Context(), v.ID)
	if err != nil {
		t.Fatalf("delete session: %v", err)
	}
	if d := diff(v, got); d != "" {
		t.Errorf("deleted session (-want +got):\n%s", d)
	}
	_, err = s.Sessions.Session(t.Context(), v.ID)
	wantNotFound(t, "session after it was deleted", err)
	_, err = s.Sessions.DeleteSession(t.Context(), v.ID)
	wantNotFound(t, "delete session again", err)
	wantSessionsOf(t, s, v.User)
	wantSession(t, s, other)
}

func sessionsOfUser(t *testing.T, s Stores) {
	base := unique("a")
	ann, hash, one := newSession(base), newSession(base+"#b"), newSession(base+"\x01")
	again := newSession(base)
	putSession(t, s, ann, hash, one, again)
	wantSessionsOf(t, s, base, ann.ID, again.ID)
	wantSessionsOf(t, s, base+"#b", hash.ID)
	wantSessionsOf(t, s, base+"\x01", one.ID)
}

// wantSessionsOf asks again for a while, for the list may be late.
func wantSessionsOf(t *testing.T, s Stores, user string, want ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	slices.Sort(want)
	for {
		got, err := s.Sessions.SessionsOfUser(t.Context(), user)
		if err != nil {
			t.Fatalf("sessions of %q: %v", user, err)
		}
		slices.Sort(got)
		if slices.Equal(got, want) {
			return
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("sessions of %q: got %q, want %q", user, got, want)
		}
	}
}

func putTicket(t *testing.T, s Stores, v session.Ticket) {
	t.Helper()
	if err := s.Sessions.PutTicket(t.Context(), v); err != nil {
		t.Fatalf("put ticket %s: %v", v.ID, err)
	}
}

func ticketReturns(t *testing.T, s Stores) {
	v, other := newTicket(), newTicket()
	v.Expires = time.Now().Add(-time.Minute).Truncate(time.Second)
	putTicket(t, s, v)
	putTicket(t, s, other)
	for _, want := range []session.Ticket{v, other} {
		got, err := s.Sessions.TakeTicket(t.Context(), want.ID)
		if err != nil {
			t.Fatalf("take ticket: %v", err)
		}
		if d := diff(want, got); d != "" {
			t.Errorf("ticket (-want +got):\n%s", d)
		}
		_, err = s.Sessions.TakeTicket(t.Context(), want.ID)
		wantNotFound(t, "take ticket again", err)
	}
}

func ticketRace(t *testing.T, s Stores) {
	v := newTicket()
	putTicket(t, s, v)
	var takers atomic.Int64
	together(writers, func(int) {
		got, err := s.Sessions.TakeTicket(t.Context(), v.ID)
		switch {
		case err != nil:
			wantNotFound(t, "take ticket", err)
		case takers.Add(1) > 0 && got.Session != v.Session:
			t.Errorf("ticket: got session %s, want %s", got.Session, v.Session)
		}
	})
	if n := takers.Load(); n != 1 {
		t.Errorf("%d took the ticket, want 1", n)
	}
}

func kindsApart(t *testing.T, s Stores) {
	v, ticket := newSession(unique("ann")), newTicket()
	putSession(t, s, v)
	putTicket(t, s, ticket)
	_, err := s.Sessions.TakeTicket(t.Context(), v.ID)
	wantNotFound(t, "take a session as a ticket", err)
	_, err = s.Sessions.Session(t.Context(), ticket.ID)
	wantNotFound(t, "read a ticket as a session", err)
	_, err = s.Sessions.DeleteSession(t.Context(), ticket.ID)
	wantNotFound(t, "delete a ticket as a session", err)
	wantSession(t, s, v)
	if _, err := s.Sessions.TakeTicket(t.Context(), ticket.ID); err != nil {
		t.Errorf("take ticket: %v", err)
	}
}

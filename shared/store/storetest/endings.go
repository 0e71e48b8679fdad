package storetest

import (
	"testing"
	"time"

	"bellhop/shared/session"
)

// sessionRevoked has a session that authenticates nobody and still says whose
// it was, until it is deleted.
func sessionRevoked(t *testing.T, s Stores) {
	v, other := newSession(unique("ann")), newSession(unique("ann"))
	putSession(t, s, v, other)
	for range 2 {
		got, err := s.Sessions.RevokeSession(t.Context(), v.ID)
		if err != nil {
			t.Fatalf("revoke session: %v", err)
		}
		if d := diff(v, got); d != "" {
			t.Errorf("revoked session (-want +got):\n%s", d)
		}
		_, err = s.Sessions.Session(t.Context(), v.ID)
		wantNotFound(t, "a revoked session", err)
		_, err = s.Sessions.ExtendSession(t.Context(), v.ID, v.Expires.Add(time.Hour))
		wantNotFound(t, "extend a revoked session", err)
		wantSessionsOf(t, s, v.User, v.ID)
	}
	got, err := s.Sessions.DeleteSession(t.Context(), v.ID)
	if d := diff(v, got); d != "" || err != nil {
		t.Errorf("deleted session: %v (-want +got):\n%s", err, d)
	}
	_, err = s.Sessions.RevokeSession(t.Context(), v.ID)
	wantNotFound(t, "revoke a deleted session", err)
	wantSessionsOf(t, s, v.User)
	wantSession(t, s, other)
}

func sessionExtended(t *testing.T, s Stores) {
	v := newSession(unique("ann"))
	putSession(t, s, v)
	for _, by := range []time.Duration{time.Minute, time.Hour, -time.Hour, time.Hour} {
		until := later().Add(by)
		if until.After(v.Expires) {
			v.Expires = until
		}
		got, err := s.Sessions.ExtendSession(t.Context(), v.ID, until)
		if d := diff(v, got); d != "" || err != nil {
			t.Errorf("extended by %v: %v (-want +got):\n%s", by, err, d)
		}
		wantSession(t, s, v)
	}
	_, err := s.Sessions.ExtendSession(t.Context(), session.ID(session.NewToken()), later())
	wantNotFound(t, "extend none", err)
	ticket := newTicket()
	putTicket(t, s, ticket)
	_, err = s.Sessions.ExtendSession(t.Context(), ticket.ID, later())
	wantNotFound(t, "extend a ticket", err)
	_, err = s.Sessions.RevokeSession(t.Context(), ticket.ID)
	wantNotFound(t, "revoke a ticket", err)
}

// sessionEndRace has a revocation win against any number of extensions.
func sessionEndRace(t *testing.T, s Stores) {
	v := newSession(unique("ann"))
	putSession(t, s, v)
	together(writers, func(i int) {
		var err error
		if i == writers/2 {
			_, err = s.Sessions.RevokeSession(t.Context(), v.ID)
		} else if _, err = s.Sessions.ExtendSession(t.Context(), v.ID, later().Add(time.Duration(i)*time.Second)); err != nil {
			wantNotFound(t, "extend", err)
			err = nil
		}
		if err != nil {
			t.Errorf("writer %d: %v", i, err)
		}
	})
	_, err := s.Sessions.Session(t.Context(), v.ID)
	wantNotFound(t, "session after it was revoked", err)
}

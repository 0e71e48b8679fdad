package session_test

import (
	"context"
	"testing"
	"time"

	"bellhop/shared/session"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeStore is a session.Store in memory, for one goroutine.
type fakeStore struct {
	sessions map[string]session.Session
	tickets  map[string]session.Ticket
	err      error // what every call fails with
	asked    []string
}

func newStore() *fakeStore {
	return &fakeStore{sessions: map[string]session.Session{}, tickets: map[string]session.Ticket{}}
}

func (f *fakeStore) PutSession(_ context.Context, s session.Session) error {
	f.sessions[s.ID] = s
	return f.err
}

func (f *fakeStore) Session(_ context.Context, id string) (session.Session, error) {
	f.asked = append(f.asked, id)
	s, ok := f.sessions[id]
	return s, f.result(ok)
}

func (f *fakeStore) DeleteSession(_ context.Context, id string) (session.Session, error) {
	s, ok := f.sessions[id]
	delete(f.sessions, id)
	return s, f.result(ok)
}

func (f *fakeStore) RevokeSession(_ context.Context, id string) (session.Session, error) {
	s, ok := f.sessions[id]
	f.asked = append(f.asked, "revoke "+id)
	return s, f.result(ok)
}

func (f *fakeStore) ExtendSession(_ context.Context, id string, expires time.Time) (session.Session, error) {
	s, ok := f.sessions[id]
	if ok {
		s.Expires = expires
		f.sessions[id] = s
	}
	return s, f.result(ok)
}

func (f *fakeStore) PutTicket(_ context.Context, t session.Ticket) error {
	f.tickets[t.ID] = t
	return f.err
}

func (f *fakeStore) TakeTicket(_ context.Context, id string) (session.Ticket, error) {
	f.asked = append(f.asked, id)
	t, ok := f.tickets[id]
	delete(f.tickets, id)
	return t, f.result(ok)
}

func (f *fakeStore) result(found bool) error {
	if f.err == nil && !found {
		return session.ErrNotFound
	}
	return f.err
}

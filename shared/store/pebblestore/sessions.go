package pebblestore

import (
	"context"
	"fmt"
	"sync"
	"time"

	"bellhop/shared/session"

	"github.com/cockroachdb/pebble/v2"
)

func idKey(table byte, id string) []byte { return append([]byte{table}, id...) }

func byUserKey(user, id string) []byte { return append(ofUser(tableByUser, user), id...) }

// PutSession implements session.Store.
func (s *Store) PutSession(_ context.Context, v session.Session) error {
	if err := s.putSession(v); err != nil {
		return fmt.Errorf("put session %s: %w", v.ID, err)
	}
	return nil
}

// putSession moves a session that is there already to its new user's list.
func (s *Store) putSession(v session.Session) error {
	mu := s.lock(v.ID)
	mu.Lock()
	defer mu.Unlock()
	old, there, err := get(s.db, idKey(tableSessions, v.ID), decodeSession)
	if err != nil {
		return err
	}
	return s.write(func(b *pebble.Batch) {
		if there {
			drop(b, byUserKey(old.User, old.ID))
		}
		put(b, idKey(tableSessions, v.ID), encodeSession(sessionRow{Session: v}))
		put(b, byUserKey(v.User, v.ID), nil)
	})
}

// Session implements session.Store.
func (s *Store) Session(_ context.Context, id string) (session.Session, error) {
	v, ok, err := get(s.db, idKey(tableSessions, id), decodeSession)
	if err == nil && (!ok || v.revoked) {
		err = session.ErrNotFound
	}
	if err != nil {
		return session.Session{}, fmt.Errorf("read session %s: %w", id, err)
	}
	return v.Session, nil
}

// DeleteSession implements session.Store.
func (s *Store) DeleteSession(_ context.Context, id string) (session.Session, error) {
	v, err := take(s.lock(id), s, idKey(tableSessions, id), decodeSession, func(b *pebble.Batch, v sessionRow) {
		drop(b, byUserKey(v.User, v.ID))
	})
	if err != nil {
		return session.Session{}, fmt.Errorf("delete session %s: %w", id, err)
	}
	return v.Session, nil
}

// RevokeSession implements session.Store.
func (s *Store) RevokeSession(_ context.Context, id string) (session.Session, error) {
	v, err := s.changeSession(id, func(v *sessionRow) bool {
		v.revoked = true
		return true
	})
	if err != nil {
		return session.Session{}, fmt.Errorf("revoke session %s: %w", id, err)
	}
	return v, nil
}

// ExtendSession implements session.Store.
func (s *Store) ExtendSession(_ context.Context, id string, expires time.Time) (session.Session, error) {
	v, err := s.changeSession(id, func(v *sessionRow) bool {
		if expires.After(v.Expires) {
			v.Expires = expires
		}
		return !v.revoked
	})
	if err != nil {
		return session.Session{}, fmt.Errorf("extend session %s: %w", id, err)
	}
	return v, nil
}

// changeSession writes what change makes of a session, unless it says false.
func (s *Store) changeSession(id string, change func(*sessionRow) bool) (session.Session, error) {
	mu := s.lock(id)
	mu.Lock()
	defer mu.Unlock()
	v, ok, err := get(s.db, idKey(tableSessions, id), decodeSession)
	if err == nil && (!ok || !change(&v)) {
		err = session.ErrNotFound
	}
	if err != nil {
		return session.Session{}, err
	}
	return v.Session, s.write(func(b *pebble.Batch) { put(b, idKey(tableSessions, id), encodeSession(v)) })
}

// SessionsOfUser implements session.Store.
func (s *Store) SessionsOfUser(ctx context.Context, user string) ([]string, error) {
	var ids []string
	prefix := ofUser(tableByUser, user)
	err := s.scan(ctx, prefix, func(key, _ []byte) error {
		ids = append(ids, string(key[len(prefix):]))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the sessions of %s: %w", user, err)
	}
	return ids, nil
}

// PutTicket implements session.Store.
func (s *Store) PutTicket(_ context.Context, t session.Ticket) error {
	mu := s.lock(t.ID)
	mu.Lock()
	defer mu.Unlock()
	if err := s.write(func(b *pebble.Batch) { put(b, idKey(tableTickets, t.ID), encodeTicket(t)) }); err != nil {
		return fmt.Errorf("put ticket %s: %w", t.ID, err)
	}
	return nil
}

// TakeTicket implements session.Store.
func (s *Store) TakeTicket(_ context.Context, id string) (session.Ticket, error) {
	t, err := take(s.lock(id), s, idKey(tableTickets, id), decodeTicket, func(*pebble.Batch, session.Ticket) {})
	if err != nil {
		return session.Ticket{}, fmt.Errorf("take ticket %s: %w", id, err)
	}
	return t, nil
}

// take removes a row, and what also says, and returns it, to one caller only.
func take[T any](mu *sync.Mutex, s *Store, key []byte, decode func([]byte) (T, error), also func(*pebble.Batch, T)) (T, error) {
	mu.Lock()
	defer mu.Unlock()
	v, ok, err := get(s.db, key, decode)
	if err == nil && !ok {
		err = session.ErrNotFound
	}
	if err != nil {
		return v, err
	}
	return v, s.write(func(b *pebble.Batch) {
		drop(b, key)
		also(b, v)
	})
}

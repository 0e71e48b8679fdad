package session

import (
	"context"
	"errors"
	"time"
)

// Lifetime says how far sessions go on.
type Lifetime struct {
	MaxAge time.Duration // from the creation, however often it is renewed; 0 is MaxTTL
}

// until is where a session ends that goes on for ttl from now.
func (l Lifetime) until(s Session, now time.Time, ttl time.Duration) time.Time {
	age := l.MaxAge
	if age == 0 {
		age = MaxTTL
	}
	end := now.Add(ttl)
	if last := s.Created.Add(age); !s.Created.IsZero() && last.Before(end) {
		end = last
	}
	return end.Truncate(time.Second)
}

// Renewer is what extending needs of a store.
type Renewer interface {
	Session(ctx context.Context, id string) (Session, error)
	ExtendSession(ctx context.Context, id string, expires time.Time) (Session, error)
}

// Renew extends a session that has not ended to ttl from now, but never beyond
// its greatest age and never to an earlier end. ErrNotFound says that it has
// ended: one that has is not brought back.
func (l Lifetime) Renew(ctx context.Context, store Renewer, id string, now time.Time, ttl time.Duration) (Session, error) {
	s, err := Active(ctx, store, id, now)
	if err != nil || Foreign(id) { // which ends as its issuer said
		return s, err
	}
	if until := l.until(s, now, ttl); until.After(s.Expires) {
		return store.ExtendSession(ctx, id, until)
	}
	return s, nil
}

// End is what ending sessions needs of a store.
type End interface {
	RevokeSession(ctx context.Context, id string) (Session, error)
	DeleteSession(ctx context.Context, id string) (Session, error)
}

// Revoke ends a session: first nobody is signed in by it any more, then closed
// is called to close its sockets, and only when that worked is it deleted. So a
// Revoke that failed halfway can be done again. It says false if there is no
// such session.
func Revoke(ctx context.Context, store End, id string, closed func(Session) error) (bool, error) {
	s, err := store.RevokeSession(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := closed(s); err != nil {
		return true, err
	}
	if _, err := store.DeleteSession(ctx, id); err != nil && !errors.Is(err, ErrNotFound) {
		return true, err
	}
	return true, nil
}

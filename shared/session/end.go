package session

import (
	"context"
	"errors"
	"time"
)

// Lifetime says how far sessions go on.
type Lifetime struct {
	MaxAge time.Duration // from the creation, however often it is renewed; 0 is MaxTTL
	Idle   time.Duration // from the last thing that the user did: see Slide; 0: nothing extends but Renew
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

// Extender is what extending a session needs of a store.
type Extender interface {
	ExtendSession(ctx context.Context, id string, expires time.Time) (Session, error)
}

// Renewer is what renewing needs of a store.
type Renewer interface {
	Session(ctx context.Context, id string) (Session, error)
	Extender
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

// steps is into how many parts Idle is divided: an end moves by one at least, so
// that it is written at most so often in that time, whatever the user does.
const steps = 10

// Slides says whether something that the user does now would move this end.
func (l Lifetime) Slides(expires, now time.Time) bool {
	return l.Idle > 0 && !expires.After(now.Add(l.Idle-l.Idle/steps))
}

// Slide extends a session that was read just now to Idle from now, but never
// beyond its greatest age and never to an earlier end; false says that it stays
// as it is. ErrNotFound says that it was revoked meanwhile.
func (l Lifetime) Slide(ctx context.Context, store Extender, s Session, now time.Time) (Session, bool, error) {
	until := l.until(s, now, l.Idle)
	if Foreign(s.ID) || !l.Slides(s.Expires, now) || !until.After(s.Expires) {
		return s, false, nil
	}
	s, err := store.ExtendSession(ctx, s.ID, until)
	return s, true, err
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

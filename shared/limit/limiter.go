package limit

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"bellhop/shared/backoff"
)

// How often a Limiter tries to write what it counted: the pauses before the
// third try and those after it are random, up to a time that doubles.
const (
	tries      = 6
	firstPause = 5 * time.Millisecond
)

// ErrConflict says that a state is not what a Change says that it was.
var ErrConflict = errors.New("the state has changed")

// Change replaces a user's state.
type Change struct {
	Was  State     // by its Version; without one: no bucket is in use at Now
	Next State     // with a Version that no other write has
	Now  time.Time // in microseconds
}

// Fits says whether the state that stands is the one that is to be replaced.
func (c Change) Fits(stands State) bool {
	if c.Was.Version == "" {
		return !stands.Until().After(c.Now)
	}
	return stands.Version == c.Was.Version
}

// Store keeps the states. Its methods are safe for concurrent use.
type Store interface {
	// Swap makes a change of a user's state, or fails with ErrConflict and gives
	// the state that stands instead. It may forget a state from its Until on.
	// Errors name the operation and the user.
	Swap(ctx context.Context, user string, c Change) (State, error)
}

// Limiter counts requests. It is safe for concurrent use.
type Limiter struct {
	Rates Rates
	Store Store
	Now   func() time.Time
}

// Take counts one request of a user, and says what becomes of it. One over HTTP
// is of no connection, "". The usual case is one write, on the guess that the
// user's buckets are full; where it is wrong, it brings back the state.
func (l *Limiter) Take(ctx context.Context, user, connection string) (Verdict, error) {
	if l.Rates.User.off() && !l.Rates.counts(connection) {
		return Verdict{}, nil
	}
	var was State
	for try := range tries {
		if err := pause(ctx, try); err != nil {
			return Verdict{}, fmt.Errorf("count a request of %s: %w", user, err)
		}
		now := l.now()
		next, v := l.Rates.Take(was, connection, now)
		if v.Refused != "" && !l.Rates.counts(connection) {
			return v, nil // it cost nothing
		}
		next.Version = rand.Text()
		stands, err := l.Store.Swap(ctx, user, Change{Was: was, Next: next, Now: now})
		if !errors.Is(err, ErrConflict) {
			return v, err
		}
		was = stands
	}
	_, v := l.Rates.Take(was, connection, l.now())
	return v, nil
}

func (l *Limiter) now() time.Time { return l.Now().Truncate(time.Microsecond) }

// pause lets the first two tries pass at once: the second one is usual.
func pause(ctx context.Context, try int) error {
	if try < 2 {
		return nil
	}
	return backoff.Pause(ctx, firstPause<<(try-2))
}

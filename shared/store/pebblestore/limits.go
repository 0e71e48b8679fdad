package pebblestore

import (
	"context"
	"fmt"

	"bellhop/shared/limit"

	"github.com/cockroachdb/pebble/v2"
)

// Swap implements limit.Store.
func (s *Store) Swap(_ context.Context, user string, c limit.Change) (limit.State, error) {
	mu := s.lock(user)
	mu.Lock()
	defer mu.Unlock()
	key := ofUser(tableLimits, user)
	stands, _, err := get(s.db, key, decodeLimits)
	if err == nil && !c.Fits(stands) {
		return stands, limit.ErrConflict
	}
	if err == nil {
		err = s.write(func(b *pebble.Batch) { put(b, key, encodeLimits(c.Next)) })
	}
	if err != nil {
		return limit.State{}, fmt.Errorf("swap the limits of %s: %w", user, err)
	}
	return limit.State{}, nil
}

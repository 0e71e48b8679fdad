package pebblestore

import (
	"context"

	"github.com/cockroachdb/pebble/v2"
)

// LoseHead deletes the head of a log, and leaves the rest of it.
func (s *Store) LoseHead(_ context.Context, user string) error {
	return s.db.Delete(inboxKey(user, kindHead), pebble.Sync)
}

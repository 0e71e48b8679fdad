package pebblestore

import (
	"context"
	"fmt"
	"time"

	"github.com/cockroachdb/pebble/v2"
)

// Sweep removes the rows that have expired at now, as DynamoDB's time to live
// does. It reads everything, beside other work; heads stay.
func (s *Store) Sweep(ctx context.Context, now time.Time) error {
	for _, table := range []byte{tableInbox, tableConnections, tableSessions, tableTickets, tableLimits} {
		err := s.scan(ctx, []byte{table}, func(key, value []byte) error {
			if expires, err := expiry(key, value); err != nil || !over(expires, now) {
				return err
			}
			return s.expire(key, now)
		})
		if err != nil {
			return fmt.Errorf("sweep table %c: %w", table, err)
		}
	}
	return nil
}

func over(expires, now time.Time) bool { return !expires.IsZero() && !now.Before(expires) }

// expire removes a row that is still over, with what belongs to it. The lock
// keeps writers away, who may have put another row in its place meanwhile.
func (s *Store) expire(key []byte, now time.Time) error {
	mu := s.lock(lockName(key))
	mu.Lock()
	defer mu.Unlock()
	value, ok, err := get(s.db, key, func(b []byte) ([]byte, error) { return append([]byte(nil), b...), nil })
	if err != nil || !ok {
		return err
	}
	if expires, err := expiry(key, value); err != nil || !over(expires, now) {
		return err
	}
	return s.write(func(b *pebble.Batch) {
		drop(b, key)
		dropRelated(b, key, value)
	})
}

// lockName is what the writers of a row lock by: its user, where its key begins
// with one, else the row's id.
func lockName(key []byte) string {
	if key[0] == tableInbox || key[0] == tableConnections || key[0] == tableLimits {
		return userOf(key)
	}
	return string(key[1:])
}

// expiry is when a row is over; zero for those that have no such time.
func expiry(key, value []byte) (time.Time, error) {
	switch key[0] {
	case tableConnections:
		c, err := decodeConnection(value)
		return c.Expires, err
	case tableSessions:
		v, err := decodeSession(value)
		return v.Expires, err
	case tableTickets:
		t, err := decodeTicket(value)
		return t.Expires, err
	case tableLimits:
		s, err := decodeLimits(value)
		return s.Until(), err
	}
	switch key[userEnd(key)] {
	case kindMarker:
		m, err := decodeMarker(value)
		return m.Expires, err
	case kindPointer:
		p, err := decodePointer(value)
		return p.Expires, err
	case kindItem:
		i, err := decodeItem(value)
		return i.Expires, err
	}
	return time.Time{}, nil
}

// dropRelated removes the index entries of a row that expiry could read.
func dropRelated(b *pebble.Batch, key, value []byte) {
	switch {
	case key[0] == tableConnections:
		c, _ := decodeConnection(value)
		dropConnection(b, c)
	case key[0] == tableSessions:
		v, _ := decodeSession(value)
		drop(b, byUserKey(v.User, v.ID))
	case key[0] == tableInbox && key[userEnd(key)] == kindItem:
		i, _ := decodeItem(value)
		dropEntries(b, userOf(key), i)
	}
}

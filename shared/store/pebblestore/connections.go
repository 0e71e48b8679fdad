package pebblestore

import (
	"context"
	"fmt"
	"time"

	"bellhop/shared/connections"

	"github.com/cockroachdb/pebble/v2"
)

func connectionKey(user, id string) []byte { return append(ofUser(tableConnections, user), id...) }

// Put implements connections.Store.
func (s *Store) Put(_ context.Context, c connections.Connection) error {
	mu := s.lock(c.User)
	mu.Lock()
	defer mu.Unlock()
	err := s.write(func(b *pebble.Batch) { put(b, connectionKey(c.User, c.ID), encodeConnection(c)) })
	if err != nil {
		return fmt.Errorf("put connection %s: %w", c.ID, err)
	}
	return nil
}

// OfUser implements connections.Store.
func (s *Store) OfUser(ctx context.Context, user string, now time.Time) ([]connections.Connection, error) {
	var rows []connections.Connection
	err := s.scan(ctx, ofUser(tableConnections, user), func(_, value []byte) error {
		c, err := decodeConnection(value)
		if err == nil && now.Before(c.Expires) {
			rows = append(rows, c)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the connections of %s: %w", user, err)
	}
	return rows, nil
}

// Delete implements connections.Store.
func (s *Store) Delete(_ context.Context, user, id string) error {
	if err := s.write(func(b *pebble.Batch) { drop(b, connectionKey(user, id)) }); err != nil {
		return fmt.Errorf("delete connection %s: %w", id, err)
	}
	return nil
}

// scan visits the keys with a prefix, in order. Key and value are valid during
// the visit alone.
func (s *Store) scan(ctx context.Context, prefix []byte, visit func(key, value []byte) error) (err error) {
	it, err := s.db.NewIterWithContext(ctx, &pebble.IterOptions{LowerBound: prefix, UpperBound: after(prefix)})
	if err != nil {
		return err
	}
	defer func() {
		if closing := it.Close(); err == nil {
			err = closing
		}
	}()
	for ok := it.First(); ok; ok = it.Next() {
		value, err := it.ValueAndErr()
		if err != nil {
			return err
		}
		if err := visit(it.Key(), value); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

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
	err := s.changeConnection(c.User, c.ID, func(connections.Connection, bool) (connections.Connection, bool) { return c, true })
	if err != nil {
		return fmt.Errorf("put connection %s: %w", c.ID, err)
	}
	return nil
}

// SetEnds implements connections.Store.
func (s *Store) SetEnds(_ context.Context, c connections.Connection, ends time.Time) error {
	err := s.changeConnection(c.User, c.ID, func(old connections.Connection, there bool) (connections.Connection, bool) {
		old.Ends = ends
		return old, there
	})
	if err != nil {
		return fmt.Errorf("set the end of connection %s: %w", c.ID, err)
	}
	return nil
}

// changeConnection writes what change makes of a row, or leaves none if it says
// false, and keeps the index by end.
func (s *Store) changeConnection(user, id string, change func(old connections.Connection, there bool) (connections.Connection, bool)) error {
	mu := s.lock(user)
	mu.Lock()
	defer mu.Unlock()
	key := connectionKey(user, id)
	old, there, err := get(s.db, key, decodeConnection)
	if err != nil {
		return err
	}
	c, stays := change(old, there)
	return s.write(func(b *pebble.Batch) {
		if there {
			dropConnection(b, old)
		}
		if !stays {
			return
		}
		put(b, key, encodeConnection(c))
		if bucket, ok := c.Bucket(); ok {
			put(b, dueKey(bucket, key), nil)
		}
	})
}

func dropConnection(b *pebble.Batch, c connections.Connection) {
	key := connectionKey(c.User, c.ID)
	drop(b, key)
	if bucket, ok := c.Bucket(); ok {
		drop(b, dueKey(bucket, key))
	}
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
	err := s.changeConnection(user, id, func(connections.Connection, bool) (c connections.Connection, stays bool) { return c, false })
	if err != nil {
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

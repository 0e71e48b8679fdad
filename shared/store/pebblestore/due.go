package pebblestore

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"bellhop/shared/connections"

	"github.com/cockroachdb/pebble/v2"
)

// duePage is how many rows a visit gets at most.
const duePage = 100

func dueBucket(b connections.Bucket) []byte {
	key := binary.BigEndian.AppendUint64([]byte{tableDue}, uint64(b.Minute))
	return append(key, byte(b.Shard))
}

func dueKey(b connections.Bucket, key []byte) []byte { return append(dueBucket(b), key...) }

// Due implements connections.Schedule.
func (s *Store) Due(ctx context.Context, b connections.Bucket, now time.Time, visit func([]connections.Connection) error) error {
	due, err := s.due(ctx, b, now)
	if err != nil {
		return fmt.Errorf("read connections due in minute %d: %w", b.Minute, err)
	}
	for len(due) > 0 {
		page := due[:min(duePage, len(due))]
		if err := visit(page); err != nil {
			return err
		}
		due = due[len(page):]
	}
	return nil
}

func (s *Store) due(ctx context.Context, b connections.Bucket, now time.Time) ([]connections.Connection, error) {
	var due []connections.Connection
	prefix := dueBucket(b)
	err := s.scan(ctx, prefix, func(key, _ []byte) error {
		c, there, err := get(s.db, key[len(prefix):], decodeConnection)
		if there && c.Over(now) {
			due = append(due, c)
		}
		return err
	})
	return due, err
}

// Swept implements connections.Schedule.
func (s *Store) Swept(context.Context) (int64, error) {
	minute, _, err := get(s.db, []byte{tableSwept}, func(b []byte) (int64, error) {
		r := reader{rest: b}
		return r.number(), r.done("how far connections are swept")
	})
	return minute, err
}

// SetSwept implements connections.Schedule.
func (s *Store) SetSwept(_ context.Context, minute int64) error {
	var w writer
	w.number(minute)
	if err := s.write(func(b *pebble.Batch) { put(b, []byte{tableSwept}, w) }); err != nil {
		return fmt.Errorf("write how far connections are swept: %w", err)
	}
	return nil
}

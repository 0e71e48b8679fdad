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

// BeginSweep implements connections.Schedule.
func (s *Store) BeginSweep(_ context.Context, lease connections.Lease) (int64, bool, error) {
	var minute int64
	var ok bool
	err := s.changeSwept(func(v *swept) bool {
		if minute, ok = v.minute, !v.held.After(lease.Now); ok {
			v.held = lease.Until
		}
		return ok
	})
	if err != nil {
		return 0, false, fmt.Errorf("begin a sweep: %w", err)
	}
	return minute, ok, nil
}

// EndSweep implements connections.Schedule.
func (s *Store) EndSweep(_ context.Context, lease connections.Lease, minute int64) error {
	err := s.changeSwept(func(v *swept) bool {
		held := v.held.Equal(lease.Until)
		*v = swept{minute: minute}
		return held
	})
	if err != nil {
		return fmt.Errorf("end a sweep at minute %d: %w", minute, err)
	}
	return nil
}

// changeSwept writes what change makes of the sweep's record, unless it says
// false.
func (s *Store) changeSwept(change func(*swept) bool) error {
	key := []byte{tableSwept}
	mu := s.lock(string(key))
	mu.Lock()
	defer mu.Unlock()
	v, _, err := get(s.db, key, decodeSwept)
	if err != nil || !change(&v) {
		return err
	}
	return s.write(func(b *pebble.Batch) { put(b, key, encodeSwept(v)) })
}

// swept is how far connections are swept, and until when a sweep is under way.
type swept struct {
	minute int64
	held   time.Time
}

func encodeSwept(v swept) []byte {
	var w writer
	w.number(v.minute)
	if !v.held.IsZero() {
		w.time(v.held)
	}
	return w
}

func decodeSwept(b []byte) (swept, error) {
	r := reader{rest: b}
	v := swept{minute: r.number()}
	if len(r.rest) > 0 {
		v.held = r.time()
	}
	return v, r.done("how far connections are swept")
}

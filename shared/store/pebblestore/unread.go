package pebblestore

import (
	"context"
	"errors"
	"fmt"

	"bellhop/shared/inbox"

	"github.com/cockroachdb/pebble/v2"
)

// Unread implements inbox.Table.
func (s *Store) Unread(ctx context.Context, user string, q inbox.UnreadQuery) (inbox.UnreadPage, error) {
	page, err := s.unread(ctx, user, q)
	if err != nil {
		return page, fmt.Errorf("read the unread of %s: %w", user, err)
	}
	return page, nil
}

func (s *Store) unread(ctx context.Context, user string, q inbox.UnreadQuery) (page inbox.UnreadPage, err error) {
	it, err := s.db.NewIterWithContext(ctx, unreadBounds(user, q))
	if err != nil {
		return page, err
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	page.Entries = make([]inbox.Entry, 0, min(q.Limit, 128)) // most queries fill their page
	for ok := it.First(); ok; ok = it.Next() {
		if len(page.Entries) == q.Limit {
			last := page.Entries[q.Limit-1]
			page.Next = &inbox.Position{Value: last.Unread, Offset: last.Offset}
			break
		}
		value, err := it.ValueAndErr()
		if err != nil {
			return page, err
		}
		p, fields := complement(position(it.Key())), reader{rest: value}
		page.Entries = append(page.Entries, inbox.Entry{Unread: p.Value, Offset: p.Offset, Expires: fields.number()})
		if fields.err != nil {
			return page, fields.err
		}
	}
	return page, it.Error()
}

// unreadBounds is the range of keys that a query asks for: newest first.
func unreadBounds(user string, q inbox.UnreadQuery) *pebble.IterOptions {
	prefix := inboxKey(user, kindUnread)
	lower, upper := prefix, after(prefix)
	if q.Above > 0 {
		upper = unreadKey(user, above(q.Above))
	}
	if q.After != nil {
		lower = next(unreadKey(user, *q.After))
	}
	return &pebble.IterOptions{LowerBound: lower, UpperBound: upper}
}

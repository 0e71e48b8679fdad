package inbox

import (
	"context"
	"fmt"

	"bellhop/shared/protocol"
)

// Counts computes the badge: the items that show and are unread, and those of
// them that are unseen. Each stops at 100.
func (l *Log) Counts(ctx context.Context, user string, head Head) (protocol.Counts, error) {
	var c protocol.Counts
	now := l.now()
	q := Query{Index: ByUnread, Above: head.ReadThrough, Descending: true, Limit: protocol.MaxCount}
	for {
		found, err := l.table.Query(ctx, user, q)
		if err != nil {
			return c, fmt.Errorf("count the log of %s: %w", user, err)
		}
		for _, item := range found.Items {
			if item.expired(now) {
				continue
			}
			c.Unread = min(c.Unread+1, protocol.MaxCount)
			if item.Offset > head.SeenThrough {
				c.Unseen = min(c.Unseen+1, protocol.MaxCount)
			}
			if c.Unread >= protocol.MaxCount && (c.Unseen >= protocol.MaxCount || item.Unread <= head.SeenThrough) {
				return c, nil
			}
		}
		if found.Next == nil {
			return c, nil
		}
		q.After = found.Next
	}
}

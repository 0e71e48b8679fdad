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
	now := l.now().Unix()
	q := UnreadQuery{Above: head.ReadThrough, Limit: protocol.MaxCount}
	for {
		page, err := l.table.Unread(ctx, user, q)
		if err != nil {
			return c, fmt.Errorf("count the log of %s: %w", user, err)
		}
		for _, entry := range page.Entries {
			if entry.Expires <= now || entry.Offset <= head.ArchivedThrough {
				continue
			}
			c.Unread = min(c.Unread+1, protocol.MaxCount)
			if entry.Offset > head.SeenThrough {
				c.Unseen = min(c.Unseen+1, protocol.MaxCount)
			}
			if c.Unread >= protocol.MaxCount && (c.Unseen >= protocol.MaxCount || entry.Unread <= head.SeenThrough) {
				return c, nil
			}
		}
		if page.Next == nil {
			return c, nil
		}
		q.After = page.Next
	}
}

package inbox

import (
	"context"
	"fmt"
	"math"
	"time"

	"bellhop/shared/protocol"
)

// Counts computes the badge: the items that show and are unread, and those of
// them that are unseen. Each stops at 100.
func (l *Log) Counts(ctx context.Context, user string, head Head) (protocol.Counts, error) {
	c, _, err := l.CountsUntil(ctx, user, head)
	return c, err
}

// CountsUntil also says until when the counts hold if the log does not change:
// when the first of the items counted expires; zero for ever.
func (l *Log) CountsUntil(ctx context.Context, user string, head Head) (c protocol.Counts, until time.Time, err error) {
	now, first := l.now().Unix(), int64(math.MaxInt64)
	defer func() {
		if first < math.MaxInt64 {
			until = time.Unix(first, 0)
		}
	}()
	q := UnreadQuery{Above: head.ReadThrough, Limit: protocol.MaxCount}
	for {
		page, err := l.table.Unread(ctx, user, q)
		if err != nil {
			return c, until, fmt.Errorf("count the log of %s: %w", user, err)
		}
		for _, entry := range page.Entries {
			if entry.Expires <= now || entry.Offset <= head.ArchivedThrough {
				continue
			}
			first = min(first, entry.Expires)
			c.Unread = min(c.Unread+1, protocol.MaxCount)
			if entry.Offset > head.SeenThrough && entry.Unread == entry.Offset { // one unread again has been seen
				c.Unseen = min(c.Unseen+1, protocol.MaxCount)
			}
			if c.Unread >= protocol.MaxCount && (c.Unseen >= protocol.MaxCount || entry.Unread <= head.SeenThrough) {
				return c, until, nil
			}
		}
		if page.Next == nil {
			return c, until, nil
		}
		q.After = page.Next
	}
}

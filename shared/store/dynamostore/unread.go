package dynamostore

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"bellhop/shared/inbox"
)

// Unread implements [inbox.Table] by one Query of the sparse index, which holds
// keys and expiry alone.
func (s *Store) Unread(ctx context.Context, user string, q inbox.UnreadQuery) (inbox.UnreadPage, error) {
	if q.After != nil && q.After.Value <= q.Above {
		return inbox.UnreadPage{}, nil
	}
	in := byIndex(s.queryOf(user, q.Limit), user, indexRange{byUnread, "unread", q.Above, q.After})
	in.ScanIndexForward = aws.Bool(false)
	out, err := s.client.Query(ctx, in)
	if err == nil {
		var page inbox.UnreadPage
		if page, err = unreadIn(out); err == nil {
			return page, nil
		}
	}
	return inbox.UnreadPage{}, fmt.Errorf("read the unread of %s: %w", user, err)
}

func unreadIn(out *dynamodb.QueryOutput) (inbox.UnreadPage, error) {
	page := inbox.UnreadPage{Entries: make([]inbox.Entry, len(out.Items))}
	for i, r := range out.Items {
		item, err := itemOf(r)
		if err != nil {
			return page, err
		}
		page.Entries[i] = inbox.Entry{Unread: item.Unread, Offset: item.Offset, Expires: item.Expires.Unix()}
	}
	if len(out.LastEvaluatedKey) == 0 {
		return page, nil
	}
	last, err := itemOf(out.LastEvaluatedKey)
	if err != nil {
		return page, fmt.Errorf("last key: %w", err)
	}
	page.Next = &inbox.Position{Value: last.Unread, Offset: last.Offset}
	return page, nil
}

package dynamostore

import (
	"context"
	"fmt"
	"math"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"bellhop/shared/inbox"
)

// Query implements [inbox.Table] by one Query. A page ends at the limit, or
// early at 1 MB.
func (s *Store) Query(ctx context.Context, user string, q inbox.Query) (inbox.Found, error) {
	in := s.query(user, q)
	if in == nil {
		return inbox.Found{}, nil
	}
	out, err := s.client.Query(ctx, in)
	if err == nil {
		var found inbox.Found
		if found, err = foundIn(out, q.Index); err == nil {
			return found, nil
		}
	}
	return inbox.Found{}, fmt.Errorf("query the log of %s: %w", user, err)
}

// query is the request for q, or nil where nothing can be found.
func (s *Store) query(user string, q inbox.Query) *dynamodb.QueryInput {
	in := &dynamodb.QueryInput{
		TableName:                 &s.tables.Inbox,
		ConsistentRead:            aws.Bool(true),
		ScanIndexForward:          aws.Bool(!q.Descending),
		Limit:                     aws.Int32(int32(min(q.Limit, math.MaxInt32))),
		ExpressionAttributeNames:  map[string]string{"#user": "user"},
		ExpressionAttributeValues: row{":user": text(user)},
	}
	if q.Index == inbox.ByOffset {
		return byKey(in, q)
	}
	return byIndex(in, user, q)
}

// byKey asks for the offsets in (low, high]: a start behind a position is a
// bound like any other.
func byKey(in *dynamodb.QueryInput, q inbox.Query) *dynamodb.QueryInput {
	low, high := max(q.Above, 0), int64(maxOffset)
	if q.After != nil && q.Descending {
		high = q.After.Value - 1
	} else if q.After != nil {
		low = max(low, q.After.Value)
	}
	if low >= high {
		return nil
	}
	in.KeyConditionExpression = aws.String("#user = :user AND #key BETWEEN :low AND :high")
	in.ExpressionAttributeNames["#key"] = "key"
	in.ExpressionAttributeValues[":low"] = text(itemKey(low + 1))
	in.ExpressionAttributeValues[":high"] = text(itemKey(high))
	return in
}

// byIndex starts at ExclusiveStartKey, since a value may stand at several
// items. DynamoDB refuses a start outside the range of the condition.
func byIndex(in *dynamodb.QueryInput, user string, q inbox.Query) *dynamodb.QueryInput {
	name, value := indexOf(q.Index)
	in.IndexName = aws.String(name)
	in.KeyConditionExpression = aws.String("#user = :user AND #value > :above")
	in.ExpressionAttributeNames["#value"] = value
	in.ExpressionAttributeValues[":above"] = number(q.Above)
	switch {
	case q.After == nil:
	case q.After.Value > q.Above:
		in.ExclusiveStartKey = logKey(user, itemKey(q.After.Offset))
		in.ExclusiveStartKey[value] = number(q.After.Value)
	case q.Descending:
		return nil
	}
	return in
}

// indexOf is a local index's name and the attribute that it sorts by.
func indexOf(i inbox.Index) (name, value string) {
	if i == inbox.ByChange {
		return byChange, "changed"
	}
	return byUnread, "unread"
}

func foundIn(out *dynamodb.QueryOutput, index inbox.Index) (inbox.Found, error) {
	found := inbox.Found{Items: make([]inbox.Item, len(out.Items))}
	var err error
	for i, r := range out.Items {
		if found.Items[i], err = itemOf(r); err != nil {
			return inbox.Found{}, err
		}
	}
	if len(out.LastEvaluatedKey) > 0 {
		found.Next, err = positionOf(out.LastEvaluatedKey, index)
	}
	return found, err
}

func positionOf(last row, index inbox.Index) (*inbox.Position, error) {
	i, err := itemOf(last)
	if err != nil {
		return nil, fmt.Errorf("last key: %w", err)
	}
	p := &inbox.Position{Offset: i.Offset}
	switch index {
	case inbox.ByChange:
		p.Value = i.Changed
	case inbox.ByUnread:
		p.Value = i.Unread
	default:
		p.Value = i.Offset
	}
	return p, nil
}

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
	in := s.queryOf(user, q.Limit)
	in.ScanIndexForward = aws.Bool(!q.Descending)
	if q.Index == inbox.ByOffset {
		return byKey(in, q)
	}
	if q.After != nil && q.After.Value <= q.Above && q.Descending {
		return nil
	}
	return byIndex(in, user, indexRange{byChange, "changed", q.Above, q.After})
}

// queryOf is what every query of a user's log has.
func (s *Store) queryOf(user string, limit int) *dynamodb.QueryInput {
	return &dynamodb.QueryInput{
		TableName:                 &s.tables.Inbox,
		ConsistentRead:            aws.Bool(true),
		Limit:                     aws.Int32(int32(min(limit, math.MaxInt32))),
		ExpressionAttributeNames:  map[string]string{"#user": "user"},
		ExpressionAttributeValues: row{":user": text(user)},
	}
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

// indexRange is a local index, the attribute that it sorts by, and the part
// asked for.
type indexRange struct {
	index, attribute string
	above            int64
	after            *inbox.Position
}

// byIndex starts at ExclusiveStartKey, since a value may stand at several
// items. DynamoDB refuses a start outside the range of the condition.
func byIndex(in *dynamodb.QueryInput, user string, r indexRange) *dynamodb.QueryInput {
	in.IndexName = &r.index
	in.KeyConditionExpression = aws.String("#user = :user AND #value > :above")
	in.ExpressionAttributeNames["#value"] = r.attribute
	in.ExpressionAttributeValues[":above"] = number(r.above)
	if r.after != nil && r.after.Value > r.above {
		in.ExclusiveStartKey = logKey(user, itemKey(r.after.Offset))
		in.ExclusiveStartKey[r.attribute] = number(r.after.Value)
	}
	return in
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
	if p.Value = i.Offset; index == inbox.ByChange {
		p.Value = i.Changed
	}
	return p, nil
}

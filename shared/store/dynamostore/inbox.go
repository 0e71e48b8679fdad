package dynamostore

import (
	"context"
	"fmt"
	"time"

	"bellhop/shared/inbox"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Load implements inbox.Table.
func (s *Store) Load(ctx context.Context, user string, want inbox.Want) (inbox.Loaded, error) {
	l := inbox.Loaded{Markers: map[string]inbox.Marker{}, Pointers: map[string]inbox.Pointer{}, Items: map[int64]inbox.Item{}}
	keys := keysOf(user, want)
	load := s.batchGet
	if len(keys) == 1 {
		load = s.getHead
	}
	if err := load(ctx, keys, &l); err != nil {
		return inbox.Loaded{}, fmt.Errorf("load the log of %s: %w", user, err)
	}
	return l, nil
}

func keysOf(user string, want inbox.Want) []row {
	keys := []row{inboxKey(user, keyHead)}
	for _, id := range want.Markers {
		keys = append(keys, inboxKey(user, prefixMarker+id))
	}
	for _, key := range want.Pointers {
		keys = append(keys, inboxKey(user, prefixPointer+key))
	}
	for _, offset := range want.Items {
		keys = append(keys, inboxKey(user, itemKey(offset)))
	}
	return keys
}

func (s *Store) getHead(ctx context.Context, keys []row, l *inbox.Loaded) error {
	out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.tables.Inbox, Key: keys[0], ConsistentRead: aws.Bool(true),
	})
	if err == nil && out.Item != nil {
		l.Head = readHead(reader(out.Item))
	}
	return err
}

// batchPause is the first pause before the keys are asked for again that an
// answer left out; it doubles.
const batchPause = 10 * time.Millisecond

func (s *Store) batchGet(ctx context.Context, keys []row, l *inbox.Loaded) error {
	request := map[string]types.KeysAndAttributes{s.tables.Inbox: {Keys: keys, ConsistentRead: aws.Bool(true)}}
	for pause := batchPause; ; pause *= 2 {
		out, err := s.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: request})
		if err != nil {
			return err
		}
		for _, r := range out.Responses[s.tables.Inbox] {
			if err := add(l, reader(r)); err != nil {
				return err
			}
		}
		if len(out.UnprocessedKeys) == 0 {
			return nil
		}
		request = out.UnprocessedKeys
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Query implements inbox.Table.
func (s *Store) Query(ctx context.Context, user string, q inbox.Query) (inbox.Found, error) {
	out, err := s.client.Query(ctx, s.queryInput(user, q))
	if err != nil {
		return inbox.Found{}, fmt.Errorf("query the log of %s: %w", user, err)
	}
	var found inbox.Found
	for _, r := range out.Items {
		item, err := readItem(reader(r))
		if err != nil {
			return found, fmt.Errorf("query the log of %s: %w", user, err)
		}
		found.Items = append(found.Items, item)
	}
	if out.LastEvaluatedKey == nil {
		return found, nil
	}
	at, err := positionOf(q.Index, reader(out.LastEvaluatedKey))
	if err != nil {
		return found, fmt.Errorf("query the log of %s: %w", user, err)
	}
	found.Next = &at
	return found, nil
}

// order is how an index of the domain stands in the table.
type order struct {
	index     *string // nil: the table itself
	attribute string
}

func orderOf(i inbox.Index) order {
	switch i {
	case inbox.ByChange:
		return order{aws.String(indexByChange), "changed"}
	case inbox.ByUnread:
		return order{aws.String(indexByUnread), "unread"}
	}
	return order{nil, "key"}
}

func (s *Store) queryInput(user string, q inbox.Query) *dynamodb.QueryInput {
	o := orderOf(q.Index)
	in := &dynamodb.QueryInput{
		TableName: &s.tables.Inbox, IndexName: o.index, ConsistentRead: aws.Bool(true),
		KeyConditionExpression:    aws.String("#user = :user AND #value > :above"),
		ExpressionAttributeNames:  map[string]string{"#user": "user", "#value": o.attribute},
		ExpressionAttributeValues: row{":user": text(user), ":above": number(q.Above)},
		ScanIndexForward:          aws.Bool(!q.Descending),
		Limit:                     aws.Int32(int32(q.Limit)),
	}
	if q.Index == inbox.ByOffset {
		in.KeyConditionExpression = aws.String("#user = :user AND #value BETWEEN :above AND :last")
		in.ExpressionAttributeValues[":above"] = text(itemKey(q.Above + 1))
		in.ExpressionAttributeValues[":last"] = text(prefixItem + "~")
	}
	if q.After != nil {
		in.ExclusiveStartKey = startKey(user, o, *q.After)
	}
	return in
}

// startKey is the key of a place in an index. No item need stand there.
func startKey(user string, o order, p inbox.Position) row {
	key := inboxKey(user, itemKey(p.Offset))
	if o.index != nil {
		key[o.attribute] = number(p.Value)
	}
	return key
}

func positionOf(i inbox.Index, r reader) (inbox.Position, error) {
	offset, err := offsetOf(r.text("key"))
	if err != nil || i == inbox.ByOffset {
		return inbox.Position{Value: offset, Offset: offset}, err
	}
	return inbox.Position{Value: r.number(orderOf(i).attribute), Offset: offset}, nil
}

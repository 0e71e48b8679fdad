package dynamostore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"bellhop/shared/connections"
)

// SetEnds implements [connections.Store] by one UpdateItem.
func (s *Store) SetEnds(ctx context.Context, c connections.Connection, ends time.Time) error {
	in := &dynamodb.UpdateItemInput{
		TableName: &s.tables.Connections, Key: row{"user": text(c.User), "connection": text(c.ID)},
		UpdateExpression: aws.String("REMOVE #ends, #due"), ConditionExpression: aws.String("attribute_exists(#session)"),
		ExpressionAttributeNames: map[string]string{"#ends": "ends", "#due": "due", "#session": "session"},
	}
	c.Ends = ends
	if b, ok := c.Bucket(); ok {
		in.UpdateExpression = aws.String("SET #ends = :ends, #due = :due")
		in.ExpressionAttributeValues = row{":ends": number(ends.Unix()), ":due": text(dueKey(b))}
	}
	_, err := s.client.UpdateItem(ctx, in)
	var gone *types.ConditionalCheckFailedException
	if err != nil && !errors.As(err, &gone) {
		return fmt.Errorf("set the end of connection %s of %s: %w", c.ID, c.User, err)
	}
	return nil
}

// Due implements [connections.Schedule] by one Query of an index for each MB of
// rows.
func (s *Store) Due(ctx context.Context, b connections.Bucket, now time.Time, visit func([]connections.Connection) error) error {
	pages := dynamodb.NewQueryPaginator(s.client, &dynamodb.QueryInput{
		TableName: &s.tables.Connections, IndexName: aws.String(byEnd),
		KeyConditionExpression:    aws.String("#due = :due AND #ends <= :now"),
		ExpressionAttributeNames:  map[string]string{"#due": "due", "#ends": "ends"},
		ExpressionAttributeValues: row{":due": text(dueKey(b)), ":now": number(now.Unix())},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("read connections due in %s: %w", dueKey(b), err)
		}
		due, err := appendLive(nil, page.Items, time.Time{})
		if err != nil {
			return fmt.Errorf("read connections due in %s: %w", dueKey(b), err)
		}
		if err := visit(due); err != nil {
			return err
		}
	}
	return nil
}

// Swept implements [connections.Schedule] by one GetItem.
func (s *Store) Swept(ctx context.Context) (int64, error) {
	out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.tables.Connections, Key: sweptRow(), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return 0, fmt.Errorf("read how far connections are swept: %w", err)
	}
	read := reader{row: out.Item}
	return read.number("minute"), read.err
}

// SetSwept implements [connections.Schedule] by one PutItem.
func (s *Store) SetSwept(ctx context.Context, minute int64) error {
	r := sweptRow()
	r["minute"] = number(minute)
	if _, err := s.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.tables.Connections, Item: r}); err != nil {
		return fmt.Errorf("write how far connections are swept: %w", err)
	}
	return nil
}

// sweptRow is the key of the sweep's own row: no user's name has a control
// character.
func sweptRow() row { return row{"user": text(sweepUser), "connection": text("swept")} }

func dueKey(b connections.Bucket) string { return fmt.Sprintf("%d#%d", b.Minute, b.Shard) }

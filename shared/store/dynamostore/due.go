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

// BeginSweep implements [connections.Schedule] by one UpdateItem. One whose reply
// is lost finds the lease taken, by itself: the next sweep goes on.
func (s *Store) BeginSweep(ctx context.Context, lease connections.Lease) (int64, bool, error) {
	out, err := s.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.tables.Connections, Key: sweptRow(),
		UpdateExpression:          aws.String("SET #held = :until"),
		ConditionExpression:       aws.String("attribute_not_exists(#held) OR #held <= :now"),
		ExpressionAttributeNames:  map[string]string{"#held": "held"},
		ExpressionAttributeValues: row{":until": number(lease.Until.Unix()), ":now": number(lease.Now.Unix())},
		ReturnValues:              types.ReturnValueAllNew,
	})
	var held *types.ConditionalCheckFailedException
	if errors.As(err, &held) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("begin a sweep: %w", err)
	}
	read := reader{row: out.Attributes}
	return read.number("minute"), true, read.err
}

// EndSweep implements [connections.Schedule] by one UpdateItem.
func (s *Store) EndSweep(ctx context.Context, lease connections.Lease, minute int64) error {
	_, err := s.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.tables.Connections, Key: sweptRow(),
		UpdateExpression:          aws.String("SET #minute = :minute REMOVE #held"),
		ConditionExpression:       aws.String("#held = :until"),
		ExpressionAttributeNames:  map[string]string{"#held": "held", "#minute": "minute"},
		ExpressionAttributeValues: row{":until": number(lease.Until.Unix()), ":minute": number(minute)},
	})
	var lost *types.ConditionalCheckFailedException
	if err != nil && !errors.As(err, &lost) {
		return fmt.Errorf("end a sweep at minute %d: %w", minute, err)
	}
	return nil
}

// sweptRow is the key of the sweep's own row: no user's name has a control
// character.
func sweptRow() row { return row{"user": text(sweepUser), "connection": text("swept")} }

func dueKey(b connections.Bucket) string { return fmt.Sprintf("%d#%d", b.Minute, b.Shard) }

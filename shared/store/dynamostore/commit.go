package dynamostore

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"bellhop/shared/inbox"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Commit implements inbox.Table.
func (s *Store) Commit(ctx context.Context, user string, c inbox.Change) error {
	commit := s.transact
	if len(c.Items)+len(c.Markers)+len(c.Pointers) == 0 {
		commit = s.moveHead
	}
	if err := commit(ctx, user, c); err != nil {
		return fmt.Errorf("commit to the log of %s: %w", user, err)
	}
	return nil
}

// condition holds for a record whose version is as it was; names and values
// stand for it.
type condition struct {
	expression *string
	names      map[string]string
	values     row
}

// unchanged is the condition that the attribute has this value, or that there
// is no record where it is 0.
func unchanged(attribute string, was int64) condition {
	if was == 0 {
		return condition{aws.String("attribute_not_exists(#v)"), map[string]string{"#v": attribute}, nil}
	}
	return condition{aws.String("#v = :v"), map[string]string{"#v": attribute}, row{":v": number(was)}}
}

func headUnchanged(was inbox.Head) condition {
	if was.Epoch == "" {
		return unchanged("epoch", 0)
	}
	return condition{
		aws.String("#v = :v AND #e = :e"),
		map[string]string{"#v": "offset", "#e": "epoch"},
		row{":v": number(was.Offset), ":e": text(was.Epoch)},
	}
}

func (s *Store) put(r row, c condition) types.TransactWriteItem {
	return types.TransactWriteItem{Put: &types.Put{
		TableName: &s.tables.Inbox, Item: r, ConditionExpression: c.expression,
		ExpressionAttributeNames: c.names, ExpressionAttributeValues: c.values,
	}}
}

// transact leaves the idempotency token to the SDK, which makes one for each
// call and keeps it when it repeats a request: a transaction that was done, and
// whose answer was lost, then succeeds without being done again.
func (s *Store) transact(ctx context.Context, user string, c inbox.Change) error {
	writes := []types.TransactWriteItem{s.put(headRow(user, c.Head), headUnchanged(c.Was))}
	for _, w := range c.Items {
		writes = append(writes, s.put(itemRow(user, w.Item), unchanged("changed", w.Was)))
	}
	for _, w := range c.Markers {
		writes = append(writes, s.put(markerRow(user, w), unchanged("offset", w.Was)))
	}
	for _, w := range c.Pointers {
		writes = append(writes, s.put(pointerRow(user, w), unchanged("offset", w.Was)))
	}
	_, err := s.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: writes})
	if isConflict(err) {
		return inbox.ErrConflict
	}
	return err
}

// isConflict says whether a transaction lost a race: a condition did not hold,
// or another transaction held a record.
func isConflict(err error) bool {
	var conflict *types.TransactionConflictException
	var cancelled *types.TransactionCanceledException
	if errors.As(err, &conflict) {
		return true
	}
	if !errors.As(err, &cancelled) {
		return false
	}
	lost := false
	for _, reason := range cancelled.CancellationReasons {
		switch aws.ToString(reason.Code) {
		case "None", "":
		case "ConditionalCheckFailed", "TransactionConflict":
			lost = true
		default:
			return false // throttled, or refused for good
		}
	}
	return lost
}

// moveHead is a commit that writes the head alone. The SDK may repeat it after
// its answer was lost; then the condition fails on what it wrote itself.
func (s *Store) moveHead(ctx context.Context, user string, c inbox.Change) error {
	is, condition := headRow(user, c.Head), headUnchanged(c.Was)
	_, err := s.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &s.tables.Inbox, Item: is, ConditionExpression: condition.expression,
		ExpressionAttributeNames: condition.names, ExpressionAttributeValues: condition.values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var failed *types.ConditionalCheckFailedException
	switch {
	case errors.As(err, &failed):
		if maps.EqualFunc(reader(failed.Item), reader(is), equal) {
			return nil
		}
		return inbox.ErrConflict
	case isConflict(err):
		return inbox.ErrConflict
	}
	return err
}

// equal compares attributes of a head: texts and numbers.
func equal(a, b types.AttributeValue) bool {
	switch a := a.(type) {
	case *types.AttributeValueMemberS:
		b, ok := b.(*types.AttributeValueMemberS)
		return ok && a.Value == b.Value
	case *types.AttributeValueMemberN:
		b, ok := b.(*types.AttributeValueMemberN)
		return ok && a.Value == b.Value
	}
	return false
}

package dynamostore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"bellhop/shared/inbox"
)

// errReplyLost says that an earlier try of a request may have been stored.
var errReplyLost = errors.New("the log has changed after a reply was lost")

// Commit implements [inbox.Table]: one PutItem for the head alone, at half the
// price, else one TransactWriteItems.
//
// A reply can be lost after DynamoDB has stored the change. The client then
// sends the same request again, and its conditions fail on its own first try.
// That must be told apart from a lost race:
//
//   - A transaction carries a random ClientRequestToken, the same in every try
//     (the SDK sets it): repeated within 10 minutes it succeeds again and does
//     nothing. TransactionInProgressException is about that token alone, thus
//     about our own first try, and no conflict: it leaves open what happened.
//   - A put has no such token, so the head carries one, write. A put that fails
//     on a head with its own token has been stored. Where others have moved the
//     head on by then, nothing tells any more, and the error is no ErrConflict.
func (s *Store) Commit(ctx context.Context, user string, c inbox.Change) error {
	write := s.transact
	if len(c.Items)+len(c.Markers)+len(c.Pointers) == 0 {
		write = s.putHead
	}
	err := write(ctx, s.puts(user, c))
	if err == nil || errors.Is(err, inbox.ErrConflict) {
		return err
	}
	return fmt.Errorf("commit to the log of %s: %w", user, err)
}

// puts are the writes of a change, the head first.
func (s *Store) puts(user string, c inbox.Change) []types.Put {
	puts := []types.Put{s.put(headRow(user, c.Head), headIs(c.Was))}
	for _, w := range c.Items {
		puts = append(puts, s.put(itemRow(user, w.Item), versionIs("changed", w.Was)))
	}
	for _, w := range c.Markers {
		puts = append(puts, s.put(markerRow(user, w), versionIs("offset", w.Was)))
	}
	for _, w := range c.Pointers {
		puts = append(puts, s.put(pointerRow(user, w), versionIs("offset", w.Was)))
	}
	return puts
}

func (s *Store) put(r row, c condition) types.Put {
	return types.Put{
		TableName:                 &s.tables.Inbox,
		Item:                      r,
		ConditionExpression:       &c.expression,
		ExpressionAttributeNames:  c.names,
		ExpressionAttributeValues: c.values,
	}
}

// condition is what must hold of a row for its write to happen.
type condition struct {
	expression string
	names      map[string]string
	values     row
}

func absent() condition {
	return condition{expression: "attribute_not_exists(#key)", names: map[string]string{"#key": "key"}}
}

// versionIs asks that the attribute has this value, or that there is no row if
// it is 0.
func versionIs(attribute string, was int64) condition {
	if was == 0 {
		return absent()
	}
	return condition{"#was = :was", map[string]string{"#was": attribute}, row{":was": number(was)}}
}

// headIs compares epoch and offset: every commit moves the offset.
func headIs(was inbox.Head) condition {
	if was.Epoch == "" {
		return absent()
	}
	return condition{
		"#epoch = :epoch AND #offset = :offset",
		map[string]string{"#epoch": "epoch", "#offset": "offset"},
		row{":epoch": text(was.Epoch), ":offset": number(was.Offset)},
	}
}

func (s *Store) transact(ctx context.Context, puts []types.Put) error {
	in := &dynamodb.TransactWriteItemsInput{TransactItems: make([]types.TransactWriteItem, len(puts))}
	for i := range puts {
		in.TransactItems[i].Put = &puts[i]
	}
	_, err := s.client.TransactWriteItems(ctx, in)
	var cancelled *types.TransactionCanceledException
	if errors.As(err, &cancelled) && slices.ContainsFunc(cancelled.CancellationReasons, lostRace) {
		return inbox.ErrConflict
	}
	return err
}

func lostRace(r types.CancellationReason) bool {
	code := aws.ToString(r.Code)
	return code == "ConditionalCheckFailed" || code == "TransactionConflict"
}

func (s *Store) putHead(ctx context.Context, puts []types.Put) error {
	put, token := puts[0], rand.Text()
	put.Item["write"] = text(token)
	var lost bool
	_, err := s.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName:                           put.TableName,
		Item:                                put.Item,
		ConditionExpression:                 put.ConditionExpression,
		ExpressionAttributeNames:            put.ExpressionAttributeNames,
		ExpressionAttributeValues:           put.ExpressionAttributeValues,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}, watch(&lost))
	var failed *types.ConditionalCheckFailedException
	var busy *types.TransactionConflictException
	switch {
	case errors.As(err, &failed) && wroteItself(failed.Item, token):
		return nil
	case !errors.As(err, &failed) && !errors.As(err, &busy):
		return err
	case lost:
		return fmt.Errorf("%w: %w", errReplyLost, err)
	}
	return inbox.ErrConflict
}

func wroteItself(head row, token string) bool {
	read := reader{row: head}
	return read.text("write") == token
}

// watch sets lost when a try ends without an answer that rules out that the
// write was stored.
func watch(lost *bool) func(*dynamodb.Options) {
	each := middleware.FinalizeMiddlewareFunc("WatchReplies", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
		out, metadata, err := next.HandleFinalize(ctx, in)
		*lost = *lost || err != nil && mayBeStored(err)
		return out, metadata, err
	})
	return dynamodb.WithAPIOptions(func(stack *middleware.Stack) error {
		return stack.Finalize.Insert(each, "Retry", middleware.After)
	})
}

// mayBeStored tells an error of the caller's making, throttling included, from
// a lost reply and a fault of the server.
func mayBeStored(err error) bool {
	var answer smithy.APIError
	return !errors.As(err, &answer) || answer.ErrorFault() != smithy.FaultClient
}

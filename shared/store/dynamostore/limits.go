package dynamostore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"bellhop/shared/limit"
)

// Swap implements [limit.Store] by one PutItem, whose failure brings the state
// that stands. That may be its own, where the SDK asked again because the reply
// was lost.
func (s *Store) Swap(ctx context.Context, user string, c limit.Change) (limit.State, error) {
	_, err := s.client.PutItem(ctx, s.swapping(user, c))
	var failed *types.ConditionalCheckFailedException
	var stands limit.State
	if errors.As(err, &failed) {
		if stands, err = limitsOf(failed.Item); err == nil && stands.Version != c.Next.Version {
			return stands, limit.ErrConflict
		}
	}
	if err != nil {
		return limit.State{}, fmt.Errorf("swap the limits of %s: %w", user, err)
	}
	return limit.State{}, nil
}

// swapping is the request: the condition is that of [limit.Change.Fits].
func (s *Store) swapping(user string, c limit.Change) *dynamodb.PutItemInput {
	in := &dynamodb.PutItemInput{
		TableName: &s.tables.Connections, Item: limitsRow(user, c.Next),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
	if c.Was.Version == "" {
		in.ConditionExpression = aws.String("attribute_not_exists(#until) OR #until <= :now")
		in.ExpressionAttributeNames = map[string]string{"#until": "until"}
		in.ExpressionAttributeValues = row{":now": number(c.Now.UnixMicro())}
	} else {
		in.ConditionExpression = aws.String("#version = :was")
		in.ExpressionAttributeNames = map[string]string{"#version": "version"}
		in.ExpressionAttributeValues = row{":was": text(c.Was.Version)}
	}
	return in
}

func limitsRow(user string, s limit.State) row {
	used := make(row, len(s.Connections))
	for id, full := range s.Connections {
		used[id] = number(full.UnixMicro())
	}
	r := row{
		"user": text(user), "connection": text(limitsKey), "version": text(s.Version),
		"connections": &types.AttributeValueMemberM{Value: used},
		"until":       number(s.Until().UnixMicro()),
	}
	if !s.Full.IsZero() {
		r["full"] = number(s.Full.UnixMicro())
	}
	setSeconds(r, "expires", s.Until().Add(time.Second))
	return r
}

func limitsOf(r row) (limit.State, error) {
	read := reader{row: r}
	s := limit.State{Full: read.micros("full"), Version: read.text("version"), Connections: map[string]time.Time{}}
	used := reader{row: read.members("connections")}
	for id := range used.row {
		s.Connections[id] = used.micros(id)
	}
	return s, errors.Join(read.err, used.err)
}

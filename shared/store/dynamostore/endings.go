package dynamostore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"bellhop/shared/session"
)

// RevokeSession implements [session.Store] by one UpdateItem, which may be done
// again when its reply was lost.
func (s *Store) RevokeSession(ctx context.Context, id string) (session.Session, error) {
	one, err := s.changeSession(ctx, id, sessionChange{
		update: "SET #revoked = :revoked", condition: "attribute_exists(#id)",
		names:  map[string]string{"#id": "id", "#revoked": revokedAttribute},
		values: row{":revoked": &types.AttributeValueMemberBOOL{Value: true}},
	})
	if err != nil {
		return session.Session{}, fmt.Errorf("revoke session %s: %w", id, err)
	}
	return one, nil
}

// ExtendSession implements [session.Store] by one UpdateItem.
func (s *Store) ExtendSession(ctx context.Context, id string, expires time.Time) (session.Session, error) {
	one, err := s.changeSession(ctx, id, sessionChange{
		update: "SET #expires = :expires", condition: "attribute_exists(#id) AND attribute_not_exists(#revoked) AND #expires < :expires",
		names:  map[string]string{"#id": "id", "#revoked": revokedAttribute, "#expires": "expires"},
		values: row{":expires": number(expires.Unix())},
	})
	if err != nil {
		return session.Session{}, fmt.Errorf("extend session %s: %w", id, err)
	}
	return one, nil
}

type sessionChange struct {
	update, condition string
	names             map[string]string
	values            row
}

// changeSession returns the session after the change, or as it is where the
// condition does not hold; ErrNotFound if it is not there or revoked then.
func (s *Store) changeSession(ctx context.Context, id string, c sessionChange) (session.Session, error) {
	if strings.HasPrefix(id, ticketPrefix) {
		return session.Session{}, session.ErrNotFound
	}
	out, err := s.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.tables.Sessions, Key: row{"id": text(id)},
		UpdateExpression: aws.String(c.update), ConditionExpression: aws.String(c.condition),
		ExpressionAttributeNames: c.names, ExpressionAttributeValues: c.values,
		ReturnValues:                        types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var failed *types.ConditionalCheckFailedException
	switch {
	case errors.As(err, &failed):
		if _, revoked := failed.Item[revokedAttribute]; revoked || len(failed.Item) == 0 {
			return session.Session{}, session.ErrNotFound
		}
		return sessionOf(failed.Item)
	case err != nil:
		return session.Session{}, err
	}
	return sessionOf(out.Attributes)
}

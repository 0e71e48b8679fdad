package dynamostore

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"bellhop/shared/connections"
)

// Put implements [connections.Store] by one PutItem.
func (s *Store) Put(ctx context.Context, c connections.Connection) error {
	_, err := s.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.tables.Connections, Item: connectionRow(c)})
	if err != nil {
		return fmt.Errorf("put connection %s of %s: %w", c.ID, c.User, err)
	}
	return nil
}

// OfUser implements [connections.Store] by one Query for each MB of rows: a
// user has that with thousands of connections.
func (s *Store) OfUser(ctx context.Context, user string, now time.Time) ([]connections.Connection, error) {
	pages := dynamodb.NewQueryPaginator(s.client, &dynamodb.QueryInput{
		TableName:                 &s.tables.Connections,
		ConsistentRead:            aws.Bool(true),
		KeyConditionExpression:    aws.String("#user = :user AND #connection > :limits"),
		ExpressionAttributeNames:  map[string]string{"#user": "user", "#connection": "connection"},
		ExpressionAttributeValues: row{":user": text(user), ":limits": text(limitsKey)},
	})
	var found []connections.Connection
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("read connections of %s: %w", user, err)
		}
		if found, err = appendLive(found, page.Items, now); err != nil {
			return nil, fmt.Errorf("read connections of %s: %w", user, err)
		}
	}
	return found, nil
}

// appendLive adds the rows that are not over at now.
func appendLive(found []connections.Connection, rows []row, now time.Time) ([]connections.Connection, error) {
	for _, r := range rows {
		c, err := connectionOf(r)
		if err != nil {
			return nil, err
		}
		if c.Expires.After(now) {
			found = append(found, c)
		}
	}
	return found, nil
}

// Delete implements [connections.Store] by one DeleteItem.
func (s *Store) Delete(ctx context.Context, user, id string) error {
	_, err := s.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &s.tables.Connections,
		Key:       row{"user": text(user), "connection": text(id)},
	})
	if err != nil {
		return fmt.Errorf("delete connection %s of %s: %w", id, user, err)
	}
	return nil
}

func connectionRow(c connections.Connection) row {
	r := row{
		"user":       text(c.User),
		"connection": text(c.ID),
		"session":    text(c.Session),
		"endpoint":   text(c.Endpoint),
		"ready":      &types.AttributeValueMemberBOOL{Value: c.Ready},
	}
	setMillis(r, "connected_at", c.ConnectedAt)
	setSeconds(r, "expires", c.Expires)
	setSeconds(r, "ends", c.Ends)
	if b, ok := c.Bucket(); ok {
		r["due"] = text(dueKey(b))
	}
	return r
}

func connectionOf(r row) (connections.Connection, error) {
	read := reader{row: r}
	return connections.Connection{
		User:        read.text("user"),
		ID:          read.text("connection"),
		Session:     read.text("session"),
		Endpoint:    read.text("endpoint"),
		Ready:       read.flag("ready"),
		ConnectedAt: read.millis("connected_at"),
		Expires:     read.seconds("expires"),
		Ends:        read.seconds("ends"),
	}, read.err
}

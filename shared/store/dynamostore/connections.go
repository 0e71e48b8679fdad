package dynamostore

import (
	"context"
	"fmt"
	"time"

	"bellhop/shared/connections"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Put implements connections.Store.
func (s *Store) Put(ctx context.Context, c connections.Connection) error {
	w := writer{
		"user": text(c.User), "connection": text(c.ID), "session": text(c.Session),
		"endpoint": text(c.Endpoint), "ready": boolean(c.Ready),
	}
	w.setMillis("connected_at", c.ConnectedAt)
	w.setSeconds("expires", c.Expires)
	if _, err := s.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.tables.Connections, Item: row(w)}); err != nil {
		return fmt.Errorf("put connection %s: %w", c.ID, err)
	}
	return nil
}

// OfUser implements connections.Store.
func (s *Store) OfUser(ctx context.Context, user string, now time.Time) ([]connections.Connection, error) {
	pages := dynamodb.NewQueryPaginator(s.client, &dynamodb.QueryInput{
		TableName: &s.tables.Connections, ConsistentRead: aws.Bool(true),
		KeyConditionExpression:    aws.String("#user = :user"),
		ExpressionAttributeNames:  map[string]string{"#user": "user"},
		ExpressionAttributeValues: row{":user": text(user)},
	})
	var rows []connections.Connection
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("read the connections of %s: %w", user, err)
		}
		for _, r := range page.Items {
			if c := readConnection(reader(r)); now.Before(c.Expires) {
				rows = append(rows, c)
			}
		}
	}
	return rows, nil
}

func readConnection(r reader) connections.Connection {
	return connections.Connection{
		User: r.text("user"), ID: r.text("connection"), Session: r.text("session"), Endpoint: r.text("endpoint"),
		Ready: r.boolean("ready"), ConnectedAt: r.millis("connected_at"), Expires: r.seconds("expires"),
	}
}

// Delete implements connections.Store.
func (s *Store) Delete(ctx context.Context, user, id string) error {
	_, err := s.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &s.tables.Connections, Key: row{"user": text(user), "connection": text(id)},
	})
	if err != nil {
		return fmt.Errorf("delete connection %s: %w", id, err)
	}
	return nil
}

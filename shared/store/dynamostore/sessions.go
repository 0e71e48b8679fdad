package dynamostore

import (
	"context"
	"fmt"

	"bellhop/shared/session"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// PutSession implements session.Store.
func (s *Store) PutSession(ctx context.Context, v session.Session) error {
	w := writer{"id": text(v.ID), "user": text(v.User)}
	w.setSeconds("created", v.Created)
	w.setSeconds("expires", v.Expires)
	if _, err := s.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.tables.Sessions, Item: row(w)}); err != nil {
		return fmt.Errorf("put session %s: %w", v.ID, err)
	}
	return nil
}

func readSession(r reader) session.Session {
	return session.Session{ID: r.text("id"), User: r.text("user"), Created: r.seconds("created"), Expires: r.seconds("expires")}
}

// Session implements session.Store.
func (s *Store) Session(ctx context.Context, id string) (session.Session, error) {
	out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.tables.Sessions, Key: row{"id": text(id)}, ConsistentRead: aws.Bool(true),
	})
	if err == nil && out.Item == nil {
		err = session.ErrNotFound
	}
	if err != nil {
		return session.Session{}, fmt.Errorf("read session %s: %w", id, err)
	}
	return readSession(reader(out.Item)), nil
}

// DeleteSession implements session.Store.
func (s *Store) DeleteSession(ctx context.Context, id string) (session.Session, error) {
	r, err := s.take(ctx, id)
	if err != nil {
		return session.Session{}, fmt.Errorf("delete session %s: %w", id, err)
	}
	return readSession(r), nil
}

// take deletes a row of Sessions and returns it, to one caller only.
func (s *Store) take(ctx context.Context, id string) (reader, error) {
	out, err := s.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &s.tables.Sessions, Key: row{"id": text(id)}, ReturnValues: types.ReturnValueAllOld,
	})
	if err == nil && len(out.Attributes) == 0 {
		err = session.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return reader(out.Attributes), nil
}

// SessionsOfUser implements session.Store.
func (s *Store) SessionsOfUser(ctx context.Context, user string) ([]string, error) {
	pages := dynamodb.NewQueryPaginator(s.client, &dynamodb.QueryInput{
		TableName: &s.tables.Sessions, IndexName: aws.String(indexByUser),
		KeyConditionExpression:    aws.String("#user = :user"),
		ExpressionAttributeNames:  map[string]string{"#user": "user"},
		ExpressionAttributeValues: row{":user": text(user)},
	})
	var ids []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("read the sessions of %s: %w", user, err)
		}
		for _, r := range page.Items {
			ids = append(ids, reader(r).text("id"))
		}
	}
	return ids, nil
}

// PutTicket implements session.Store.
func (s *Store) PutTicket(ctx context.Context, t session.Ticket) error {
	w := writer{"id": text(prefixTicket + t.ID), "session": text(t.Session)}
	w.setSeconds("expires", t.Expires)
	if _, err := s.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.tables.Sessions, Item: row(w)}); err != nil {
		return fmt.Errorf("put ticket %s: %w", t.ID, err)
	}
	return nil
}

// TakeTicket implements session.Store. Where the answer is lost and the SDK
// asks again, the ticket is gone: the handshake is refused, which is safe.
func (s *Store) TakeTicket(ctx context.Context, id string) (session.Ticket, error) {
	r, err := s.take(ctx, prefixTicket+id)
	if err != nil {
		return session.Ticket{}, fmt.Errorf("take ticket %s: %w", id, err)
	}
	return session.Ticket{ID: id, Session: r.text("session"), Expires: r.seconds("expires")}, nil
}

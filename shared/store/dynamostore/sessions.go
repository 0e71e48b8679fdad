package dynamostore

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"bellhop/shared/session"
)

// PutSession implements [session.Store] by one PutItem.
func (s *Store) PutSession(ctx context.Context, one session.Session) error {
	if err := s.putRow(ctx, sessionRow(one)); err != nil {
		return fmt.Errorf("put session %s: %w", one.ID, err)
	}
	return nil
}

// Session implements [session.Store] by one GetItem.
func (s *Store) Session(ctx context.Context, id string) (session.Session, error) {
	one, revoked, err := s.session(ctx, id)
	if err == nil && revoked {
		err = session.ErrNotFound
	}
	if err != nil {
		return session.Session{}, fmt.Errorf("read session %s: %w", id, err)
	}
	return one, nil
}

// DeleteSession implements [session.Store] by a GetItem and a DeleteItem. What
// a DeleteItem returns is gone with a lost reply, and its second try finds
// nothing: the caller would not learn whose sockets to close. Of two callers at
// once, both may get the session.
func (s *Store) DeleteSession(ctx context.Context, id string) (session.Session, error) {
	one, _, err := s.session(ctx, id)
	if err == nil {
		_, err = s.deleteRow(ctx, id)
	}
	if err != nil {
		return session.Session{}, fmt.Errorf("delete session %s: %w", id, err)
	}
	return one, nil
}

// SessionsOfUser implements [session.Store] by one Query of an index for each
// MB of keys, which are some 9,000 sessions.
func (s *Store) SessionsOfUser(ctx context.Context, user string) ([]string, error) {
	pages := dynamodb.NewQueryPaginator(s.client, &dynamodb.QueryInput{
		TableName:                 &s.tables.Sessions,
		IndexName:                 aws.String(byUser),
		KeyConditionExpression:    aws.String("#user = :user"),
		ExpressionAttributeNames:  map[string]string{"#user": "user"},
		ExpressionAttributeValues: row{":user": text(user)},
	})
	var ids []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list sessions of %s: %w", user, err)
		}
		for _, r := range page.Items {
			read := reader{row: r}
			ids = append(ids, read.text("id"))
		}
	}
	return ids, nil
}

// PutTicket implements [session.Store] by one PutItem.
func (s *Store) PutTicket(ctx context.Context, t session.Ticket) error {
	if err := s.putRow(ctx, ticketRow(t)); err != nil {
		return fmt.Errorf("put ticket %s: %w", t.ID, err)
	}
	return nil
}

// TakeTicket implements [session.Store] by one DeleteItem, whose old row only
// one caller gets. A ticket whose reply is lost is spent, and ErrNotFound: it
// is never worth two handshakes.
func (s *Store) TakeTicket(ctx context.Context, id string) (session.Ticket, error) {
	old, err := s.deleteRow(ctx, ticketPrefix+id)
	if err == nil && len(old) == 0 {
		err = session.ErrNotFound
	}
	var t session.Ticket
	if err == nil {
		t, err = ticketOf(old)
	}
	if err != nil {
		return session.Ticket{}, fmt.Errorf("take ticket %s: %w", id, err)
	}
	return t, nil
}

// session reads a session and whether it was revoked.
func (s *Store) session(ctx context.Context, id string) (one session.Session, revoked bool, err error) {
	if strings.HasPrefix(id, ticketPrefix) {
		return one, false, session.ErrNotFound
	}
	out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:      &s.tables.Sessions,
		Key:            row{"id": text(id)},
		ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return one, false, err
	}
	if len(out.Item) == 0 {
		return one, false, session.ErrNotFound
	}
	one, err = sessionOf(out.Item)
	_, revoked = out.Item[revokedAttribute]
	return one, revoked, err
}

func (s *Store) putRow(ctx context.Context, r row) error {
	_, err := s.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.tables.Sessions, Item: r})
	return err
}

// deleteRow returns the row as it was, none if there was none.
func (s *Store) deleteRow(ctx context.Context, id string) (row, error) {
	out, err := s.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName:    &s.tables.Sessions,
		Key:          row{"id": text(id)},
		ReturnValues: types.ReturnValueAllOld,
	})
	if err != nil {
		return nil, err
	}
	return out.Attributes, nil
}

func sessionRow(s session.Session) row {
	r := row{"id": text(s.ID), "user": text(s.User)}
	setSeconds(r, "created", s.Created)
	setSeconds(r, "expires", s.Expires)
	return r
}

func sessionOf(r row) (session.Session, error) {
	read := reader{row: r}
	return session.Session{
		ID:      read.text("id"),
		User:    read.text("user"),
		Created: read.seconds("created"),
		Expires: read.seconds("expires"),
	}, read.err
}

func ticketRow(t session.Ticket) row {
	r := row{"id": text(ticketPrefix + t.ID), "session": text(t.Session)}
	setSeconds(r, "expires", t.Expires)
	return r
}

func ticketOf(r row) (session.Ticket, error) {
	read := reader{row: r}
	return session.Ticket{
		ID:      strings.TrimPrefix(read.text("id"), ticketPrefix),
		Session: read.text("session"),
		Expires: read.seconds("expires"),
	}, read.err
}

package dynamostore

import (
	"bellhop/shared/connections"
	"bellhop/shared/inbox"
	"bellhop/shared/session"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Tables are the names of the tables.
type Tables struct{ Inbox, Connections, Sessions string }

// Store keeps everything in the tables.
type Store struct {
	client *dynamodb.Client
	tables Tables
}

var (
	_ inbox.Table       = (*Store)(nil)
	_ connections.Store = (*Store)(nil)
	_ session.Store     = (*Store)(nil)
)

// New returns the store in these tables. The client's HTTP client must keep its
// connections; package boot has one that does.
func New(client *dynamodb.Client, tables Tables) *Store {
	return &Store{client: client, tables: tables}
}

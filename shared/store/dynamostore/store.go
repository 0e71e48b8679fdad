package dynamostore

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"bellhop/shared/connections"
	"bellhop/shared/inbox"
	"bellhop/shared/limit"
	"bellhop/shared/session"
)

// Tables are the names, or ARNs, of the three tables.
type Tables struct{ Inbox, Connections, Sessions string }

// Store is the stores of the service. It is safe for concurrent use and
// holds nothing that must be closed.
type Store struct {
	client *dynamodb.Client
	tables Tables
}

var (
	_ inbox.Table       = (*Store)(nil)
	_ connections.Store = (*Store)(nil)
	_ session.Store     = (*Store)(nil)
	_ limit.Store       = (*Store)(nil)
)

// New returns the store over existing tables: see template.yaml, or
// [CreateTables]. It makes no request.
//
// The client's HTTPClient must not let the SDK close the request's body
// while it is being sent; package boot has one that does not, and says why.
func New(client *dynamodb.Client, tables Tables) *Store {
	return &Store{client: client, tables: tables}
}

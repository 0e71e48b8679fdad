// Package connections is who is connected, where, and under which session.
//
// A row is written when a client connects and becomes ready when it has said
// hello. Order makes delivery certain: hello first sets ready and then reads
// the log, a publish first appends to the log and then reads the rows, so that
// one of the two always sees the other.
//
// Rows are hints: one may outlive its connection (the gateway does not promise
// to tell of every end), until a push finds it gone or its time is over.
package connections

import (
	"context"
	"time"
)

// MaxDuration is how long API Gateway keeps a connection (quotas for WebSocket
// APIs: 2 hours); a row's time is over shortly after.
const MaxDuration = 2 * time.Hour

// Connection is one row. Times are in whole seconds, but for ConnectedAt (ms).
type Connection struct {
	User        string
	ID          string // the gateway's connection id
	Session     string // the public id of the session that it was admitted under
	Endpoint    string // URL of the management API of its stage
	Ready       bool   // it has said hello: pushes are for it
	ConnectedAt time.Time
	Expires     time.Time // the gateway has closed it by then: readers pass the row over
	// Ends is when its session ends; zero if that is not before Expires. From
	// then on the connection gets no pushes, and the sweep is to close it.
	Ends time.Time
}

// Over says whether the connection's session has ended at now, as far as the
// row knows.
func (c Connection) Over(now time.Time) bool { return !c.Ends.IsZero() && !now.Before(c.Ends) }

// Store keeps the rows. Its methods are safe for concurrent use; errors name
// the operation and the key.
type Store interface {
	// Put writes the row, whether it was there or not.
	Put(ctx context.Context, c Connection) error
	// OfUser reads all rows of a user that are not over at now, by a strongly
	// consistent read. None is no error.
	OfUser(ctx context.Context, user string, now time.Time) ([]Connection, error)
	// Delete removes a row; one that is not there is no error.
	Delete(ctx context.Context, user, id string) error
	// SetEnds sets the Ends of a row; one that is not there stays so, and is no
	// error.
	SetEnds(ctx context.Context, c Connection, ends time.Time) error
}

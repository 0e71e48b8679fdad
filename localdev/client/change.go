package client

import (
	"context"
	"sync"

	"bellhop/shared/protocol"
)

// Position is a place in a user's log: everything up to Offset is known. The
// zero Position is that of a client which knows nothing.
type Position struct {
	Epoch  string
	Offset int64
}

// Change is one thing for the application: exactly one of the pointers is set.
type Change struct {
	Position // right behind the change; a position to resume from

	Notification *protocol.Item        // new; its Offset is 0 if it is not stored
	Updated      *protocol.Item        // an item that is known already, in its latest state; no event
	State        *protocol.StateChange // a mark made elsewhere
	Withdrawn    *protocol.Withdrawn   // items to take away
	Reset        *protocol.Welcome     // forget all items: these are the newest ones
	Disconnect   *protocol.Disconnect  // the service is about to close the connection
	Failure      *protocol.Error       // an error that answers no request of this client

	Counts *protocol.Counts // the badge after the change, where the frame told it
}

// queue holds changes for the application, and where the application is.
type queue struct {
	mu   sync.Mutex
	list []Change
	at   Position
	err  error
	wake chan struct{} // holds one token when something happened
}

func newQueue(at Position) *queue { return &queue{at: at, wake: make(chan struct{}, 1)} }

func (q *queue) put(c Change) {
	q.mu.Lock()
	q.list = append(q.list, c)
	q.mu.Unlock()
	q.signal()
}

// move takes the application along without telling it anything.
func (q *queue) move(to Position) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if n := len(q.list); n > 0 {
		q.list[n-1].Position = to
	} else {
		q.at = to
	}
}

// end lets next fail once the queue is empty.
func (q *queue) end(err error) {
	q.mu.Lock()
	q.err = err
	q.mu.Unlock()
	q.signal()
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *queue) next(ctx context.Context) (Change, error) {
	for {
		c, ok, err := q.pop()
		if ok || err != nil {
			return c, err
		}
		select {
		case <-q.wake:
		case <-ctx.Done():
			return Change{}, ctx.Err()
		}
	}
}

func (q *queue) pop() (c Change, ok bool, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.list) == 0 {
		return Change{}, false, q.err
	}
	c = q.list[0]
	q.list[0] = Change{} // not ours any more
	q.list = q.list[1:]
	q.at = c.Position
	return c, true, nil
}

func (q *queue) position() Position {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.at
}

// failure is why the connection ended.
func (q *queue) failure() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.err
}

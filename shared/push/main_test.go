package push_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"bellhop/shared/connections"
	"bellhop/shared/push"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeGateway answers each attempt as post and shut say, and keeps what was
// taken.
type fakeGateway struct {
	post func(ctx context.Context, connection, frame string) error
	shut func(ctx context.Context, connection string) error

	mu       sync.Mutex
	attempts map[string][]time.Time // by connection, of posts and closings
	taken    map[string][]string    // by connection
	closed   []string
	working  int
	busiest  int // most attempts at the same time
}

func (g *fakeGateway) enter(connection string) (leave func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.attempts == nil {
		g.attempts, g.taken = map[string][]time.Time{}, map[string][]string{}
	}
	g.attempts[connection] = append(g.attempts[connection], time.Now())
	g.working++
	g.busiest = max(g.busiest, g.working)
	return func() {
		g.mu.Lock()
		g.working--
		g.mu.Unlock()
	}
}

func (g *fakeGateway) Post(ctx context.Context, to push.Address, data []byte) error {
	defer g.enter(to.Connection)()
	if g.post != nil {
		if err := g.post(ctx, to.Connection, string(data)); err != nil {
			return err
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.taken[to.Connection] = append(g.taken[to.Connection], string(data))
	return nil
}

func (g *fakeGateway) Close(ctx context.Context, to push.Address) error {
	defer g.enter(to.Connection)()
	if g.shut != nil {
		if err := g.shut(ctx, to.Connection); err != nil {
			return err
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = append(g.closed, to.Connection)
	return nil
}

// times makes a post that fails so many times with err and then works.
func times(n int, err error) func(context.Context, string, string) error {
	return func(context.Context, string, string) error {
		if n--; n >= 0 {
			return err
		}
		return nil
	}
}

// stuck waits until ctx ends.
func stuck(ctx context.Context) error {
	<-ctx.Done()
	return push.ErrUnavailable
}

func addresses(names ...string) []push.Address {
	to := make([]push.Address, len(names))
	for i, name := range names {
		to[i] = push.Address{Endpoint: "https://gateway/prod", Connection: name}
	}
	return to
}

// fakeRows is a push.Rows in memory, for one goroutine.
type fakeRows struct {
	rows     []connections.Connection
	err      error
	askedFor string
	deleted  []string
}

func (r *fakeRows) OfUser(_ context.Context, user string, _ time.Time) ([]connections.Connection, error) {
	r.askedFor = user
	return slices.Clone(r.rows), r.err
}

func (r *fakeRows) Delete(_ context.Context, user, id string) error {
	r.deleted = append(r.deleted, user+"/"+id)
	return r.err
}

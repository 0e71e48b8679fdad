package inbox

import (
	"context"
	"sync"
)

// turns lets one writer of a user's log work at a time in this process. The
// zero value is ready; a user that nobody waits for takes no memory.
type turns struct {
	mu    sync.Mutex
	users map[string]*turn
}

type turn struct {
	free    chan struct{} // holds one token while nobody works
	waiting int
}

// take waits for the user's turn; leave passes it on.
func (t *turns) take(ctx context.Context, user string) (leave func(), err error) {
	own := t.enter(user)
	select {
	case <-own.free:
		return func() {
			own.free <- struct{}{}
			t.exit(user, own)
		}, nil
	case <-ctx.Done():
		t.exit(user, own)
		return nil, ctx.Err()
	}
}

func (t *turns) enter(user string) *turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	own := t.users[user]
	if own == nil {
		if t.users == nil {
			t.users = make(map[string]*turn)
		}
		own = &turn{free: make(chan struct{}, 1)}
		own.free <- struct{}{}
		t.users[user] = own
	}
	own.waiting++
	return own
}

func (t *turns) exit(user string, own *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if own.waiting--; own.waiting == 0 {
		delete(t.users, user)
	}
}

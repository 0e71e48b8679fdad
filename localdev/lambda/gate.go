package lambda

import (
	"context"
	"sync"
	"sync/atomic"
)

// gate counts those inside, and lets at most limit in, or any number when limit
// is 0.
type gate struct {
	limit  int64
	inside atomic.Int64
	mu     sync.Mutex
	empty  chan struct{} // closed when inside falls to 0; nil while nobody waits
}

// enter says whether there was room; if so, leave must follow.
func (g *gate) enter() bool {
	if n := g.inside.Add(1); g.limit > 0 && n > g.limit {
		g.leave()
		return false
	}
	return true
}

func (g *gate) leave() {
	if g.inside.Add(-1) > 0 {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.empty != nil {
		close(g.empty)
		g.empty = nil
	}
}

// wait returns nil once nobody is inside, or ctx.Err().
func (g *gate) wait(ctx context.Context) error {
	for {
		empty := g.watch()
		if empty == nil {
			return nil
		}
		select {
		case <-empty:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// watch returns a channel that is closed when the last one leaves, or nil when
// nobody is inside.
func (g *gate) watch() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.inside.Load() == 0 {
		return nil
	}
	if g.empty == nil {
		g.empty = make(chan struct{})
	}
	return g.empty
}

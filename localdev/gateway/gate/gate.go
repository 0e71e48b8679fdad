// Package gate counts work that is under way, so that whoever shuts down can wait
// for it. A closed gate that still has somebody inside lets more in: what is
// under way may start what belongs to its end. The one error is a context's.
package gate

import (
	"context"
	"sync"
)

// Gate counts the work under way. Safe for concurrent use. Unlike a
// sync.WaitGroup it may be entered while somebody waits.
type Gate struct {
	mu     sync.Mutex
	inside int
	shut   bool
	empty  chan struct{} // closed when shut and nobody is inside
}

// New makes an open gate.
func New() *Gate { return &Gate{empty: make(chan struct{})} }

// Enter reports false once the gate is shut and the last is out: what is under
// way may start what belongs to its end. After true, Leave must follow.
func (g *Gate) Enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut && g.inside == 0 {
		return false
	}
	g.inside++
	return true
}

// Leave ends what Enter began.
func (g *Gate) Leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside--
	if g.shut && g.inside == 0 {
		close(g.empty)
	}
}

// Close shuts the gate and waits until nobody is inside, or for ctx.
func (g *Gate) Close(ctx context.Context) error {
	g.mu.Lock()
	if !g.shut {
		g.shut = true
		if g.inside == 0 {
			close(g.empty)
		}
	}
	g.mu.Unlock()
	select {
	case <-g.empty:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

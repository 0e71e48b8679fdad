package gateway

import (
	"context"
	"sync"
)

// gate counts the work that a Gateway has under way, so that Close can wait for
// it. Unlike a sync.WaitGroup it may be entered while somebody waits.
type gate struct {
	mu     sync.Mutex
	inside int
	shut   bool
	empty  chan struct{} // closed when shut and nobody is inside
}

func newGate() *gate { return &gate{empty: make(chan struct{})} }

// enter reports false once the gate is shut and the last is out: what is under
// way may start what belongs to its end. After true, leave must follow.
func (g *gate) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut && g.inside == 0 {
		return false
	}
	g.inside++
	return true
}

func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside--
	if g.shut && g.inside == 0 {
		close(g.empty)
	}
}

// close shuts the gate and waits until nobody is inside, or for ctx.
func (g *gate) close(ctx context.Context) error {
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

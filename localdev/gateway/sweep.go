package gateway

import (
	"context"
	"sync"
	"time"
)

// lingering is the connections whose WebSocket has ended and whose TCP
// connection has not.
type lingering struct {
	mu    sync.Mutex
	until map[*conn]time.Time
	empty chan struct{} // somebody waits for its closing
}

func (l *lingering) add(c *conn, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.until == nil {
		l.until = make(map[*conn]time.Time)
	}
	l.until[c] = until
}

func (l *lingering) remove(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.until, c)
	if len(l.until) == 0 && l.empty != nil {
		close(l.empty)
		l.empty = nil
	}
}

// wait returns once nothing lingers, or with ctx's error. One caller at a time.
func (l *lingering) wait(ctx context.Context) error {
	l.mu.Lock()
	if len(l.until) == 0 {
		l.mu.Unlock()
		return nil
	}
	empty := make(chan struct{})
	l.empty = empty
	l.mu.Unlock()
	select {
	case <-empty:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *lingering) overdue(now time.Time) (late []*conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c, until := range l.until {
		if !until.After(now) {
			late = append(late, c)
		}
	}
	return late
}

// sweepEvery is a twentieth of the shortest limit, so that a fast clock keeps
// its precision: at least 1 ms, at most 1 s.
func sweepEvery(l *Limits) time.Duration {
	shortest := min(l.Idle, l.Duration, l.WriteTimeout, l.CloseTimeout)
	return min(max(shortest/20, time.Millisecond), time.Second)
}

// sweep is the one goroutine that watches all connections' time limits.
func (g *Gateway) sweep(stop <-chan struct{}) {
	ticker := time.NewTicker(sweepEvery(&g.limits))
	defer ticker.Stop()
	for {
		select {
		case <-stop:
			return
		case now := <-ticker.C:
			g.sweepOnce(now)
		}
	}
}

func (g *Gateway) sweepOnce(now time.Time) {
	ms := now.UnixMilli()
	for c := range g.table.all() {
		switch {
		case ms-c.peer.connectedAt >= g.limits.Duration.Milliseconds(),
			ms-c.lastAny.Load() >= g.limits.Idle.Milliseconds():
			spawn(c.end(goingAway))
		case c.stuck(ms):
			c.abort()
		}
	}
	for _, c := range g.linger.overdue(now) {
		c.abort()
	}
}

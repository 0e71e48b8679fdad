package gateway

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bellhop/localdev/fault"
)

// Post sends data to a connection as one text message. It may return before
// the client has it. Pushes to one connection arrive in the order of the calls.
// It waits for nothing, unless Options.Faults delays it; then for ctx, too.
func (g *Gateway) Post(ctx context.Context, id string, data []byte) error {
	if !g.opts.Observe.On() {
		return g.post(ctx, id, data)
	}
	p := g.pushing("POST", id)
	p.e.Payload = append([]byte(nil), data...)
	err := g.post(ctx, id, data)
	p.answered(err)
	return err
}

func (g *Gateway) post(ctx context.Context, id string, data []byte) error {
	c, err := g.find(id)
	if err != nil {
		return err
	}
	if len(data) > g.limits.Message {
		return fmt.Errorf("post to connection %s: %w", id, ErrTooLarge)
	}
	if g.account != nil && !g.account.TakeRequest(time.Now()) {
		return fmt.Errorf("post to connection %s: %w", id, ErrLimit)
	}
	if sent, err := g.plant(ctx, c); sent || err != nil {
		return err
	}
	if err := c.push(data); err != nil {
		return fmt.Errorf("post to connection %s: %w", id, err)
	}
	return nil
}

// plant lets the fault happen that a push meets, if any. handled says that there
// is nothing left to send.
func (g *Gateway) plant(ctx context.Context, c *conn) (handled bool, err error) {
	f, wait := g.opts.Faults.Push(c.peer.id)
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return true, fmt.Errorf("post to connection %s: %w", c.peer.id, ctx.Err())
		}
	}
	switch f {
	case fault.Drop:
		return true, nil
	case fault.Busy:
		return true, fmt.Errorf("post to connection %s: planted: %w", c.peer.id, ErrLimit)
	case fault.Broken:
		return true, fmt.Errorf("post to connection %s: planted: %w", c.peer.id, ErrInternal)
	case fault.Vanish:
		c.vanish()
	}
	return false, nil
}

func statusOfPush(err error) int {
	switch {
	case err == nil:
		return 200
	case errors.Is(err, ErrInvalidID):
		return 400
	case errors.Is(err, ErrGone):
		return 410
	case errors.Is(err, ErrTooLarge):
		return 413
	case errors.Is(err, ErrLimit):
		return 429
	}
	return 500
}

// Delete closes a connection with code 1000 and runs $disconnect.
func (g *Gateway) Delete(_ context.Context, id string) error {
	if !g.opts.Observe.On() {
		return g.remove(id)
	}
	p := g.pushing("DELETE", id)
	err := g.remove(id)
	p.answered(err)
	return err
}

func (g *Gateway) remove(id string) error {
	c, err := g.find(id)
	if err != nil {
		return err
	}
	if c.phase.Load() != phaseOpen {
		return fmt.Errorf("connection %s: %w", id, ErrGone)
	}
	spawn(c.end(deleted))
	return nil
}

// Cut ends the TCP connection of every client without a word, and says of how
// many. Their $disconnect follows, with code 1006.
func (g *Gateway) Cut() (n int) {
	for c := range g.table.all() {
		c.abort()
		n++
	}
	return n
}

// Vanish lets connections vanish, all where no id is given, and returns the ids
// of those that did: not a byte comes or goes any more, and nobody is told. Get
// and Post answer as before, until the idle time-out ends the connection; pushes
// do not put it off.
func (g *Gateway) Vanish(ids []string) (vanished []string) {
	for _, id := range ids {
		if c := g.table.get(id); c != nil {
			c.vanish()
			vanished = append(vanished, id)
		}
	}
	if len(ids) > 0 {
		return vanished
	}
	for c := range g.table.all() {
		c.vanish()
		vanished = append(vanished, c.peer.id)
	}
	return vanished
}

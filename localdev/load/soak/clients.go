package soak

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"bellhop/localdev/load/wire"
)

// Clients are connections of a few users, each in a goroutine of its own.
type Clients struct {
	Addr      string // host:port of the service
	Sockets   int
	PingEvery time.Duration // below the idle time-out
}

const (
	users = 20
	// dialling is how many connect at a time.
	dialling = 16
	// maxFailures is how many connections may fail in a row before a client gives
	// up.
	maxFailures = 5
	// pause is how long a client waits before it tries again.
	pause = 100 * time.Millisecond
)

func userOf(n int) string { return fmt.Sprintf("soak%d", n%users) }

// Run connects all and keeps them until ctx ends. It calls ready once, when all
// are there. A connection that the gateway ends is opened again.
func (c Clients) Run(ctx context.Context, ready func()) error {
	cookies, err := c.signIn()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var open atomic.Int64
	turns := make(chan struct{}, dialling)
	var wg sync.WaitGroup
	for n := range c.Sockets {
		k := keeper{Clients: c, cookie: cookies[n%users], turns: turns, opened: func() {
			if open.Add(1) == int64(c.Sockets) {
				ready()
			}
		}}
		wg.Go(func() {
			if err := k.keep(ctx); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	if err := context.Cause(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// signIn makes a session for each user and returns the Cookie headers.
func (c Clients) signIn() (cookies []string, err error) {
	poster := wire.NewPoster(c.Addr)
	defer poster.Close()
	for n := range users {
		answer, err := poster.Post("http://"+c.Addr+"/2015-03-31/functions/bellhop-sessions/invocations",
			fmt.Appendf(nil, `{"op":"create","user":"%s","ttl":86400}`, userOf(n)))
		if err != nil {
			return nil, fmt.Errorf("sign in: %w", err)
		}
		var created struct {
			Token string `json:"token"`
		}
		if err := json.Unmarshal(answer, &created); err != nil {
			return nil, fmt.Errorf("sign in: %w", err)
		}
		cookies = append(cookies, "Cookie: sessionid="+created.Token+"\r\nOrigin: http://localhost:8000\r\n")
	}
	return cookies, nil
}

// keeper keeps one connection.
type keeper struct {
	Clients
	cookie string
	turns  chan struct{}
	opened func() // of the first connection
}

// keep fails when no connection can be had.
func (k *keeper) keep(ctx context.Context) error {
	for first := true; ; first = false {
		s, err := k.reopen(ctx)
		if ctx.Err() != nil {
			if err == nil {
				s.Close()
			}
			return nil
		}
		if err != nil {
			return err
		}
		if first {
			k.opened()
		}
		k.live(ctx, s)
	}
}

// reopen tries until it has failed too often, and for longer than patience.
func (k *keeper) reopen(ctx context.Context) (s *wire.Socket, err error) {
	since := time.Now()
	for failures := 0; failures < maxFailures || time.Since(since) < patience; failures++ {
		if s, err = k.open(ctx); err == nil || !wait(ctx) {
			return s, err
		}
	}
	return nil, err
}

// wait pauses, and says whether to go on.
func wait(ctx context.Context) bool {
	select {
	case <-time.After(pause):
		return true
	case <-ctx.Done():
		return false
	}
}

func (k *keeper) open(ctx context.Context) (*wire.Socket, error) {
	select {
	case k.turns <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-k.turns }()
	s, err := wire.Dial(k.Addr, "/ws/notifications/", k.cookie)
	if err != nil {
		return nil, err
	}
	if err = s.Send([]byte(`{"type":"hello","id":"1"}`)); err == nil {
		err = until(s, `{"type":"welcome"`)
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// live pings now and then until the connection or ctx ends. Pushes that came
// meanwhile are read on the way to the pong.
func (k *keeper) live(ctx context.Context, s *wire.Socket) {
	defer s.Close()
	ping := time.NewTicker(k.PingEvery)
	defer ping.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ping.C:
			if s.Send([]byte(`{"type":"ping"}`)) != nil || until(s, `{"type":"pong"`) != nil {
				return
			}
		}
	}
}

// until reads frames up to one that begins so.
func until(s *wire.Socket, prefix string) error {
	var buf []byte
	for {
		frame, err := s.Receive(buf)
		if err != nil {
			return err
		}
		if strings.HasPrefix(string(frame), prefix) {
			return nil
		}
		buf = frame
	}
}

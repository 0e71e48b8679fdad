package handler_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing/synctest"
	"time"

	"bellhop/shared/connections"
	"bellhop/shared/inbox"
	"bellhop/shared/push"
	"bellhop/shared/session"
	"bellhop/shared/store/storetest"
)

// gate holds the calls of actors until a test lets them go, one at a time.
// Anybody else's calls pass.
type gate struct {
	mu      sync.Mutex
	waiting []call
	gone    []string // calls that have passed
}

type call struct {
	name string // actor and call
	free chan struct{}
}

type actorKey struct{}

func as(ctx context.Context, actor string) context.Context {
	return context.WithValue(ctx, actorKey{}, actor)
}

func (g *gate) pass(ctx context.Context, what string) {
	actor, ok := ctx.Value(actorKey{}).(string)
	if !ok {
		return
	}
	c := call{actor + " " + what, make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, c)
	g.mu.Unlock()
	<-c.free
}

// free lets one of the waiting calls go, which the order chooses, and says
// whether there was one.
func (g *gate) free(o *order) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) == 0 {
		return false
	}
	slices.SortFunc(g.waiting, func(a, b call) int { return cmp.Compare(a.name, b.name) })
	i := o.choose(len(g.waiting))
	c := g.waiting[i]
	g.waiting = slices.Delete(g.waiting, i, i+1)
	g.gone = append(g.gone, c.name)
	close(c.free)
	return true
}

// order walks through all orders, depth first: it is a row of choices, each
// among so many.
type order struct {
	choices, among []int
	at             int
}

func (o *order) choose(n int) int {
	if o.at == len(o.choices) {
		o.choices, o.among = append(o.choices, 0), append(o.among, n)
	}
	o.among[o.at] = n
	o.at++
	return o.choices[o.at-1]
}

// next moves on to the next order; false says that there is none.
func (o *order) next() bool {
	o.choices, o.among = o.choices[:o.at], o.among[:o.at]
	for o.at = 0; len(o.choices) > 0; {
		last := len(o.choices) - 1
		if o.choices[last]++; o.choices[last] < o.among[last] {
			return true
		}
		o.choices, o.among = o.choices[:last], o.among[:last]
	}
	return false
}

// play runs the actors in a bubble of synctest, their calls in the given order,
// and returns when all are done.
func (g *gate) play(ctx context.Context, o *order, actors map[string]func(context.Context)) {
	var all sync.WaitGroup
	done := make(chan struct{})
	for name, act := range actors {
		all.Go(func() { act(as(ctx, name)) })
	}
	go func() { all.Wait(); close(done) }()
	for {
		synctest.Wait()
		if g.free(o) {
			continue
		}
		select {
		case <-done:
			return
		case <-time.After(time.Second): // they pause after a lost race
		}
	}
}

func (g *gate) String() string { return strings.Join(g.gone, ", ") }

// gated is a store in memory, for sessions that last, behind a gate. A torn one
// lets a commit's head be seen before its items: they follow in a step of their
// own.
type gated struct {
	*storetest.Memory
	session.Store
	*gate
	items *storetest.TornTable
	torn  bool
	until time.Time // the end of all sessions
}

var _ store = (*gated)(nil)

func (s *gated) Load(ctx context.Context, user string, want inbox.Want) (inbox.Loaded, error) {
	s.pass(ctx, "load")
	return s.items.Load(ctx, user, want)
}

func (s *gated) Query(ctx context.Context, user string, q inbox.Query) (inbox.Found, error) {
	s.pass(ctx, fmt.Sprint("query ", q.Index))
	return s.items.Query(ctx, user, q)
}

func (s *gated) Unread(ctx context.Context, user string, q inbox.UnreadQuery) (inbox.UnreadPage, error) {
	s.pass(ctx, "unread")
	return s.items.Unread(ctx, user, q)
}

func (s *gated) Commit(ctx context.Context, user string, c inbox.Change) error {
	s.pass(ctx, "commit")
	err := s.items.Commit(ctx, user, c)
	if err == nil && s.torn && len(c.Items) > 0 {
		s.items.Hide(len(c.Items))
		s.pass(ctx, "commit whole")
		s.items.Hide(0)
	}
	return err
}

func (s *gated) OfUser(ctx context.Context, user string, now time.Time) ([]connections.Connection, error) {
	s.pass(ctx, "connections")
	return s.Memory.OfUser(ctx, user, now)
}

func (s *gated) Put(ctx context.Context, c connections.Connection) error {
	s.pass(ctx, "ready")
	return s.Memory.Put(ctx, c)
}

func (s *gated) Session(ctx context.Context, id string) (session.Session, error) {
	s.pass(ctx, "session")
	return session.Session{ID: id, User: "ada", Expires: s.until}, nil
}

// gatedGateway brings frames to devices, each as a step.
type gatedGateway struct {
	*gate
	push.Gateway
	devices map[string]*device
}

func (g *gatedGateway) Post(ctx context.Context, to push.Address, data []byte) error {
	g.pass(ctx, "push to "+to.Connection)
	g.devices[to.Connection].take(string(data))
	return nil
}

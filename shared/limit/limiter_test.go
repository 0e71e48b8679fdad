package limit_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bellhop/shared/limit"
	"bellhop/shared/store/storetest"
)

// counted is a store that counts its calls, and may fail or always be changed by
// somebody else.
type counted struct {
	storetest.Memory
	calls atomic.Int64
	err   error
	busy  *limit.State
}

func (c *counted) Swap(ctx context.Context, user string, change limit.Change) (limit.State, error) {
	c.calls.Add(1)
	switch {
	case c.err != nil:
		return limit.State{}, c.err
	case c.busy != nil:
		return *c.busy, limit.ErrConflict
	}
	return c.Memory.Swap(ctx, user, change)
}

func limiter(store limit.Store, r limit.Rates) *limit.Limiter {
	return &limit.Limiter{Rates: r, Store: store, Now: noon}
}

func take(t *testing.T, l *limit.Limiter, connection string) limit.Verdict {
	t.Helper()
	v, err := l.Take(t.Context(), "ann", connection)
	if err != nil {
		t.Fatalf("take: %v", err)
	}
	return v
}

// TestCalls says what a request costs.
func TestCalls(t *testing.T) {
	store := &counted{}
	l := limiter(store, limit.Rates{Connection: limit.Rate{PerSecond: 1, Burst: 2}, User: limit.Rate{PerSecond: 1, Burst: 3}})
	for _, tt := range []struct {
		name, connection string
		refused          limit.Scope
		calls            int64
	}{
		{"after a while", "a", "", 1},
		{"soon again", "a", "", 2},
		{"refused by the connection's limit", "a", limit.PerConnection, 2},
		{"another connection", "b", "", 2},
		{"refused by the user's limit", "b", limit.PerUser, 2},
		{"refused over HTTP", "", limit.PerUser, 1},
	} {
		store.calls.Store(0)
		v := take(t, l, tt.connection)
		if calls := store.calls.Load(); v.Refused != tt.refused || calls != tt.calls {
			t.Errorf("%s: got %+v by %d calls, want %q by %d", tt.name, v, calls, tt.refused, tt.calls)
		}
	}
}

func TestLimitsThatAreOffCostNothing(t *testing.T) {
	store := &counted{err: errors.New("not to be called")}
	one := limit.Rate{PerSecond: 1, Burst: 1}
	take(t, limiter(store, limit.Rates{}), "a")
	take(t, limiter(store, limit.Rates{Connection: one}), "")
	if _, err := limiter(store, limit.Rates{User: one}).Take(t.Context(), "ann", "a"); !errors.Is(err, store.err) {
		t.Errorf("got error %v, want %v", err, store.err)
	}
}

// TestManyAtOnce has more takers than tries, so that some go by what they read.
func TestManyAtOnce(t *testing.T) {
	const burst = 10
	l := limiter(&storetest.Memory{}, limit.Rates{User: limit.Rate{PerSecond: 1, Burst: burst}})
	var admitted atomic.Int64
	var all sync.WaitGroup
	for range 200 {
		all.Go(func() {
			v, err := l.Take(t.Context(), "ann", "a")
			if err != nil {
				t.Errorf("take: %v", err)
			}
			if v.Refused == "" {
				admitted.Add(1)
			}
		})
	}
	all.Wait()
	if got := admitted.Load(); got < burst || got > 2*burst {
		t.Errorf("%d of 200 were admitted, want %d, and a few more at most", got, burst)
	}
}

// TestOneThatCannotWriteGoesByWhatItReads loses every race.
func TestOneThatCannotWriteGoesByWhatItReads(t *testing.T) {
	rates := limit.Rates{User: limit.Rate{PerSecond: 1, Burst: 3}}
	for refused, full := range map[limit.Scope]time.Time{"": noon().Add(2 * time.Second), limit.PerUser: noon().Add(3 * time.Second)} {
		store := &counted{busy: &limit.State{Full: full, Version: "v"}}
		if v := take(t, limiter(store, rates), "a"); v.Refused != refused {
			t.Errorf("bucket full at %v: got %+v, want refused %q", full, v, refused)
		}
	}
}

func TestTakeEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	store := &counted{busy: &limit.State{Full: noon().Add(time.Second), Version: "v"}}
	l := limiter(store, limit.Rates{User: limit.Rate{PerSecond: 1, Burst: 9}})
	if _, err := l.Take(ctx, "ann", "a"); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
}

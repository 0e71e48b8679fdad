package push_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"bellhop/shared/push"

	"github.com/google/go-cmp/cmp"
)

// start is when the clock of a synctest bubble begins.
func elapsed(since time.Time) time.Duration { return time.Since(since) }

func TestSendTriesPassingFaultsAgain(t *testing.T) {
	refusal := errors.New("no right to do this")
	tests := []struct {
		name     string
		fails    int
		err      error
		want     error
		attempts int
	}{
		{"busy", 3, push.ErrBusy, nil, 4},
		{"unavailable", 3, fmt.Errorf("post: %w", push.ErrUnavailable), nil, 4},
		{"gone", 9, push.ErrGone, push.ErrGone, 1},
		{"too large", 9, push.ErrTooLarge, push.ErrTooLarge, 1},
		{"refused", 9, refusal, refusal, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := &fakeGateway{post: times(tt.fails, tt.err)}
				e := push.Engine{Gateway: g}
				errs := e.Send(t.Context(), addresses("a"), []byte("1"))
				if len(errs) != 1 || !errors.Is(errs[0], tt.want) {
					t.Errorf("errors %v, want %v", errs, tt.want)
				}
				if got := len(g.attempts["a"]); got != tt.attempts {
					t.Errorf("%d attempts, want %d", got, tt.attempts)
				}
			})
		})
	}
}

func TestPausesGrowAndJitter(t *testing.T) {
	firsts := map[time.Duration]bool{}
	for range 8 {
		synctest.Test(t, func(t *testing.T) {
			g := &fakeGateway{post: times(1000, push.ErrBusy)}
			e := push.Engine{Gateway: g, Timeout: time.Minute}
			began := time.Now()
			errs := e.Send(t.Context(), addresses("a"), []byte("1"))
			if !errors.Is(errs[0], push.ErrBusy) {
				t.Errorf("error %v, want the last attempt's", errs[0])
			}
			if elapsed(began) != time.Minute {
				t.Errorf("gave up after %v, want the deadline, 1m", elapsed(began))
			}
			bound := 50 * time.Millisecond
			at := g.attempts["a"]
			firsts[at[1].Sub(at[0])] = true
			for i := 1; i < len(at); i++ {
				if pause := at[i].Sub(at[i-1]); pause > bound {
					t.Errorf("pause %d took %v, want at most %v", i, pause, bound)
				}
				bound = min(2*bound, time.Second)
			}
			if len(at) < 40 || len(at) > 600 {
				t.Errorf("%d attempts in a minute, want some 120", len(at))
			}
		})
	}
	if len(firsts) < 4 {
		t.Errorf("8 sends had %d different first pauses, want them jittered", len(firsts))
	}
}

func TestTheSoonerDeadlineEndsRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		began := time.Now()
		e := push.Engine{Gateway: &fakeGateway{post: times(1000, push.ErrBusy)}}
		if errs := e.Send(ctx, addresses("a"), []byte("1")); !errors.Is(errs[0], push.ErrBusy) || elapsed(began) != 300*time.Millisecond {
			t.Errorf("error %v after %v, want busy after the context's 300ms", errs[0], elapsed(began))
		}
	})
}

func TestFramesGoInOrderAndNoneAfterAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		busyOnce := map[string]bool{}
		g := &fakeGateway{}
		g.post = func(_ context.Context, connection, frame string) error {
			g.mu.Lock()
			defer g.mu.Unlock()
			switch {
			case connection == "large" && frame == "2":
				return push.ErrTooLarge
			case connection == "busy" && !busyOnce[frame]:
				busyOnce[frame] = true
				return push.ErrBusy
			}
			return nil
		}
		e := push.Engine{Gateway: g}
		errs := e.Send(t.Context(), addresses("well", "large", "busy"), []byte("1"), []byte("2"), []byte("3"))
		if errs[0] != nil || !errors.Is(errs[1], push.ErrTooLarge) || errs[2] != nil {
			t.Errorf("errors %v, want only the second, too large", errs)
		}
		want := map[string][]string{"well": {"1", "2", "3"}, "large": {"1"}, "busy": {"1", "2", "3"}}
		if diff := cmp.Diff(want, g.taken); diff != "" {
			t.Errorf("frames taken (-want +got):\n%s", diff)
		}
	})
}

func TestAStuckConnectionHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var names []string
		for i := range 200 {
			names = append(names, fmt.Sprint("c", i))
		}
		g := &fakeGateway{}
		var done time.Time // when the last other connection had its frame
		g.post = func(ctx context.Context, connection, _ string) error {
			if connection == "c3" {
				return stuck(ctx)
			}
			time.Sleep(10 * time.Millisecond) // the gateway's own time, on the bubble's clock
			g.mu.Lock()
			defer g.mu.Unlock()
			done = time.Now()
			return nil
		}
		e := push.Engine{Gateway: g, Concurrency: 8}
		began := time.Now()
		errs := e.Send(t.Context(), addresses(names...), []byte("1"))
		for i, err := range errs {
			if stuck := i == 3; stuck != (err != nil) {
				t.Errorf("%s: error %v", names[i], err)
			}
		}
		if got := elapsed(began); got != push.DefaultTimeout {
			t.Errorf("took %v, want the deadline %v of the stuck one", got, push.DefaultTimeout)
		}
		if got := done.Sub(began); got > 300*time.Millisecond {
			t.Errorf("the others took %v, want 199 over 7 workers at 10 ms each", got)
		}
		if g.busiest != 8 {
			t.Errorf("%d attempts at the same time, want 8", g.busiest)
		}
	})
}

func TestSendToNobody(t *testing.T) {
	e := push.Engine{Gateway: &fakeGateway{}}
	if errs := e.Send(context.Background(), nil, []byte("1")); len(errs) != 0 {
		t.Errorf("errors %v, want none", errs)
	}
}

func TestCloseClosesWhateverBecomesOfTheAdvice(t *testing.T) {
	refusal := errors.New("no right to do this")
	tests := []struct {
		name string
		post func(context.Context, string, string) error
		shut func(context.Context, string) error
		want error
	}{
		{"all well", nil, nil, nil},
		{"advice refused", times(1, push.ErrTooLarge), nil, nil},
		{"advice on a stuck connection", func(ctx context.Context, _, _ string) error { return stuck(ctx) }, func(ctx context.Context, _ string) error { return ctx.Err() }, nil},
		{"gone already", times(9, push.ErrGone), func(context.Context, string) error { return push.ErrGone }, nil},
		{"closing refused", nil, func(context.Context, string) error { return refusal }, refusal},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := &fakeGateway{post: tt.post, shut: tt.shut}
				e := push.Engine{Gateway: g}
				errs := e.Close(t.Context(), addresses("a"), []byte("bye"))
				if len(errs) != 1 || !errors.Is(errs[0], tt.want) {
					t.Errorf("errors %v, want %v", errs, tt.want)
				}
				if tt.shut == nil && !cmp.Equal(g.closed, []string{"a"}) {
					t.Errorf("closed %v, want a", g.closed)
				}
			})
		})
	}
}

func TestCloseTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		again := times(3, push.ErrUnavailable)
		g := &fakeGateway{shut: func(ctx context.Context, c string) error { return again(ctx, c, "") }}
		e := push.Engine{Gateway: g}
		if errs := e.Close(t.Context(), addresses("a"), []byte("bye")); errs[0] != nil || len(g.closed) != 1 {
			t.Errorf("error %v, closed %v, want it closed at the fourth attempt", errs[0], g.closed)
		}
	})
}

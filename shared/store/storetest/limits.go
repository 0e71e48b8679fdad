package storetest

import (
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"bellhop/shared/connections"
	"bellhop/shared/limit"
)

func limitCases() []testCase {
	return []testCase{
		{"a guess is right for a user without a state", guessOfNobody},
		{"all fields return with a conflict", stateReturns},
		{"a state is over from Until on", stateOver},
		{"a change is of the state that it names, and of no other", stateChanged},
		{"users never see each other's", statesApart},
		{"a state is no connection", stateAside},
		{"50 at once get the burst and no more", takersMeet},
	}
}

// micro is a time with microseconds.
func micro() time.Time { return moment().Add(234 * time.Microsecond) }

// usedState is of two connections.
func usedState() limit.State {
	return limit.State{
		Full: micro().Add(time.Second), Version: unique("v"),
		Connections: map[string]time.Time{"L0SM9cOFvHcCIhw=": micro().Add(2 * time.Second), "a_-": micro().Add(time.Millisecond)},
	}
}

// swap makes a change that must come out.
func swap(t *testing.T, s Stores, user string, c limit.Change) {
	t.Helper()
	if stands, err := s.Limits.Swap(t.Context(), user, c); err != nil {
		t.Fatalf("swap the state of %q: %v, %+v stands", user, err, stands)
	}
}

// wantStands tries a change that must not come out, and wants the state that
// stands.
func wantStands(t *testing.T, s Stores, user string, c limit.Change, want limit.State) {
	t.Helper()
	stands, err := s.Limits.Swap(t.Context(), user, c)
	if !errors.Is(err, limit.ErrConflict) {
		t.Fatalf("swap the state of %q: got error %v, want %v", user, err, limit.ErrConflict)
	}
	if d := diff(want, stands); d != "" {
		t.Errorf("the state of %q that stands (-want +got):\n%s", user, d)
	}
}

func guess(next limit.State, now time.Time) limit.Change { return limit.Change{Next: next, Now: now} }

func guessOfNobody(t *testing.T, s Stores) { swap(t, s, unique("nobody"), guess(usedState(), micro())) }

func stateReturns(t *testing.T, s Stores) {
	for _, want := range []limit.State{
		usedState(),
		{Full: micro().Add(time.Microsecond), Version: unique("v")},
		{Connections: map[string]time.Time{"c": micro().Add(time.Microsecond)}, Version: unique("v")},
	} {
		user := unique("ann #/é🛎\x01")
		swap(t, s, user, guess(want, micro()))
		wantStands(t, s, user, guess(usedState(), micro()), want)
	}
}

func stateOver(t *testing.T, s Stores) {
	user, first, second := unique("ann"), usedState(), usedState()
	swap(t, s, user, guess(first, micro()))
	wantStands(t, s, user, guess(second, first.Until().Add(-time.Microsecond)), first)
	swap(t, s, user, guess(second, first.Until()))
	wantStands(t, s, user, guess(first, micro()), second)
}

func stateChanged(t *testing.T, s Stores) {
	user, first, second, third := unique("ann"), usedState(), usedState(), usedState()
	wantStands(t, s, user, limit.Change{Was: first, Next: second, Now: micro()}, limit.State{})
	swap(t, s, user, guess(first, micro()))
	swap(t, s, user, limit.Change{Was: first, Next: second, Now: micro()})
	wantStands(t, s, user, limit.Change{Was: first, Next: third, Now: micro()}, second)
	swap(t, s, user, limit.Change{Was: second, Next: third, Now: second.Until()})
	wantStands(t, s, user, limit.Change{Was: second, Next: first, Now: third.Until()}, third)
}

func statesApart(t *testing.T, s Stores) {
	base := unique("a")
	states := map[string]limit.State{}
	for _, user := range []string{base, base + "#limits", base + "\x01", base + "c", base + "ÿ"} {
		states[user] = usedState()
		swap(t, s, user, guess(states[user], micro()))
	}
	for user, want := range states {
		wantStands(t, s, user, guess(usedState(), micro()), want)
	}
}

// stateAside has 3 KB in each connection, so that they are read in more than one
// page.
func stateAside(t *testing.T, s Stores) {
	user, state := unique("ann"), usedState()
	wantConnections(t, s, user)
	swap(t, s, user, guess(state, micro()))
	wantConnections(t, s, user)
	want := make([]connections.Connection, 500)
	for i := range want {
		want[i] = connection(user, fmt.Sprintf("-%04d", i))
		want[i].Endpoint = fmt.Sprintf("https://%03000d/", i)
	}
	putConnections(t, s, want...)
	wantConnections(t, s, user, want...)
	if err := s.Connections.Delete(t.Context(), user, "-0000"); err != nil {
		t.Fatal(err)
	}
	wantConnections(t, s, user, want[1:]...)
	wantStands(t, s, user, guess(usedState(), micro()), state)
}

// takersMeet are of five connections, each of which could take all.
func takersMeet(t *testing.T, s Stores) {
	const burst = 20
	user, now := unique("ann"), micro()
	rates := limit.Rates{Connection: limit.Rate{PerSecond: 1, Burst: burst}, User: limit.Rate{PerSecond: 1, Burst: burst}}
	var admitted atomic.Int64
	together(writers, func(i int) {
		var was limit.State
		for {
			next, verdict := rates.Take(was, fmt.Sprint("c", i%5), now)
			next.Version = unique("v")
			stands, err := s.Limits.Swap(t.Context(), user, limit.Change{Was: was, Next: next, Now: now})
			switch {
			case err == nil && verdict.Refused == "":
				admitted.Add(1)
				return
			case !errors.Is(err, limit.ErrConflict):
				if err != nil {
					t.Errorf("taker %d: %v", i, err)
				}
				return
			}
			was = stands
			runtime.Gosched()
		}
	})
	if got := admitted.Load(); got != burst {
		t.Errorf("%d of %d were admitted, want %d", got, writers, burst)
	}
}

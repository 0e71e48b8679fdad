package limit_test

import (
	"fmt"
	"testing"
	"time"

	"bellhop/shared/limit"

	"github.com/google/go-cmp/cmp"
)

func noon() time.Time { return time.Date(2026, 11, 5, 12, 0, 0, 0, time.UTC) }

// user takes requests one after the other.
type user struct {
	t     *testing.T
	rates limit.Rates
	state limit.State
	now   time.Time
}

func (u *user) take(connection string) (v limit.Verdict) {
	u.state, v = u.rates.Take(u.state, connection, u.now)
	return v
}

// admits says whether one would be admitted, and takes none.
func (u *user) admits(connection string) bool {
	_, v := u.rates.Take(u.state, connection, u.now)
	return v.Refused == ""
}

// admitted takes n requests at once, and gives how many were admitted.
func (u *user) admitted(connection string, n int) (admitted int) {
	for range n {
		if u.take(connection).Refused == "" {
			admitted++
		}
	}
	return admitted
}

func (u *user) want(what string, got, want any) {
	u.t.Helper()
	if got != want {
		u.t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestABurstAndThenTheRate(t *testing.T) {
	for _, r := range []limit.Rate{{1, 1}, {10, 50}, {30, 150}, {limit.MaxRate, limit.MaxBurst}} {
		for _, connection := range []string{"c", ""} {
			u := &user{t: t, rates: limit.Rates{Connection: r}, now: noon()}
			if connection == "" {
				u.rates = limit.Rates{User: r}
			}
			u.want(fmt.Sprintf("%+v at once", r), u.admitted(connection, r.Burst), r.Burst)
			v := u.take(connection)
			u.want("one more", v.Refused != "", true)
			u.now = u.now.Add(v.Wait - time.Microsecond)
			u.want("a moment before the wait is over", u.admits(connection), false)
			u.now = u.now.Add(time.Microsecond)
			u.want("after the wait", u.take(connection).Refused, limit.Scope(""))
			u.want("and another", u.take(connection).Refused != "", true)
		}
	}
}

func TestAFullBucketLeavesNoState(t *testing.T) {
	u := &user{t: t, rates: limit.Rates{Connection: limit.Rate{PerSecond: 10, Burst: 5}, User: limit.Rate{PerSecond: 2, Burst: 9}}, now: noon()}
	u.admitted("a", 2)
	u.want("until", u.state.Until(), noon().Add(time.Second))
	u.now = noon().Add(200 * time.Millisecond)
	u.admitted("b", 1)
	if diff := cmp.Diff(limit.State{Full: noon().Add(1500 * time.Millisecond), Connections: map[string]time.Time{"b": u.now.Add(100 * time.Millisecond)}}, u.state); diff != "" {
		t.Errorf("a is idle (-want +got):\n%s", diff)
	}
	u.now = u.state.Until()
	u.admitted("", 1)
	if diff := cmp.Diff(limit.State{Full: u.now.Add(500 * time.Millisecond), Connections: map[string]time.Time{}}, u.state); diff != "" {
		t.Errorf("all were idle (-want +got):\n%s", diff)
	}
}

func TestWhoGoesOnForAnotherBurstFloods(t *testing.T) {
	u := &user{t: t, rates: limit.Rates{Connection: limit.Rate{PerSecond: 10, Burst: 5}}, now: noon()}
	u.want("admitted", u.admitted("a", 5), 5)
	for i := range 5 {
		u.want(fmt.Sprint("refused ", i), u.take("a"), limit.Verdict{Refused: limit.PerConnection, Wait: time.Duration(i+2) * 100 * time.Millisecond})
	}
	for range 20 { // which adds nothing
		u.want("beyond", u.take("a"), limit.Verdict{Refused: limit.PerConnection, Wait: 600 * time.Millisecond, Flood: true})
	}
	u.want("another connection", u.take("b").Refused, limit.Scope(""))
	u.now = noon().Add(600 * time.Millisecond)
	u.want("who has waited", u.take("a").Refused, limit.Scope(""))
}

// TestOneThatFloodsDoesNotSilenceTheOthers has one connection spend all that it
// can.
func TestOneThatFloodsDoesNotSilenceTheOthers(t *testing.T) {
	u := &user{t: t, rates: limit.Rates{Connection: limit.Rate{PerSecond: 10, Burst: 5}, User: limit.Rate{PerSecond: 10, Burst: 8}}, now: noon()}
	u.want("of the one that floods", u.admitted("a", 100), 5)
	u.want("of another", u.admitted("b", 4), 3)
	v := u.take("b")
	u.want("and then", v, limit.Verdict{Refused: limit.PerUser, Wait: 100 * time.Millisecond})
	u.want("over HTTP", u.take(""), v)
	u.want("until", u.state.Until(), noon().Add(time.Second))
}

func TestManyConnectionsAreForgotten(t *testing.T) {
	u := &user{t: t, rates: limit.Rates{Connection: limit.Rate{PerSecond: 1, Burst: 1}}, now: noon()}
	for i := range 3 * limit.MaxTracked {
		u.now = u.now.Add(time.Millisecond)
		u.take(fmt.Sprint("c", i))
	}
	u.want("tracked", len(u.state.Connections), limit.MaxTracked)
	u.want("the latest", u.take(fmt.Sprint("c", 3*limit.MaxTracked-1)).Refused, limit.PerConnection)
	u.want("the first", u.take("c0").Refused, limit.Scope(""))
}

func TestNoLimit(t *testing.T) {
	u := &user{t: t, now: noon()}
	u.want("admitted", u.admitted("a", 1000), 1000)
	if diff := cmp.Diff(limit.State{Connections: map[string]time.Time{}}, u.state); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
}

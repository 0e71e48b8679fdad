package handler_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"bellhop/shared/connections"
	"bellhop/shared/handler"
	"bellhop/shared/protocol"
	"bellhop/shared/push"

	"github.com/google/go-cmp/cmp"
)

func (d *desk) sessions(request string) any {
	d.t.Helper()
	got, err := handler.NewSessions(d.deps).Handle(d.t.Context(), []byte(request))
	if err != nil {
		d.t.Fatalf("sessions %s: %v", request, err)
	}
	return got
}

func (d *desk) sweep() handler.Swept {
	d.t.Helper()
	got, err := handler.NewSweep(d.deps).Handle(d.t.Context(), []byte(`{"source":"aws.events"}`))
	swept, ok := got.(handler.Swept)
	if err != nil || !ok {
		d.t.Fatalf("sweep: %+v, %v", got, err)
	}
	return swept
}

func TestSweepClosesWhatHasEnded(t *testing.T) {
	d := setup(t)
	s := d.signIn("ada")
	d.join(s, "a")
	d.now = s.Expires.Add(-time.Second)
	if got := d.sweep(); got != (handler.Swept{}) {
		t.Errorf("a second before the end: %+v, want nothing done", got)
	}
	d.now = s.Expires
	if r := d.one(`{"users":["ada"],"notification":{"source":"s","type":"t","data":{}}}`); r.Outcome != handler.Stored {
		t.Errorf("published after the end: %+v, want it stored alone", r)
	}
	if got := d.sweep(); got != (handler.Swept{Closed: 1}) || !cmp.Equal(d.closed, []string{"a"}) {
		t.Errorf("at the end: %+v, closed %v, want one", got, d.closed)
	}
	if bye := decode[protocol.Disconnect](t, d.took("a")[0]); bye.Code != protocol.SessionExpired || bye.Reconnect != protocol.Backoff {
		t.Errorf("advice %+v, want session_expired and backoff", bye)
	}
	if got := d.sweep(); got != (handler.Swept{}) {
		t.Errorf("again: %+v, want nothing left", got)
	}
}

func TestSweepCatchesUp(t *testing.T) {
	d := setup(t)
	s := d.signIn("ada")
	d.join(s, "a")
	d.sweep() // the mark is here
	d.now = s.Expires.Add(50 * time.Minute)
	if got := d.sweep(); got.Closed != 1 {
		t.Errorf("after an outage: %+v, want one closed", got)
	}
}

func TestOneThatCannotBeClosedHoldsUpNoOther(t *testing.T) {
	d := setup(t)
	s := d.signIn("ada")
	d.join(s, "a")
	d.now = d.now.Add(10 * time.Minute)
	later := d.signIn("bob")
	d.join(later, "b")
	d.refuse, d.refused = errors.New("no right"), "a"
	d.now = later.Expires
	if got := d.sweep(); got != (handler.Swept{Closed: 1, Failed: 1}) || !cmp.Equal(d.closed, []string{"b"}) {
		t.Errorf("%+v, closed %v, want b closed beside the failure", got, d.closed)
	}
}

func TestSweepTriesAgainWhatFailed(t *testing.T) {
	d := setup(t)
	s := d.signIn("ada")
	d.join(s, "a")
	d.refuse = errors.New("no right")
	for _, after := range []time.Duration{0, 10 * time.Minute} {
		d.now = s.Expires.Add(after)
		if got := d.sweep(); got != (handler.Swept{Failed: 1}) {
			t.Errorf("%v after the end, the gateway refuses: %+v, want one failed", after, got)
		}
	}
	d.refuse = nil
	d.now = s.Expires.Add(20 * time.Minute)
	if got := d.sweep(); got != (handler.Swept{Closed: 1}) {
		t.Errorf("later: %+v, want it closed", got)
	}
}

// meanwhile is a gateway where something happens while a frame is on its way.
type meanwhile struct {
	push.Gateway
	do func()
}

func (g meanwhile) Post(ctx context.Context, to push.Address, data []byte) error {
	g.do()
	return g.Gateway.Post(ctx, to, data)
}

// A schedule may call twice. Every frame goes out once.
func TestTwoSweepsAtOnceDoTheWorkOnce(t *testing.T) {
	d := setup(t)
	s := d.signIn("ada")
	d.join(s, "a")
	d.join(s, "b")
	d.now = s.Expires
	d.deps.Gateway = meanwhile{d, func() {
		second := d.deps
		second.Gateway = d
		if got, err := handler.NewSweep(second).Handle(t.Context(), []byte(`{}`)); err != nil || got != (handler.Swept{Busy: true}) {
			t.Errorf("the second: %+v, %v, want it to leave all to the first", got, err)
		}
	}}
	if got := d.sweep(); got != (handler.Swept{Closed: 2}) || len(d.took("a")) != 1 || len(d.took("b")) != 1 {
		t.Errorf("the first: %+v, want both closed, each with one frame", got)
	}
	if got := d.sweep(); got != (handler.Swept{}) {
		t.Errorf("the next: %+v, want nothing left", got)
	}
}

// A run that crashed holds up the next for as long as it could have taken.
func TestASweepThatNeverEndedIsFollowedByAnother(t *testing.T) {
	d := setup(t)
	s := d.signIn("ada")
	d.join(s, "a")
	d.now = s.Expires
	lease := connections.Lease{Now: d.now, Until: d.now.Add(50 * time.Second)}
	if _, ok, err := d.deps.Schedule.BeginSweep(t.Context(), lease); !ok || err != nil {
		t.Fatalf("begin: %v, %v", ok, err)
	}
	if got := d.sweep(); got != (handler.Swept{Busy: true}) {
		t.Errorf("while it could be under way: %+v, want nothing done", got)
	}
	d.now = d.now.Add(time.Minute)
	if got := d.sweep(); got != (handler.Swept{Closed: 1}) {
		t.Errorf("a minute later: %+v, want one closed", got)
	}
}

// hurried is a context whose deadline can be moved, as that of a function that
// was slow.
type hurried struct {
	context.Context
	left *atomic.Int64 // nanoseconds
}

func (c hurried) Deadline() (time.Time, bool) {
	return time.Now().Add(time.Duration(c.left.Load())), true
}

func TestASweepWithLittleTimeLeftStops(t *testing.T) {
	d := setup(t)
	var sessions []handler.Created
	for i := range 3 { // each ends in a minute of its own
		sessions = append(sessions, d.signIn("ada"))
		d.join(sessions[i], fmt.Sprint("c", i))
		d.now = d.now.Add(2 * time.Minute)
	}
	d.sweep() // the mark is here
	d.now = sessions[2].Expires.Add(time.Minute)
	ctx := hurried{t.Context(), new(atomic.Int64)}
	sweep := func() handler.Swept {
		t.Helper()
		got, err := handler.NewSweep(d.deps).Handle(ctx, []byte(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		return got.(handler.Swept)
	}
	ctx.left.Store(int64(4 * time.Second))
	if got := sweep(); got != (handler.Swept{Late: true}) {
		t.Errorf("4 s left: %+v, want nothing begun", got)
	}
	ctx.left.Store(int64(50 * time.Second))
	whole := d.deps.Gateway
	d.deps.Gateway = meanwhile{whole, func() { ctx.left.Store(int64(4 * time.Second)) }}
	for i := range 2 {
		ctx.left.Store(int64(50 * time.Second))
		if got := sweep(); got != (handler.Swept{Closed: 1, Late: true}) || len(d.closed) != i+1 {
			t.Errorf("4 s left after the first: %+v, closed %v, want that one and no more", got, d.closed)
		}
	}
	d.deps.Gateway = whole
	ctx.left.Store(int64(50 * time.Second))
	if got := sweep(); got != (handler.Swept{Closed: 1}) || !cmp.Equal(d.closed, []string{"c0", "c1", "c2"}) {
		t.Errorf("with time: %+v, closed %v, want the rest", got, d.closed)
	}
}

func TestARenewedSessionGoesOn(t *testing.T) {
	d := setup(t)
	s := d.signIn("ada")
	d.join(s, "a")
	got, ok := d.sessions(fmt.Sprintf(`{"op":"renew","session":%q,"ttl":5400}`, s.Session)).(handler.Renewed)
	if want := d.now.Add(90 * time.Minute); !ok || got.User != "ada" || got.Session != s.Session || !got.Expires.Equal(want) {
		t.Fatalf("renewed %+v, want the session until %v", got, want)
	}
	d.now = s.Expires.Add(time.Minute)
	if swept := d.sweep(); swept.Closed != 0 {
		t.Errorf("sweep after the old end: %+v, want nothing closed", swept)
	}
	if r := d.one(`{"users":["ada"],"notification":{"source":"s","type":"t","data":{}}}`); r.Reached != 1 {
		t.Errorf("published after the old end: %+v, want it live", r)
	}
	if w := decode[protocol.Welcome](t, d.send(s, "a", `{"type":"hello","id":"2"}`)); !w.Expires.Equal(got.Expires) {
		t.Errorf("hello after the old end: until %v, want %v", w.Expires, got.Expires)
	}
	d.now = got.Expires
	if e := decode[protocol.ErrorFrame](t, d.send(s, "a", `{"type":"list","id":"3"}`)); e.Error.Code != protocol.Unauthorized {
		t.Errorf("list at the new end: %+v, want unauthorized", e)
	}
	if swept := d.sweep(); swept.Closed != 1 {
		t.Errorf("sweep at the new end: %+v, want one closed", swept)
	}
	if r, ok := d.sessions(fmt.Sprintf(`{"op":"renew","session":%q}`, s.Session)).(handler.Refused); !ok || r.Error.Code != protocol.NotFound {
		t.Errorf("renewed after the end: %+v, want not_found", r)
	}
}

func TestRevokeGoesOnAfterAFailure(t *testing.T) {
	d := setup(t)
	s := d.signIn("ada")
	d.join(s, "a")
	d.refuse = errors.New("no right")
	revoke := fmt.Appendf(nil, `{"op":"revoke","token":%q}`, s.Token)
	if got, err := handler.NewSessions(d.deps).Handle(t.Context(), revoke); !errors.Is(err, d.refuse) {
		t.Errorf("the gateway refuses: %+v, %v, want its error", got, err)
	}
	d.refuse = nil
	for _, want := range []int{1, 0} {
		if got := d.sessions(string(revoke)); got != (handler.Revoked{Revoked: want}) {
			t.Errorf("revoke again: %+v, want %d", got, want)
		}
	}
	if !cmp.Equal(d.closed, []string{"a"}) {
		t.Errorf("closed %v, want a", d.closed)
	}
}

package handler_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"bellhop/shared/handler"
	"bellhop/shared/protocol"

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

func TestADeletedSessionClosesItsSockets(t *testing.T) {
	d := setup(t)
	s, other := d.signIn("ada"), d.signIn("ada")
	d.join(s, "a")
	d.join(other, "b")
	record := `{"eventName":"REMOVE","dynamodb":{"SequenceNumber":"7","OldImage":{"id":{"S":%q},"user":{"S":"ada"},"expires":{"N":"%d"}}}}`
	ticket := `{"eventName":"REMOVE","dynamodb":{"SequenceNumber":"6","OldImage":{"id":{"S":"ticket#1"},"session":{"S":"x"}}}}`
	event := []byte(`{"Records":[` + ticket + `,` + fmt.Sprintf(record, s.Session, s.Expires.Unix()) + `]}`)
	d.refuse = errors.New("no right")
	got, err := handler.NewSweep(d.deps).Handle(t.Context(), event)
	if text := fmt.Sprint(got); err != nil || text != "{[{7}]}" {
		t.Errorf("the gateway refuses: %s, %v, want record 7 again", text, err)
	}
	d.refuse = nil
	if got, err = handler.NewSweep(d.deps).Handle(t.Context(), event); err != nil || fmt.Sprint(got) != "{[]}" || !cmp.Equal(d.closed, []string{"a"}) {
		t.Errorf("%v, %v, closed %v, want the one connection", got, err, d.closed)
	}
	if bye := decode[protocol.Disconnect](t, d.took("a")[0]); bye.Code != protocol.SessionRevoked {
		t.Errorf("advice %+v, want session_revoked", bye)
	}
}

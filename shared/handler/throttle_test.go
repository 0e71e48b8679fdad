package handler_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"bellhop/shared/limit"
	"bellhop/shared/protocol"
	"bellhop/shared/push"

	"github.com/google/go-cmp/cmp"
)

const ask = `{"type":"list","id":"7"}`

// tight lets a connection send 5 frames at once and a user 9, and 10 a second.
func tight(t *testing.T) *desk {
	d := setup(t)
	d.deps.Config.Rates = limit.Rates{Connection: limit.Rate{PerSecond: 10, Burst: 5}, User: limit.Rate{PerSecond: 10, Burst: 9}}
	return d
}

// wantRefused wants the answer of a frame beyond a limit.
func wantRefused(t *testing.T, frame, id string, after int) {
	t.Helper()
	got := decode[protocol.ErrorFrame](t, frame)
	if e := got.Error; got.ID != id || e.Code != protocol.TooManyRequests || !e.Temporary || e.After != after {
		t.Errorf("got %s, want too_many_requests for %q after %d s", frame, id, after)
	}
}

func TestAFloodIsRefusedAndThenClosed(t *testing.T) {
	d := tight(t)
	s := d.signIn("ada")
	d.join(s, "a") // the first of five
	for range 4 {
		decode[protocol.Page](t, d.send(s, "a", ask))
	}
	wantRefused(t, d.send(s, "a", ask), "7", 1)
	wantRefused(t, d.send(s, "a", `{"type":"dance","id":"8"}`), "8", 1)
	wantRefused(t, d.send(s, "a", `no JSON`), "", 1)
	wantRefused(t, d.send(s, "a", `{"type":"hello","id":"9"}`), "9", 1)
	wantRefused(t, d.send(s, "a", `{"type":"ack","offset":1}`), "", 1)
	d.join(s, "b")
	if len(d.closed) > 0 {
		t.Fatalf("closed %v, want none yet", d.closed)
	}
	bye := decode[protocol.Disconnect](t, d.send(s, "a", ask))
	if bye.Code != protocol.TooManyRequests || bye.Reconnect != protocol.Backoff || bye.After != 1 {
		t.Errorf("advice %+v, want too_many_requests, backoff and a second", bye)
	}
	if diff := cmp.Diff(bye, decode[protocol.Disconnect](t, d.took("a")[0])); diff != "" || !cmp.Equal(d.closed, []string{"a"}) {
		t.Errorf("closed %v, want a, with the advice before (-want +got):\n%s", d.closed, diff)
	}
	if r := d.one(`{"users":["ada"],"notification":{"source":"s","type":"t","data":{}}}`); r.Reached != 1 {
		t.Errorf("published after it: %+v, want b reached alone", r)
	}
	for line, want := range map[string]int{"msg=audit event=limited reason=connection_rate user=ada connection=a": 5, "msg=audit event=limited reason=flood user=ada connection=a": 1} {
		if got := strings.Count(d.out.String(), line); got != want {
			t.Errorf("%d lines %q, want %d", got, line, want)
		}
	}
}

// TestWhoWaitsIsServed goes by after.
func TestWhoWaitsIsServed(t *testing.T) {
	d := tight(t)
	s := d.signIn("ada")
	d.join(s, "a")
	for range 4 {
		d.send(s, "a", ask)
	}
	hello := `{"type":"hello","id":"1"}`
	wantRefused(t, d.send(s, "a", hello), "1", 1)
	d.now = d.now.Add(time.Second)
	decode[protocol.Welcome](t, d.send(s, "a", hello))
}

func TestTheUsersLimitIsOfAllConnectionsAndHTTP(t *testing.T) {
	d := tight(t)
	s, eve := d.signIn("ada"), d.signIn("eve")
	bearer := fmt.Sprintf(`"headers":{"authorization":"Bearer %s"}`, s.Token)
	d.join(s, "a")
	d.join(s, "b")
	for range 4 {
		d.send(s, "a", ask)
	}
	for _, route := range []string{"GET /notifications", "POST /tickets", "GET /notifications"} {
		if status, answer := d.http(route, bearer); status >= 300 {
			t.Errorf("%s within the limit: status %d, %v", route, status, answer)
		}
	}
	wantRefused(t, d.send(s, "b", ask), "7", 1)
	for _, route := range []string{"GET /notifications", "POST /notifications/mark", "POST /tickets"} {
		status, answer := d.http(route, bearer)
		header := d.request(route, bearer).Headers["retry-after"]
		if status != 429 || answer["code"] != "too_many_requests" || answer["after"] != 1.0 || header != "1" {
			t.Errorf("%s: status %d, %v, Retry-After %q, want 429 and a second", route, status, answer, header)
		}
	}
	for route, want := range map[string]int{"GET /healthz": 200, "GET /notifications": 401} {
		if status, _ := d.http(route, `"headers":{}`); status != want {
			t.Errorf("%s without a session: status %d, want %d", route, status, want)
		}
	}
	d.join(eve, "e")
	if len(d.closed) > 0 {
		t.Errorf("closed %v, want none: no connection goes on beyond its own limit", d.closed)
	}
	d.now = d.now.Add(time.Second)
	if status, _ := d.http("GET /notifications", bearer); status != 200 {
		t.Errorf("after a second: status %d, want 200", status)
	}
}

// unlimited is a store that cannot keep what is used of limits.
type unlimited struct{ store }

func (unlimited) Swap(context.Context, string, limit.Change) (limit.State, error) {
	return limit.State{}, errors.New("no table")
}

func TestAStoreThatFailsLimitsNobody(t *testing.T) {
	d := tight(t)
	d.deps.Limits = unlimited{}
	s := d.signIn("ada")
	d.join(s, "a")
	for range 30 {
		decode[protocol.Page](t, d.send(s, "a", ask))
	}
	if got := strings.Count(d.out.String(), `level=WARN msg="limits not applied" user=ada connection=a error="no table"`); got != 31 {
		t.Errorf("%d warnings, want one for each frame", got)
	}
}

// TestAFloodThatCannotBeClosed is told so all the same.
func TestAFloodThatCannotBeClosed(t *testing.T) {
	d := tight(t)
	s := d.signIn("ada")
	d.join(s, "a")
	for range 9 {
		d.send(s, "a", ask)
	}
	d.refuse = errors.New("no right")
	if got := decode[protocol.ErrorFrame](t, d.send(s, "a", ask)); got.Error.Code != protocol.Unavailable {
		t.Errorf("got %+v, want unavailable", got)
	}
	d.refuse, d.fails["a"] = nil, push.ErrGone
	decode[protocol.Disconnect](t, d.send(s, "a", ask))
	if !cmp.Equal(d.closed, []string{"a"}) {
		t.Errorf("closed %v, want a", d.closed)
	}
}

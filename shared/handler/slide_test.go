package handler_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"bellhop/shared/handler"
	"bellhop/shared/protocol"
	"bellhop/shared/session"
)

const idle = 30 * time.Minute

// sliding is a desk whose sessions slide, with ada signed in for the idle time
// and two of her devices there.
func sliding(t *testing.T) (*desk, handler.Created) {
	d := setup(t)
	d.deps.Config.Lifetime.Idle = idle
	s, ok := d.sessions(fmt.Sprintf(`{"op":"create","user":"ada","ttl":%d}`, int(idle/time.Second))).(handler.Created)
	if !ok {
		t.Fatal("ada is not signed in")
	}
	d.join(s, "a")
	d.join(s, "b")
	return d, s
}

func (d *desk) endOf(s handler.Created) time.Duration {
	d.t.Helper()
	got, err := d.deps.Sessions.Session(d.t.Context(), s.Session)
	if err != nil {
		d.t.Fatal(err)
	}
	return got.Expires.Sub(d.now)
}

func TestWhatAUserDoesExtendsTheSession(t *testing.T) {
	for name, act := range map[string]func(*desk, handler.Created){
		"hello": func(d *desk, s handler.Created) {
			w := decode[protocol.Welcome](d.t, d.send(s, "a", `{"type":"hello","id":"1"}`))
			if want := d.now.Add(d.endOf(s)); !w.Expires.Equal(want) {
				d.t.Errorf("welcome: until %v, want %v", w.Expires, want)
			}
		},
		"list": func(d *desk, s handler.Created) { d.send(s, "a", `{"type":"list","id":"1"}`) },
		"mark": func(d *desk, s handler.Created) {
			d.send(s, "a", `{"type":"mark","id":"1","state":"read","through":1}`)
		},
		"HTTP": func(d *desk, s handler.Created) { d.http("GET /notifications", bearerOf(s)) },
		"handshake": func(d *desk, s handler.Created) {
			d.authorize(`"Origin":["https://example.com"],"Cookie":["sessionid=` + s.Token + `"]`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			d, s := sliding(t)
			began := d.now
			for _, at := range []struct{ after, left time.Duration }{
				{idle/10 - time.Second, 9*idle/10 + time.Second}, // not written again within a tenth
				{20 * time.Minute, idle},
			} {
				d.now = began.Add(at.after)
				act(d, s)
				if got := d.endOf(s); got != at.left {
					t.Errorf("at %v: %v left, want %v", at.after, got, at.left)
				}
			}
			d.now = began.Add(idle + time.Minute)
			if r := d.one(`{"users":["ada"],"notification":{"source":"s","type":"t","data":{}}}`); r.Reached != 2 {
				t.Errorf("published past the first end: %+v, want it on both devices", r)
			}
			if swept := d.sweep(); swept != (handler.Swept{}) {
				t.Errorf("past the first end: %+v, want nothing due", swept)
			}
			d.now = began.Add(20*time.Minute + idle)
			if swept := d.sweep(); swept.Closed != 2 {
				t.Errorf("idle since: %+v, want both closed", swept)
			}
		})
	}
}

func bearerOf(s handler.Created) string {
	return `"headers":{"authorization":"Bearer ` + s.Token + `"}`
}

func TestWhatComesByItselfExtendsNothing(t *testing.T) {
	d, s := sliding(t)
	d.now = d.now.Add(20 * time.Minute)
	d.send(s, "a", `{"type":"ping"}`)
	d.send(s, "a", `{"type":"ack","offset":0}`)
	d.send(s, "a", `{"type":"dance"}`)
	d.one(`{"users":["ada"],"notification":{"source":"s","type":"t","data":{}}}`)
	if got := d.endOf(s); got != 10*time.Minute {
		t.Errorf("%v left, want 10 minutes", got)
	}
	d.deps.Config.Lifetime.Idle = 0
	d.send(s, "a", `{"type":"list","id":"1"}`)
	if got := d.endOf(s); got != 10*time.Minute {
		t.Errorf("sliding is off: %v left, want 10 minutes", got)
	}
}

// meddling is a store where something comes between reading a session and
// extending it, or extending fails.
type meddling struct {
	session.Store
	read   func(id string)
	extend error
}

func (m *meddling) Session(ctx context.Context, id string) (session.Session, error) {
	s, err := m.Store.Session(ctx, id)
	if m.read != nil {
		m.read(id)
	}
	return s, err
}

func (m *meddling) ExtendSession(ctx context.Context, id string, expires time.Time) (session.Session, error) {
	if m.extend != nil {
		return session.Session{}, m.extend
	}
	return m.Store.ExtendSession(ctx, id, expires)
}

func TestRevocationWinsOverActivity(t *testing.T) {
	d, s := sliding(t)
	store := d.deps.Sessions
	d.now = d.now.Add(20 * time.Minute)
	for name, act := range map[string]func() string{
		"list":  func() string { return d.send(s, "a", `{"type":"list","id":"1"}`) },
		"hello": func() string { return d.send(s, "a", `{"type":"hello","id":"1"}`) },
		"HTTP":  func() string { return d.request("GET /notifications", bearerOf(s)).Body },
		"handshake": func() string {
			return fmt.Sprint(d.authorize(`"Origin":["https://example.com"],"Cookie":["sessionid=` + s.Token + `"]`))
		},
	} {
		d.deps.Sessions = &meddling{Store: store, read: func(id string) {
			if _, err := store.RevokeSession(t.Context(), id); err != nil {
				t.Error(err)
			}
		}}
		answer := act()
		if !strings.Contains(answer, "unauthorized") && !strings.Contains(answer, "session_revoked") && !strings.Contains(answer, "Deny") {
			t.Errorf("%s: %s, want it refused", name, answer)
		}
		if _, err := store.Session(t.Context(), s.Session); !errors.Is(err, session.ErrNotFound) {
			t.Errorf("%s: the session afterwards: %v, want it ended", name, err)
		}
		if err := store.PutSession(t.Context(), session.Session{ID: s.Session, User: "ada", Created: d.now, Expires: s.Expires}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestASessionThatCannotBeExtendedIsAsGoodAsBefore(t *testing.T) {
	d, s := sliding(t)
	d.deps.Sessions = &meddling{Store: d.deps.Sessions, extend: errors.New("table is away")}
	d.now = d.now.Add(20 * time.Minute)
	decode[protocol.Page](t, d.send(s, "a", `{"type":"list","id":"1"}`))
	if w := decode[protocol.Welcome](t, d.send(s, "a", `{"type":"hello","id":"1"}`)); !w.Expires.Equal(s.Expires) {
		t.Errorf("welcome: until %v, want %v as before", w.Expires, s.Expires)
	}
	if n := strings.Count(d.out.String(), "session not extended"); n != 2 {
		t.Errorf("%d warnings, want one for each frame:\n%s", n, d.out.String())
	}
}

// Tokens of others end as their issuer said, and a session at its greatest age.
func TestWhatDoesNotSlide(t *testing.T) {
	d, s := sliding(t)
	d.deps.Config.Lifetime.MaxAge = 40 * time.Minute
	d.now = d.now.Add(20 * time.Minute)
	d.send(s, "a", `{"type":"list","id":"1"}`)
	if got := d.endOf(s); got != 20*time.Minute {
		t.Errorf("%v left, want 20 minutes: then the session is 40 minutes old", got)
	}
	foreign := handler.Created{
		User: "ada", Session: fmt.Sprintf("jwt.%d.%d.x.YWRh", d.now.Add(-time.Hour).Unix(), d.now.Add(time.Minute).Unix()), Expires: d.now.Add(time.Minute),
	}
	d.deps.Sessions = &meddling{Store: d.deps.Sessions, extend: errors.New("extended what has no row")}
	if w := d.join(foreign, "f"); !w.Expires.Equal(foreign.Expires) {
		t.Errorf("a token of another: until %v, want %v", w.Expires, foreign.Expires)
	}
	d.send(foreign, "f", `{"type":"list","id":"1"}`)
	if out := d.out.String(); strings.Contains(out, "extended") {
		t.Errorf("a token of another was extended:\n%s", out)
	}
}

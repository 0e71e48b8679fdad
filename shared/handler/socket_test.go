package handler_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"bellhop/shared/handler"
	"bellhop/shared/protocol"
	"bellhop/shared/push"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"
)

const arn = "arn:aws:execute-api:eu-west-1:123456789012:api1/prod/$connect"

func (d *desk) authorize(headers string) events.APIGatewayCustomAuthorizerResponse {
	d.t.Helper()
	var e handler.Handshake
	if err := json.Unmarshal(fmt.Appendf(nil, `{"type":"REQUEST","methodArn":%q,"multiValueHeaders":{%s},
		"requestContext":{"routeKey":"$connect","connectionId":"c","identity":{"sourceIp":"192.0.2.1"}}}`, arn, headers), &e); err != nil {
		d.t.Fatal(err)
	}
	got, err := handler.NewAuthorize(d.deps).Handle(d.t.Context(), e)
	if err != nil {
		d.t.Fatal(err)
	}
	return got
}

func TestAuthorize(t *testing.T) {
	d := setup(t)
	s := d.signIn("ada")
	good := `"Origin":["https://example.com"]`
	for name, tt := range map[string]struct {
		headers string
		effect  string
	}{
		"cookie":           {good + `,"Cookie":["sessionid=` + s.Token + `"]`, "Allow"},
		"header":           {good + `,"authorization":["Bearer ` + s.Token + `"]`, "Allow"},
		"no origin":        {`"Cookie":["sessionid=` + s.Token + `"]`, "Deny"},
		"foreign origin":   {`"origin":["https://evil.example"],"Cookie":["sessionid=` + s.Token + `"]`, "Deny"},
		"no credential":    {good, "Deny"},
		"unknown token":    {good + `,"Cookie":["sessionid=x"]`, "Deny"},
		"no fallback":      {good + `,"Authorization":["Bearer"],"Cookie":["sessionid=` + s.Token + `"]`, "Deny"},
		"the session's id": {good + `,"Cookie":["sessionid=` + s.Session + `"]`, "Deny"},
	} {
		got := d.authorize(tt.headers)
		statement := got.PolicyDocument.Statement[0]
		if statement.Effect != tt.effect || !cmp.Equal(statement.Resource, []string{arn}) {
			t.Errorf("%s: %s on %v, want %s on %s alone", name, statement.Effect, statement.Resource, tt.effect, arn)
		}
		var want map[string]any
		if tt.effect == "Allow" {
			want = map[string]any{"user": "ada", "session": s.Session, "expires": fmt.Sprint(s.Expires.Unix())}
		}
		if diff := cmp.Diff(want, got.Context); diff != "" {
			t.Errorf("%s: context (-want +got):\n%s", name, diff)
		}
	}
	if strings.Contains(d.out.String(), s.Token) {
		t.Error("the log holds a token")
	}
}

func TestConnectSelectsTheSubprotocolAndPushesNothing(t *testing.T) {
	d := setup(t)
	s := d.signIn("ada")
	got, err := handler.NewConnect(d.deps).Handle(t.Context(), d.event(s, "c", ""))
	if err != nil || got.StatusCode != 200 || got.Headers["Sec-WebSocket-Protocol"] != "bellhop.v1" {
		t.Errorf("%+v, %v, want 200 and bellhop.v1", got, err)
	}
	if r := d.one(`{"users":["ada"],"notification":{"source":"s","type":"t","data":{}}}`); r.Outcome != handler.Stored || len(d.took("c")) != 0 {
		t.Errorf("published before hello: %+v, want it stored and not pushed", r)
	}
	d.now = s.Expires
	if got, _ := handler.NewConnect(d.deps).Handle(t.Context(), d.event(s, "c2", "")); got.StatusCode != 403 {
		t.Errorf("after the session's end: status %d, want 403", got.StatusCode)
	}
}

func TestFrames(t *testing.T) {
	d := setup(t)
	s := d.signIn("ada")
	a, b := d.join(s, "a"), d.join(s, "b")
	if a.User != "ada" || a.Recovered || a.Offset != 0 || b.Epoch != a.Epoch || a.Keepalive != 540 || !a.Expires.Equal(s.Expires) {
		t.Errorf("welcome %+v, want ada's empty log", a)
	}
	r := d.one(`{"users":["ada"],"notification":{"source":"s","type":"t","data":{"title":"<b>&"},"collapsekey":"k"}}`)
	if r.Outcome != handler.Live || r.Reached != 2 || r.Offset != 1 || r.Epoch != a.Epoch || r.ID != "id1" {
		t.Errorf("result %+v, want live on two devices at offset 1", r)
	}
	n := decode[protocol.Notification](t, d.took("a")[0])
	if n.Offset != 1 || *n.Counts != (protocol.Counts{Unread: 1, Unseen: 1}) || len(d.took("b")) != 1 {
		t.Errorf("notification %+v, want offset 1 and the badge, on both", n)
	}

	m := decode[protocol.Marked](t, d.send(s, "a", `{"type":"mark","id":"m","state":"read","items":[1]}`))
	if m.ID != "m" || m.Offset != 2 || m.Unread != 0 {
		t.Errorf("marked %+v, want offset 2 and nothing unread", m)
	}
	state := decode[protocol.StateChange](t, d.took("b")[0])
	if state.Offset != 2 || state.State != protocol.Read || !cmp.Equal(state.Items, []int64{1}) || len(d.took("a")) != 0 {
		t.Errorf("state %+v, want it on the other device alone", state)
	}
	if page := decode[protocol.Page](t, d.send(s, "a", `{"type":"list","id":"l"}`)); page.ID != "l" || len(page.Items) != 1 || string(page.Items[0].Event) != string(n.Event) {
		t.Errorf("page %+v, want the item with the event as it was pushed", page)
	}

	d.one(`{"users":["ada"],"notification":{"source":"s","type":"t","data":{},"collapsekey":"k"}}`)
	pushed := d.took("b")
	w, n := decode[protocol.Withdrawn](t, pushed[0]), decode[protocol.Notification](t, pushed[1])
	if w.Offset != 3 || !cmp.Equal(w.Items, []int64{1}) || n.Offset != 4 {
		t.Errorf("replacement: %+v and %+v, want the withdrawal at 3 and the new one at 4", w, n)
	}
	if got := d.send(s, "a", `{"type":"ack","offset":4}`); got != "" {
		t.Errorf("ack answered %s, want nothing", got)
	}
	decode[protocol.Pong](t, d.send(s, "a", `{"type":"ping"}`))
}

func TestRefusedFrames(t *testing.T) {
	d := setup(t)
	s := d.signIn("ada")
	d.join(s, "a")
	for frame, want := range map[string]protocol.Code{
		`x`:                         protocol.InvalidRequest,
		`{"type":"dance","id":"1"}`: protocol.UnknownType,
		`{"type":"hello"}`:          protocol.InvalidRequest,
		`{"type":"mark","id":"1","state":"read","items":[9]}`: protocol.NotFound,
	} {
		if got := decode[protocol.ErrorFrame](t, d.send(s, "a", frame)); got.Error.Code != want {
			t.Errorf("%s: %+v, want %s", frame, got.Error, want)
		}
	}
	if got := decode[protocol.ErrorFrame](t, d.send(handler.Created{}, "a", `{"type":"list","id":"1"}`)); got.Error.Code != protocol.Unauthorized || got.ID != "1" {
		t.Errorf("without a user: %+v, want unauthorized", got)
	}
	d.now = s.Expires
	if got := decode[protocol.ErrorFrame](t, d.send(s, "a", `{"type":"list","id":"1"}`)); got.Error.Code != protocol.Unauthorized {
		t.Errorf("after the session's end: %+v, want unauthorized", got)
	}
}

func TestRevocationClosesAndTurnsAway(t *testing.T) {
	d := setup(t)
	s, other := d.signIn("ada"), d.signIn("ada")
	d.join(s, "a")
	d.join(other, "b")
	late := d.event(s, "late", `{"type":"hello","id":"1"}`) // its handshake is under way
	got, err := handler.NewSessions(d.deps).Handle(t.Context(), fmt.Appendf(nil, `{"op":"revoke","token":%q}`, s.Token))
	if err != nil || got != (handler.Revoked{Revoked: 1}) || !cmp.Equal(d.closed, []string{"a"}) {
		t.Errorf("%+v, %v, closed %v, want one session and its connection alone", got, err, d.closed)
	}
	if bye := decode[protocol.Disconnect](t, d.took("a")[0]); bye.Code != protocol.SessionRevoked || bye.Reconnect != protocol.Never {
		t.Errorf("advice %+v, want session_revoked and never", bye)
	}
	answer, err := handler.NewMessage(d.deps, d.log).Handle(t.Context(), late)
	if err != nil || !cmp.Equal(d.closed, []string{"a", "late"}) {
		t.Errorf("hello after the revocation: %v, closed %v, want it closed", err, d.closed)
	}
	decode[protocol.Disconnect](t, answer.Body)
	if r := d.one(`{"users":["ada"],"notification":{"source":"s","type":"t","data":{}}}`); r.Reached != 1 {
		t.Errorf("published after it: %+v, want only the other session's device", r)
	}
	if strings.Contains(d.out.String(), s.Token) {
		t.Error("the log holds a token")
	}
}

func TestASocketThatStaysOpenAfterItsSessionGetsNothing(t *testing.T) {
	d := setup(t)
	s := d.signIn("ada")
	late := d.event(s, "late", `{"type":"hello","id":"1"}`)
	if _, err := handler.NewConnect(d.deps).Handle(t.Context(), d.event(s, "late", "")); err != nil {
		t.Fatal(err)
	}
	d.refuse = errors.New("out of order") // so does revoking: the session's tombstone is left
	if _, err := handler.NewSessions(d.deps).Handle(t.Context(), fmt.Appendf(nil, `{"op":"revoke","token":%q}`, s.Token)); err == nil {
		t.Fatal("revoked, although the socket could not be closed")
	}
	answer, err := handler.NewMessage(d.deps, d.log).Handle(t.Context(), late)
	if got := decode[protocol.ErrorFrame](t, answer.Body); err != nil || !got.Error.Temporary {
		t.Errorf("hello: %+v, %v, want a passing error", got, err)
	}
	if r := d.one(`{"users":["ada"],"notification":{"source":"s","type":"t","data":{}}}`); r.Reached != 0 || r.Outcome != handler.Stored {
		t.Errorf("published after it: %+v, want it stored, nobody reached", r)
	}
	d.refuse = nil
	if got, err := handler.NewSweep(d.deps).Handle(t.Context(), json.RawMessage(`{}`)); err != nil || got.(handler.Swept).Closed != 1 {
		t.Errorf("sweep: %+v, %v, want the socket closed", got, err)
	}
}

func TestDisconnectForgetsTheConnection(t *testing.T) {
	d := setup(t)
	s := d.signIn("ada")
	d.join(s, "a")
	d.join(s, "b")
	for _, who := range []handler.Created{s, s, {}} { // again, and without an authorizer's context: no harm
		got, err := handler.NewDisconnect(d.deps).Handle(t.Context(), d.event(who, "a", ""))
		if err != nil || got.StatusCode != 200 {
			t.Fatalf("disconnect: status %d, error %v", got.StatusCode, err)
		}
	}
	rows, err := d.deps.Connections.OfUser(t.Context(), "ada", d.now)
	if err != nil || len(rows) != 1 || rows[0].ID != "b" {
		t.Errorf("rows %+v, %v, want b alone", rows, err)
	}
}

func TestTheGreatestEventFitsEveryFrame(t *testing.T) {
	d := setup(t)
	s := d.signIn(strings.Repeat("u", handler.MaxUser))
	d.join(s, "a")
	request := func(n int) string {
		return fmt.Sprintf(`{"users":[%q],"notification":{"source":"s","type":"t","id":"i","data":{"title":%q}}}`, s.User, strings.Repeat("<", n))
	}
	size := protocol.MaxEvent
	for d.one2(request(size)).Error != nil {
		size--
	}
	frames := append(d.took("a"), d.send(s, "a", fmt.Sprintf(`{"type":"hello","id":%q}`, strings.Repeat("i", protocol.MaxID))),
		d.send(s, "a", `{"type":"list","id":"1"}`))
	if len(frames) != 3 || size < protocol.MaxEvent-300 {
		t.Fatalf("%d frames with %d bytes of data, want 3", len(frames), size)
	}
	for _, frame := range frames {
		if len(frame) > protocol.MaxFrame || len(frame) < size {
			t.Errorf("a frame of %d bytes, want the whole event in at most %d: %.80s", len(frame), protocol.MaxFrame, frame)
		}
	}
}

func (d *desk) one2(request string) handler.Answer { return d.publish(request).(handler.Answer) }

func TestPublishOutcomes(t *testing.T) {
	d := setup(t)
	s := d.signIn("ada")
	d.join(s, "a")
	n := `"notification":{"source":"s","type":"t","id":"x","data":{}}`
	if r := d.one(`{"users":["eve"],"store":false,` + n + `}`); r.Outcome != handler.Dropped || r.Offset != 0 {
		t.Errorf("live only, nobody there: %+v, want dropped", r)
	}
	if r := d.one(`{"users":["ada"],"store":false,` + n + `}`); r.Outcome != handler.Live || r.Epoch != "" {
		t.Errorf("live only: %+v, want live without a place in the log", r)
	}
	d.took("a")
	d.one(`{"users":["ada"],` + n + `}`)
	if r := d.one(`{"users":["ada"],` + n + `}`); !r.Duplicate || r.Outcome != handler.Live || r.Offset != 1 || len(d.took("a")) != 2 {
		t.Errorf("again: %+v, want a duplicate that is pushed again", r)
	}
	if r := d.one(`{"users":["ada"],"notification":{"source":"s","type":"t","id":"x","data":{"other":1}}}`); r.Outcome != handler.Failed || r.Error.Code != protocol.Conflict {
		t.Errorf("another body: %+v, want failed with conflict", r)
	}
	d.fails["a"] = push.ErrGone
	if r := d.one(`{"users":["ada"],"notification":{"source":"s","type":"t","data":{}}}`); r.Outcome != handler.Stored || r.Reached != 0 {
		t.Errorf("the device is gone: %+v, want stored", r)
	}
	delete(d.fails, "a")
	if r := d.one(`{"users":["ada"],"notification":{"source":"s","type":"t","data":{}}}`); r.Reached != 0 {
		t.Errorf("its row: %+v, want it removed", r)
	}
}

func TestPublishNamesEveryFault(t *testing.T) {
	d := setup(t)
	got := d.publish(`{"requests":[{"users":["ada",""],"store":1,"notification":{"source":"s"}},{"users":["ada","ada"],"notification":{"source":"s","type":"t","data":{}}},3]}`).(handler.Answers)
	if len(got.Answers) != 3 || len(got.Answers[1].Results) != 1 || got.Answers[1].Results[0].Outcome != handler.Stored {
		t.Fatalf("answers %+v, want three, the second stored once", got)
	}
	fields := map[string]bool{}
	for _, f := range got.Answers[0].Error.Faults {
		fields[f.Field] = true
	}
	for _, want := range []string{"users[1]", "store", "notification.type", "notification.data"} {
		if !fields[want] {
			t.Errorf("faults %+v do not name %s", got.Answers[0].Error.Faults, want)
		}
	}
	if got.Answers[2].Error == nil {
		t.Error("a request that is a number: no error")
	}
}

func FuzzMessage(f *testing.F) {
	for _, frame := range []string{
		`{"type":"hello","id":"1","epoch":"e","offset":1}`, `{"type":"hello","id":"1","user":"eve"}`,
		`{"type":"mark","id":"1","state":"read","through":9}`, `{"type":"mark","id":"1","state":"seen","items":[1,2]}`,
		`{"type":"mark","id":"1","state":"archived","items":[1]}`, `{"type":"mark","id":"1","state":"unread","items":[1]}`,
		`{"type":"list","id":"1","filter":{"type":"t"}}`, `{"type":"list","id":"1","before":2,"limit":1,"filter":{"unread":true,"archived":true}}`,
		`{"type":"ack","offset":1}`, `{"type":"ping"}`, `{`,
	} {
		f.Add(frame)
	}
	d := setup(f)
	ada, eve := d.signIn("ada"), d.signIn("eve")
	d.join(ada, "a")
	d.join(eve, "e")
	d.one(`{"users":["ada"],"notification":{"source":"s","type":"t","data":{}}}`)
	d.one(`{"users":["eve"],"notification":{"source":"s","type":"t","data":{"title":"secret"}}}`)
	d.took("e")
	before := d.send(eve, "e", `{"type":"hello","id":"1"}`) // all of eve's log: watermarks, items with their states, badge
	f.Fuzz(func(t *testing.T, frame string) {
		d.t = t
		got, err := handler.NewMessage(d.deps, d.log).Handle(t.Context(), d.event(ada, "a", frame))
		if err != nil || got.StatusCode != 200 || strings.Contains(got.Body, "secret") || len(got.Body) > protocol.MaxFrame {
			t.Errorf("%q: status %d, error %v, %s", frame, got.StatusCode, err, got.Body)
		}
		if len(d.took("e")) != 0 || d.send(eve, "e", `{"type":"hello","id":"1"}`) != before {
			t.Errorf("%q touched the log of another user", frame)
		}
	})
}

func TestABrokenPushIsNoFailure(t *testing.T) {
	d := setup(t)
	d.join(d.signIn("ada"), "a")
	d.fails["a"] = errors.New("no right")
	began := time.Now()
	if r := d.one(`{"users":["ada"],"notification":{"source":"s","type":"t","data":{}}}`); r.Outcome != handler.Stored || time.Since(began) > 4*time.Second {
		t.Errorf("%+v after %v, want it stored at once", r, time.Since(began))
	}
}

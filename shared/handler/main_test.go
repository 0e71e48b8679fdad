package handler_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"bellhop/shared/config"
	"bellhop/shared/connections"
	"bellhop/shared/handler"
	"bellhop/shared/inbox"
	"bellhop/shared/limit"
	"bellhop/shared/origin"
	"bellhop/shared/protocol"
	"bellhop/shared/push"
	"bellhop/shared/session"
	"bellhop/shared/store/pebblestore"
)

// desk is all handlers over a store in memory and a gateway that keeps frames.
type desk struct {
	t    testing.TB
	deps handler.Deps
	log  *inbox.Log
	out  bytes.Buffer // what was logged
	now  time.Time
	made int // ids of events so far

	connected time.Time // when all connections were; zero: now

	mu     sync.Mutex
	frames map[string][]string // by connection
	fails  map[string]error    // by connection: what its posts fail with
	closed []string
	refuse error // what every closing fails with, or that of refused alone

	refused string
}

func setup(t testing.TB) *desk {
	t.Helper()
	store, err := pebblestore.Open("", &pebblestore.Options{InMemory: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return over(t, store)
}

type store interface {
	inbox.Table
	connections.Store
	connections.Schedule
	session.Store
	limit.Store
}

func over(t testing.TB, store store) *desk {
	t.Helper()
	origins, err := origin.Parse("https://example.com")
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, now: time.Now().Truncate(time.Second), frames: map[string][]string{}, fails: map[string]error{}}
	d.deps = handler.Deps{
		Config: config.Config{AllowedOrigins: origins, SessionCookieName: "sessionid"},
		Inbox:  store, Connections: store, Schedule: store, Sessions: store, Limits: store, Gateway: d, Region: "eu-west-1",
		Logger: slog.New(slog.NewTextHandler(&d.out, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Now:    func() time.Time { return d.now },
		NewID:  func() string { d.made++; return fmt.Sprint("id", d.made) },
	}.With()
	d.log = d.deps.Log()
	return d
}

func (d *desk) Post(_ context.Context, to push.Address, data []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.fails[to.Connection]; err != nil {
		return err
	}
	d.frames[to.Connection] = append(d.frames[to.Connection], string(data))
	return nil
}

func (d *desk) Close(_ context.Context, to push.Address) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.refuse != nil && (d.refused == "" || d.refused == to.Connection) {
		return d.refuse
	}
	d.closed = append(d.closed, to.Connection)
	return nil
}

// took gives a connection's frames since the last look.
func (d *desk) took(connection string) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	frames := d.frames[connection]
	delete(d.frames, connection)
	return frames
}

// signIn creates a session of an hour through the sessions function.
func (d *desk) signIn(user string) handler.Created {
	d.t.Helper()
	return d.signInFor(user, time.Hour)
}

func (d *desk) signInFor(user string, ttl time.Duration) handler.Created {
	d.t.Helper()
	got, err := handler.NewSessions(d.deps).Handle(d.t.Context(), fmt.Appendf(nil, `{"op":"create","user":%q,"ttl":%d}`, user, ttl/time.Second))
	created, ok := got.(handler.Created)
	if err != nil || !ok {
		d.t.Fatalf("create a session: %+v, %v", got, err)
	}
	return created
}

// event is a WebSocket event as API Gateway sends it.
func (d *desk) event(s handler.Created, connection, body string) handler.SocketEvent {
	d.t.Helper()
	text, _ := json.Marshal(body)
	var e handler.SocketEvent
	err := json.Unmarshal(fmt.Appendf(nil, `{"requestContext":{"routeKey":"$default","eventType":"MESSAGE","connectionId":%q,
		"connectedAt":%d,"apiId":"api1","stage":"prod","domainName":"example.com",
		"authorizer":{"principalId":%q,"user":%q,"session":%q,"expires":"%d","integrationLatency":3}},
		"multiValueHeaders":{"sec-websocket-protocol":["bellhop.v1, bellhop.bearer.x"]},"body":%s,"isBase64Encoded":false}`,
		connection, cmp.Or(d.connected, d.now).UnixMilli(), s.User, s.User, s.Session, s.Expires.Unix(), text), &e)
	if err != nil {
		d.t.Fatal(err)
	}
	return e
}

// send handles a frame and gives the answer's body.
func (d *desk) send(s handler.Created, connection, frame string) string {
	d.t.Helper()
	got, err := handler.NewMessage(d.deps, d.log).Handle(d.t.Context(), d.event(s, connection, frame))
	if err != nil || got.StatusCode != 200 {
		d.t.Fatalf("%s: status %d, error %v", frame, got.StatusCode, err)
	}
	return got.Body
}

func (d *desk) connect(s handler.Created, connection string) {
	d.t.Helper()
	if got, err := handler.NewConnect(d.deps).Handle(d.t.Context(), d.event(s, connection, "")); err != nil || got.StatusCode != 200 {
		d.t.Fatalf("connect %s: status %d, error %v", connection, got.StatusCode, err)
	}
}

func (d *desk) disconnect(s handler.Created, connection string) {
	d.t.Helper()
	if _, err := handler.NewDisconnect(d.deps).Handle(d.t.Context(), d.event(s, connection, "")); err != nil {
		d.t.Fatalf("disconnect %s: %v", connection, err)
	}
}

// join connects and says hello.
func (d *desk) join(s handler.Created, connection string) protocol.Welcome {
	d.t.Helper()
	d.connect(s, connection)
	return decode[protocol.Welcome](d.t, d.send(s, connection, `{"type":"hello","id":"1"}`))
}

func (d *desk) publish(request string) any {
	d.t.Helper()
	got, err := handler.NewPublish(d.deps, d.log).Handle(d.t.Context(), json.RawMessage(request))
	if err != nil {
		d.t.Fatalf("publish: %v", err)
	}
	return got
}

// one publishes to one user and gives the result.
func (d *desk) one(request string) handler.Result {
	d.t.Helper()
	got, ok := d.publish(request).(handler.Answer)
	if !ok || len(got.Results) != 1 {
		d.t.Fatalf("publish: %+v, want one result", got)
	}
	return got.Results[0]
}

func decode[T any](t testing.TB, frame string) T {
	t.Helper()
	got, err := protocol.DecodeServer([]byte(frame))
	if want, ok := got.(*T); ok && err == nil {
		return *want
	}
	var zero T
	t.Fatalf("frame %s: %T, %v, want %T", frame, got, err, zero)
	return zero
}

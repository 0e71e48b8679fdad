package gateway

import (
	"slices"
	"strings"
	"testing"

	"bellhop/localdev/observe"
)

// A connection's life as an observer sees it.
func TestObserve_Story(t *testing.T) {
	hub := &observe.Hub{}
	recorder := observe.NewRecorder(1 << 20)
	defer hub.Subscribe(recorder)()
	fn := testFunctions()
	e := start(t, setup{fn: fn, opts: &Options{Observe: hub}})
	c := e.connect(t)
	c.send(text(`{"type":"twoway"}`))
	c.wantText(`{"type":"twoway"}`)
	if err := e.Post(t.Context(), c.id, []byte("pushed")); err != nil {
		t.Fatal(err)
	}
	c.wantText("pushed")
	if _, err := e.Get(t.Context(), c.id); err != nil {
		t.Fatal(err)
	}
	if err := e.Delete(t.Context(), c.id); err != nil {
		t.Fatal(err)
	}
	c.wantClose(1000, reasonDeleted)
	e.wantDisconnect(t, 1000, reasonDeleted)
	fn.byName["connect"] = returns(`{"statusCode":403}`)
	e.dialTCP(t).handshake("/live")

	var events []observe.Event
	for more := (<-chan struct{})(nil); len(events) < 8; <-more { // the last may still be told
		if events, more = recorder.Since(0); len(events) >= 8 {
			break
		}
	}
	find := func(kind observe.Kind, payload string) observe.Event {
		t.Helper()
		i := slices.IndexFunc(events, func(e observe.Event) bool { return e.Kind == kind })
		if i < 0 {
			t.Fatalf("no %s in %+v", kind, events)
		}
		if got := events[i]; got.API != "k7demo9x2a/live" || !strings.Contains(string(got.Payload), payload) {
			t.Errorf("%s: got %s %q, want payload %q", kind, got.API, got.Payload, payload)
		}
		return events[i]
	}
	find(observe.Connect, "sourceIp")
	find(observe.FrameIn, `{"type":"twoway"}`)
	find(observe.FrameOut, `{"type":"twoway"}`)
	if got := find(observe.Push, "pushed"); got.Status != 200 || got.Route != "POST" || got.Connection != c.id {
		t.Errorf("push: got %+v", got)
	}
	if got := find(observe.Disconnect, ""); got.Status != 1000 || got.Detail != reasonDeleted {
		t.Errorf("disconnect: got %+v", got)
	}
	if got := find(observe.Refuse, ""); got.Status != 403 {
		t.Errorf("refuse: got %+v", got)
	}
	var order []string
	for _, e := range events {
		if e.Connection == c.id {
			order = append(order, string(e.Kind))
		}
	}
	// A frame has gone out before it is told, and the deletion ends the connection
	// before its call has returned.
	slices.Sort(order[2:])
	if got, want := strings.Join(order, " "), "connect frame.in disconnect frame.out push push push"; got != want {
		t.Errorf("order: got %s, want %s", got, want)
	}
}

// The user whom the authorizer names stands in all that is told of a connection.
func TestObserve_User(t *testing.T) {
	hub, recorder := &observe.Hub{}, observe.NewRecorder(1<<20)
	defer hub.Subscribe(recorder)()
	api := testAPI()
	withAuthorizer(&api)
	fn := testFunctions()
	fn.byName["authorizer"] = returns(strings.Replace(allow, `"context":{`, `"context":{"principalId":"other",`, 1))
	e := start(t, setup{api: &api, fn: fn, opts: &Options{Observe: hub}})
	c := e.connect(t)
	if err := e.Delete(t.Context(), c.id); err != nil {
		t.Fatal(err)
	}
	c.wantClose(1000, reasonDeleted)
	events, _ := recorder.Since(0)
	kinds := map[observe.Kind]bool{}
	for _, event := range events {
		kinds[event.Kind] = true
		if event.User != "user-42" {
			t.Errorf("%s: got user %q, want user-42", event.Kind, event.User)
		}
	}
	if !kinds[observe.Connect] || !kinds[observe.Push] {
		t.Errorf("got %v, want a connection and a push", kinds)
	}
}

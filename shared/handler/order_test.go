package handler_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"bellhop/shared/handler"
	"bellhop/shared/protocol"
	"bellhop/shared/store/storetest"

	"github.com/google/go-cmp/cmp"
)

// allOrders takes minutes: go test ./shared/handler -run EveryOrder -orders.
var allOrders = flag.Bool("orders", false, "let hello meet every kind of change, not only the most telling ones")

// meeting is a device that says hello while something else happens, in one
// order of all their steps.
type meeting struct {
	*desk
	*gate
	store *gated
	away  *device // says hello
	here  *device // is connected all the time
}

func meet(t *testing.T, torn bool) *meeting {
	g := &gate{}
	memory := &storetest.Memory{}
	s := &gated{Memory: memory, gate: g, items: storetest.Torn(memory), torn: torn}
	m := &meeting{desk: over(t, s), gate: g, store: s}
	s.until = m.now.Add(time.Hour)
	ada := handler.Created{Session: "s", User: "ada", Expires: s.until}
	m.away, m.here = newDevice(m.desk, ada, "away"), newDevice(m.desk, ada, "here")
	m.deps.Gateway = &gatedGateway{gate: g, devices: map[string]*device{"away": m.away, "here": m.here}}
	return m
}

// history is three items, of which the first is read: the offsets 1 to 4. The
// device that will be away knows the first two.
func (m *meeting) history() {
	m.publishes("one", `,"collapsekey":"k"`)
	m.publishes("two", "")
	m.away.hello()
	if err := m.store.Delete(m.t.Context(), "ada", "away"); err != nil {
		m.t.Fatal(err)
	}
	m.publishes("three", "")
	m.marks(m.t.Context(), m.here, `{"type":"mark","id":"m","state":"read","items":[1]}`)
}

// publishes as a function on AWS does, with a log of its own: it takes no turns
// with the other.
func (m *meeting) publishes(id, more string) { m.publishIn(m.t.Context(), id, more) }

func (m *meeting) publishIn(ctx context.Context, id, more string) {
	request := fmt.Appendf(nil, `{"users":["ada"],"notification":{"source":"s","type":"t","id":%q,"data":{}%s}}`, id, more)
	got, err := handler.NewPublish(m.deps, m.deps.Log()).Handle(ctx, json.RawMessage(request))
	if a, ok := got.(handler.Answer); err != nil || !ok || len(a.Results) != 1 || a.Results[0].Outcome == handler.Failed {
		m.t.Errorf("publish %s: %+v, error %v", id, got, err)
	}
}

// message lets a device send a frame, and gives the answer when that arrives.
func (m *meeting) message(ctx context.Context, v *device, frame string) string {
	got, err := handler.NewMessage(m.deps, m.deps.Log()).Handle(ctx, m.event(v.session, v.connection, frame))
	if err != nil {
		m.t.Errorf("%s: %v", frame, err)
	}
	m.pass(ctx, "answer")
	return got.Body
}

func (m *meeting) marks(ctx context.Context, v *device, frame string) {
	own, _, err := protocol.DecodeClient([]byte(frame))
	if err != nil {
		m.t.Fatal(err)
	}
	v.marked(*own.(*protocol.Mark), decode[protocol.Marked](m.t, m.message(ctx, v, frame)))
}

// settled says whether both devices end with what is in the log.
func (m *meeting) settled() {
	m.t.Helper()
	fresh := newDevice(m.desk, m.away.session, "fresh")
	fresh.hello()
	for _, v := range []*device{m.away, m.here} {
		if v.epoch == "" && v == m.here {
			continue // it was never there
		}
		for range 10 {
			if v.gap {
				v.hello()
			}
		}
		if diff := cmp.Diff(fresh.view(), v.view()); diff != "" {
			m.t.Errorf("%s, after %v (-log +device):\n%s", v.connection, m.gate, diff)
		}
		v.once(m.t)
	}
}

// TestHelloMeetsAChangeInEveryOrder lets the steps of a hello and those of
// another call follow each other in every order there is. Each step is a call to
// the store, a frame on its way to a device, or an answer that arrives.
func TestHelloMeetsAChangeInEveryOrder(t *testing.T) {
	read := func(frame string) func(*meeting, context.Context) {
		return func(m *meeting, ctx context.Context) { m.marks(ctx, m.here, frame) }
	}
	publish := func(more string) func(*meeting, context.Context) {
		return func(m *meeting, ctx context.Context) { m.publishIn(ctx, "new", more) }
	}
	changes := map[string]func(*meeting, context.Context){
		"publish":         publish(""),
		"replace":         publish(`,"collapsekey":"k"`),
		"mark read":       read(`{"type":"mark","id":"m","state":"read","items":[2,3]}`),
		"mark unread":     read(`{"type":"mark","id":"m","state":"unread","items":[1]}`),
		"read through":    read(`{"type":"mark","id":"m","state":"read","through":3}`),
		"archive through": read(`{"type":"mark","id":"m","state":"archived","through":2}`),
	}
	telling := []string{"publish/knows a part/torn true", "read through/knows a part/torn false"}
	devices := map[string]func(*meeting){
		"knows a part": func(*meeting) {},
		"knows nothing": func(m *meeting) {
			m.away = newDevice(m.desk, m.away.session, "away")
			m.deps.Gateway.(*gatedGateway).devices["away"] = m.away
		},
	}
	for _, change := range slices.Sorted(maps.Keys(changes)) {
		for _, who := range slices.Sorted(maps.Keys(devices)) {
			for _, torn := range []bool{false, true} {
				name := fmt.Sprintf("%s/%s/torn %v", change, who, torn)
				if !*allOrders && !slices.Contains(telling, name) {
					continue
				}
				t.Run(name, func(t *testing.T) {
					everyOrder(t, func(t *testing.T, o *order) {
						m := meet(t, torn)
						isMark := change != "publish" && change != "replace"
						if isMark {
							m.here.hello()
						}
						m.history()
						devices[who](m)
						m.together(o, func(ctx context.Context) { changes[change](m, ctx) })
					})
				})
			}
		}
	}
}

// TestTheFirstHelloMeetsTheFirstPublish has both begin the log.
func TestTheFirstHelloMeetsTheFirstPublish(t *testing.T) {
	everyOrder(t, func(t *testing.T, o *order) {
		m := meet(t, false)
		m.together(o, func(ctx context.Context) { m.publishIn(ctx, "new", "") })
	})
}

// together lets the device that was away say hello while the change happens.
func (m *meeting) together(o *order, change func(context.Context)) {
	frame := m.away.ask()
	m.play(m.t.Context(), o, map[string]func(context.Context){
		"hello":  func(ctx context.Context) { m.away.take(m.message(ctx, m.away, frame)) },
		"change": change,
	})
	m.settled()
}

// everyOrder runs a test once for every order of its steps, until one fails.
func everyOrder(t *testing.T, run func(t *testing.T, o *order)) {
	t.Helper()
	o, orders := &order{}, 1
	for ; !t.Failed(); orders++ {
		synctest.Test(t, func(t *testing.T) { run(t, o) })
		if !o.next() {
			break
		}
	}
	if orders < 200 && !t.Failed() {
		t.Errorf("there were %d orders, want some hundreds", orders)
	}
}

package handler_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bellhop/shared/connections"
	"bellhop/shared/handler"
	"bellhop/shared/protocol"

	"github.com/google/go-cmp/cmp"
)

// crowded allows three connections, and has as many, the oldest first.
func crowded(t *testing.T) (*desk, handler.Created) {
	d := setup(t)
	d.deps.Config.MaxConnections = 3
	s := d.signIn("ada")
	for _, id := range []string{"a", "b", "c"} {
		d.joinAt(s, id, d.now)
		d.now = d.now.Add(time.Second)
	}
	return d, s
}

// joinAt connects and says hello, at times of its own.
func (d *desk) joinAt(s handler.Created, connection string, at time.Time) string {
	d.t.Helper()
	d.connected = at
	if _, err := handler.NewConnect(d.deps).Handle(d.t.Context(), d.event(s, connection, "")); err != nil {
		d.t.Fatal(err)
	}
	return d.greet(s, connection, at)
}

func (d *desk) greet(s handler.Created, connection string, connected time.Time) string {
	d.t.Helper()
	d.connected = connected
	defer func() { d.connected = time.Time{} }()
	return d.send(s, connection, `{"type":"hello","id":"1"}`)
}

// rows are the ids of the user's connections, sorted.
func (d *desk) rows(user string) []string {
	d.t.Helper()
	rows, err := d.deps.Connections.OfUser(d.t.Context(), user, d.now)
	if err != nil {
		d.t.Fatal(err)
	}
	ids := []string{}
	for _, c := range rows {
		ids = append(ids, c.ID)
	}
	slices.Sort(ids)
	return ids
}

func TestTheOldestConnectionMakesRoom(t *testing.T) {
	d, s := crowded(t)
	decode[protocol.Welcome](t, d.joinAt(s, "d", d.now))
	bye := decode[protocol.Disconnect](t, d.took("a")[0])
	if bye.Code != protocol.TooManyConnections || bye.Reconnect != protocol.Never || !cmp.Equal(d.closed, []string{"a"}) {
		t.Errorf("closed %v with %+v, want a with too_many_connections and never", d.closed, bye)
	}
	if diff := cmp.Diff([]string{"b", "c", "d"}, d.rows("ada")); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if !strings.Contains(d.out.String(), "msg=audit event=limited reason=connections user=ada connection=a") {
		t.Errorf("the log does not tell of it:\n%s", d.out.String())
	}
	d.join(d.signIn("eve"), "e")
	decode[protocol.Welcome](t, d.greet(s, "d", d.now))
	if len(d.closed) != 1 {
		t.Errorf("closed %v, want no other", d.closed)
	}
}

// TestOneThatHasNotSaidHelloCounts: it holds a socket all the same.
func TestOneThatHasNotSaidHelloCounts(t *testing.T) {
	d, s := crowded(t)
	if _, err := handler.NewConnect(d.deps).Handle(t.Context(), d.event(s, "silent", "")); err != nil {
		t.Fatal(err)
	}
	if len(d.closed) != 0 {
		t.Fatalf("closed %v before any hello, want none", d.closed)
	}
	decode[protocol.Welcome](t, d.greet(s, "c", d.now.Add(-time.Second)))
	if !cmp.Equal(d.closed, []string{"a"}) {
		t.Errorf("closed %v, want a", d.closed)
	}
}

// TestTheOldestThatSaysHelloItselfGoes has the limit lowered meanwhile.
func TestTheOldestThatSaysHelloItselfGoes(t *testing.T) {
	d, s := crowded(t)
	d.deps.Config.MaxConnections = 1
	bye := decode[protocol.Disconnect](t, d.greet(s, "b", d.now.Add(-2*time.Second)))
	slices.Sort(d.closed)
	if bye.Code != protocol.TooManyConnections || !cmp.Equal(d.closed, []string{"a", "b"}) || !cmp.Equal(d.rows("ada"), []string{"c"}) {
		t.Errorf("closed %v with %+v, rows %v, want c alone left", d.closed, bye, d.rows("ada"))
	}
}

// TestHellosAtOnceCloseNoMoreThanNeeded has all be there when they say hello.
func TestHellosAtOnceCloseNoMoreThanNeeded(t *testing.T) {
	d, s := crowded(t)
	for i := range 3 {
		e := d.event(s, fmt.Sprint("new", i), "")
		if _, err := handler.NewConnect(d.deps).Handle(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	message := handler.NewMessage(d.deps, d.log)
	var all sync.WaitGroup
	for i := range 3 {
		e := d.event(s, fmt.Sprint("new", i), `{"type":"hello","id":"1"}`)
		all.Go(func() {
			got, err := message.Handle(context.Background(), e)
			if err != nil || !strings.HasPrefix(got.Body, `{"type":"welcome"`) {
				t.Errorf("hello %d: %s, %v, want a welcome", i, got.Body, err)
			}
		})
	}
	all.Wait()
	slices.Sort(d.closed)
	if got := slices.Compact(d.closed); !cmp.Equal(got, []string{"a", "b", "c"}) || !cmp.Equal(d.rows("ada"), []string{"new0", "new1", "new2"}) {
		t.Errorf("closed %v, rows %v, want the three old ones closed", got, d.rows("ada"))
	}
}

func TestOneThatCannotBeClosedIsLeftToTheNextHello(t *testing.T) {
	d, s := crowded(t)
	d.refuse, d.refused = errors.New("no right"), "a"
	decode[protocol.Welcome](t, d.joinAt(s, "d", d.now))
	if !cmp.Equal(d.rows("ada"), []string{"a", "b", "c", "d"}) || strings.Contains(d.out.String(), "event=limited") {
		t.Errorf("rows %v, want a to stay:\n%s", d.rows("ada"), d.out.String())
	}
	d.refuse = nil
	decode[protocol.Welcome](t, d.greet(s, "d", d.now))
	if !cmp.Equal(d.rows("ada"), []string{"b", "c", "d"}) {
		t.Errorf("rows %v, want a gone", d.rows("ada"))
	}
}

// uncounted is a store whose connections cannot be read.
type uncounted struct{ store }

func (uncounted) OfUser(context.Context, string, time.Time) ([]connections.Connection, error) {
	return nil, errors.New("no table")
}

func TestConnectionsThatCannotBeCountedStay(t *testing.T) {
	d, s := crowded(t)
	d.deps.Connections = uncounted{d.deps.Connections.(store)}
	decode[protocol.Welcome](t, d.joinAt(s, "d", d.now))
	if len(d.closed) > 0 || !strings.Contains(d.out.String(), `level=WARN msg="connections not counted" user=ada`) {
		t.Errorf("closed %v, want none, and a warning:\n%s", d.closed, d.out.String())
	}
}

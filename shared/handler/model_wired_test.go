package handler_test

import (
	"fmt"
	"time"

	"bellhop/shared/protocol"
	"bellhop/shared/push"
)

// wired is a device at the end of a network: frames of the service are on their
// way to it until they arrive, get lost, overtake each other or come twice.
type wired struct {
	*device
	name   string
	online bool
	slow   bool      // what comes stays on its way until somebody moves it
	coming []func()  // what is on its way, oldest first
	opened int       // connections so far
	since  time.Time // when the latest was opened
}

// connect opens a new connection, and says hello.
func (v *wired) connect() {
	v.t.Helper()
	v.opened++
	v.since = v.now
	v.online, v.connection = true, fmt.Sprint(v.name, "#", v.opened)
	v.desk.connect(v.session, v.connection)
	v.greet()
}

// greet says hello; the answer is on its way.
func (v *wired) greet() {
	v.t.Helper()
	answer := v.send(v.session, v.connection, v.ask())
	v.coming = append(v.coming, func() { v.take(answer) })
}

// arrive lets something arrive, and a gap be closed.
func (v *wired) arrive(i int) {
	v.t.Helper()
	do := v.coming[i]
	v.coming = append(v.coming[:i:i], v.coming[i+1:]...)
	v.lapse(v.now)
	do()
	v.lapse(v.now)
	if v.gap {
		v.greet()
	}
}

// drain lets everything arrive.
func (v *wired) drain() {
	v.t.Helper()
	for n := 0; len(v.coming) > 0; n++ {
		if v.arrive(0); n > 10_000 {
			v.t.Fatalf("%s is not done after %d frames", v.connection, n)
		}
	}
}

// lose breaks the connection: the service is told, or finds out by a push, or
// does not know.
func (v *wired) lose(how string) {
	v.t.Helper()
	v.online, v.coming, v.held, v.waits, v.gap = false, nil, nil, false, false
	switch how {
	case "told":
		v.disconnect(v.session, v.connection)
	case "found out":
		v.fails[v.connection] = push.ErrGone
	}
}

// caught is the device with everything that it can know by now.
func (v *wired) caught() {
	v.t.Helper()
	if !v.online {
		v.connect()
	}
	for v.drain(); v.waits; v.drain() { // for an answer that got lost
		v.greet()
	}
}

// shows is the device's list, and what its events are.
func (v *wired) shows() (items map[int64]protocol.Item, ids map[int64]string) {
	v.lapse(v.now)
	items, ids = map[int64]protocol.Item{}, map[int64]string{}
	for offset, i := range v.items {
		ids[offset] = idOf(i.Event)
		i.Event = nil
		items[offset] = i
	}
	return items, ids
}

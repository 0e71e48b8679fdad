package handler_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"bellhop/shared/handler"
	"bellhop/shared/protocol"
)

// device is a client by the letter of PROTOCOL.md §7, and no more: what it gets
// are frames, and what it keeps are the items that are not archived.
type device struct {
	*desk
	session    handler.Created
	connection string

	epoch  string
	offset int64
	items  map[int64]protocol.Item // each with its event
	ends   map[int64]time.Time     // of those that expire
	counts protocol.Counts
	told   map[string]int // by event: how often the application was told of something new

	hellos int      // said so far
	waits  bool     // for the welcome to the latest
	held   []func() // what came meanwhile
	gap    bool     // has seen one, and not said hello yet
}

func newDevice(d *desk, s handler.Created, connection string) *device {
	return &device{desk: d, session: s, connection: connection, items: map[int64]protocol.Item{}, ends: map[int64]time.Time{}, told: map[string]int{}}
}

// ask is the hello of a device that knows what it knows.
func (v *device) ask() string {
	v.hellos++
	v.waits, v.gap = true, false
	return string(protocol.Encode(&protocol.Hello{ID: v.asked(), Epoch: v.epoch, Offset: v.offset}))
}

// asked is the id of the latest hello.
func (v *device) asked() string { return fmt.Sprint("h", v.hellos) }

// hello says hello until nothing is missing.
func (v *device) hello() {
	v.t.Helper()
	for v.gap = true; v.gap; {
		v.take(v.send(v.session, v.connection, v.ask()))
	}
}

// take takes a frame of the service.
func (v *device) take(text string) {
	v.t.Helper()
	frame, err := protocol.DecodeServer([]byte(text))
	if err != nil {
		v.t.Fatalf("%s got %s: %v", v.connection, text, err)
	}
	w, ok := frame.(*protocol.Welcome)
	switch {
	case !ok:
		v.inTurn(func() { v.change(frame) })
	case v.waits && w.ID == v.asked():
		v.welcome(w)
	}
}

// inTurn does it now, or after the welcome that the device waits for.
func (v *device) inTurn(do func()) {
	if v.waits {
		v.held = append(v.held, do)
		return
	}
	do()
}

func (v *device) change(frame protocol.ServerFrame) {
	v.t.Helper()
	switch f := frame.(type) {
	case *protocol.Notification:
		if f.Epoch == "" {
			return // live only
		}
		v.next(place{f.Epoch, f.Offset}, *f.Counts, func() { v.put(protocol.Item{Offset: f.Offset, Event: f.Event}) })
	case *protocol.StateChange:
		v.next(place{f.Epoch, f.Offset}, f.Counts, func() {
			v.mark(protocol.Mark{State: f.State, Items: f.Items, Through: f.Through}, f.Offset)
		})
	case *protocol.Withdrawn:
		v.next(place{f.Epoch, f.Offset}, f.Counts, func() {
			for _, offset := range f.Items {
				delete(v.items, offset)
			}
		})
	default:
		v.t.Fatalf("%s got %+v, want a change", v.connection, frame)
	}
}

// marked is the answer to a mark of its own.
func (v *device) marked(own protocol.Mark, m protocol.Marked) {
	v.inTurn(func() {
		if !m.Changed {
			v.counts = m.Counts
			return
		}
		v.next(place{v.epoch, m.Offset}, m.Counts, func() { v.mark(own, m.Offset) })
	})
}

type place struct {
	epoch  string
	offset int64
}

// next applies a change if it is the next one.
func (v *device) next(at place, counts protocol.Counts, apply func()) {
	switch {
	case at.epoch != v.epoch || at.offset > v.offset+1:
		v.gap = true
	case at.offset == v.offset+1:
		apply()
		v.offset, v.counts = at.offset, counts
	}
}

func (v *device) welcome(w *protocol.Welcome) {
	if !w.Recovered || w.Epoch != v.epoch {
		clear(v.items)
		clear(v.told)
	}
	for _, i := range w.Items {
		v.put(i)
	}
	v.mark(protocol.Mark{State: protocol.Seen, Through: w.SeenThrough}, 0)
	v.mark(protocol.Mark{State: protocol.Read, Through: w.ReadThrough}, 0)
	v.mark(protocol.Mark{State: protocol.Archived, Through: w.ArchivedThrough}, 0)
	v.epoch, v.offset, v.counts = w.Epoch, w.Offset, w.Counts
	if w.More && !w.Recovered {
		v.older(w.Items[len(w.Items)-1].Offset)
	}
	v.gap, v.waits = w.More && w.Recovered, false
	held := v.held
	v.held = nil
	for _, do := range held {
		do()
	}
}

// older reads the rest of the list.
func (v *device) older(before int64) {
	for more := true; more; {
		page := decode[protocol.Page](v.t, v.send(v.session, v.connection, fmt.Sprintf(`{"type":"list","id":"l","limit":100,"before":%d}`, before)))
		for _, i := range page.Items {
			v.put(i)
			before = i.Offset
		}
		more = page.More
	}
}

// put puts an item in place of the one with its offset.
func (v *device) put(i protocol.Item) {
	known, ok := v.items[i.Offset]
	if i.Event == nil {
		i.Event = known.Event
	}
	if i.Withdrawn || i.Archived || i.Event == nil {
		delete(v.items, i.Offset)
		return
	}
	if v.items[i.Offset] = i; !ok {
		e := headerOf(i.Event)
		v.told[e.ID]++
		if !e.ExpiryTime.IsZero() {
			v.ends[i.Offset] = e.ExpiryTime
		}
	}
}

// mark does what a mark does to the items, at the offset where it was made.
func (v *device) mark(m protocol.Mark, at int64) {
	if m.State == protocol.Seen && len(m.Items) > 0 {
		m = protocol.Mark{State: m.State, Through: slices.Max(m.Items)}
	}
	for offset, i := range v.items {
		since := offset
		if m.State == protocol.Read {
			since = max(since, i.UnreadSince)
		}
		if slices.Contains(m.Items, offset) || since <= m.Through {
			v.set(i, m.State, at)
		}
	}
}

func (v *device) set(i protocol.Item, state protocol.State, at int64) {
	switch state {
	case protocol.Archived:
		delete(v.items, i.Offset)
		return
	case protocol.Seen:
		i.Seen = true
	case protocol.Read:
		i.Read, i.Seen, i.UnreadSince = true, true, 0
	case protocol.Unread:
		if i.Read {
			i.Read, i.UnreadSince = false, at
		}
	}
	v.items[i.Offset] = i
}

// view is what a device shows.
type view struct {
	Epoch  string
	Offset int64
	Items  map[int64]protocol.Item
	Counts protocol.Counts
}

func (v *device) view() view { return view{v.epoch, v.offset, v.items, v.counts} }

// lapse takes away what has expired, and lowers the counts by it.
func (v *device) lapse(now time.Time) {
	for offset, end := range v.ends {
		i, ok := v.items[offset]
		if ok && now.Before(end) {
			continue
		}
		delete(v.items, offset)
		delete(v.ends, offset)
		if !ok {
			continue
		}
		if !i.Read && v.counts.Unread < protocol.MaxCount {
			v.counts.Unread--
		}
		if !i.Seen && v.counts.Unseen < protocol.MaxCount {
			v.counts.Unseen--
		}
	}
}

type header struct {
	ID         string
	ExpiryTime time.Time
}

func headerOf(event json.RawMessage) (h header) {
	_ = json.Unmarshal(event, &h) // events of these tests are right
	return h
}

func idOf(event json.RawMessage) string { return headerOf(event).ID }

// once fails for anything that the application was told of twice.
func (v *device) once(t testing.TB) {
	t.Helper()
	for id, n := range v.told {
		if n != 1 {
			t.Errorf("%s was told of %s %d times, want once", v.connection, id, n)
		}
	}
}

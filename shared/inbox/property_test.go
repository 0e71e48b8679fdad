package inbox_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"bellhop/shared/inbox"
	"bellhop/shared/protocol"
)

// entry is an item as the plain model, or a device, has it.
type entry struct {
	Read, Archived bool
	Since          int64 // unread since
	Expires        time.Time
}

type entries map[int64]entry

func (es entries) change(offsets []int64, with func(entry) entry) {
	for _, o := range offsets {
		if e, ok := es[o]; ok {
			es[o] = with(e)
		}
	}
}

// mark is what a mark, made at an offset, does to items.
func (es entries) mark(m protocol.Mark, at int64) {
	switch {
	case m.State == protocol.Read && m.Through > 0:
		es.change(slices.Collect(maps.Keys(es)), func(e entry) entry { e.Read = e.Read || e.Since <= m.Through; return e })
	case m.State == protocol.Read:
		es.change(m.Items, func(e entry) entry { e.Read = true; return e })
	case m.State == protocol.Unread:
		es.change(m.Items, func(e entry) entry { return entry{Since: at, Expires: e.Expires} })
	case m.State == protocol.Archived && m.Through > 0:
		for o, e := range es {
			if o <= m.Through {
				e.Read, e.Archived = true, true
				es[o] = e
			}
		}
	case m.State == protocol.Archived:
		es.change(m.Items, func(e entry) entry { e.Read, e.Archived = true, true; return e })
	}
}

// shown are the entries that have not expired, without what only helps to keep them.
func (es entries) shown(now time.Time) map[int64]entry {
	m := map[int64]entry{}
	for o, e := range es {
		if now.Before(e.Expires) {
			m[o] = entry{Read: e.Read, Archived: e.Archived}
		}
	}
	return m
}

// device follows the protocol: frames while it is online, else a resume.
type device struct {
	f      *fixture
	online bool
	epoch  string
	offset int64
	items  entries
}

func (d *device) put(i protocol.Item) {
	e, known := d.items[i.Offset]
	if i.Withdrawn || (!known && i.Event == nil) {
		delete(d.items, i.Offset)
		return
	}
	e.Read, e.Archived, e.Since = i.Read, i.Archived, max(i.Offset, i.UnreadSince)
	if !known {
		e.Expires = d.f.table.item(i.Offset).Expires
	}
	d.items[i.Offset] = e
}

func (d *device) hello() {
	for more := true; more; {
		r := d.f.resume(d.epoch, d.offset)
		if !r.Recovered {
			d.items = entries{}
		}
		for _, i := range r.Items {
			d.put(i)
		}
		d.items.mark(protocol.Mark{State: protocol.Read, Through: r.Head.ReadThrough}, 0)
		d.items.mark(protocol.Mark{State: protocol.Archived, Through: r.Head.ArchivedThrough}, 0)
		d.epoch, d.offset, more = r.Head.Epoch, r.Offset, r.More && r.Recovered
		if r.More && !r.Recovered {
			d.page(r.Items[len(r.Items)-1].Offset, protocol.Filter{})
		}
		if !r.Recovered {
			d.page(0, protocol.Filter{Archived: true})
		}
	}
}

func (d *device) page(before int64, filter protocol.Filter) {
	for more := true; more; {
		page, err := d.f.List(d.f.ctx, "ada", protocol.List{Before: before, Filter: filter})
		if err != nil {
			d.f.t.Fatal(err)
		}
		for _, i := range page.Items {
			d.put(i)
			before = i.Offset
		}
		more = page.More
	}
}

// frame takes a change, at the offset where it happened.
func (d *device) frame(offset int64, apply func(entries)) {
	switch {
	case !d.online || offset <= d.offset:
	case offset > d.offset+1:
		d.hello()
	default:
		apply(d.items)
		d.offset = offset
	}
}

type world struct {
	*fixture
	random  *rand.Rand
	model   entries
	ids     map[int64]string // of the events, by offset
	devices []*device
}

// tell brings a change to the devices, but for one that loses it now and then.
func (w *world) tell(offset int64, apply func(entries)) {
	apply(w.model)
	lost := w.random.IntN(10)
	for i, d := range w.devices {
		if i != lost {
			d.frame(offset, apply)
		}
	}
}

func (w *world) publish() {
	more := ""
	if w.random.IntN(2) == 0 {
		more = fmt.Sprintf(`,"collapsekey":"k%d"`, w.random.IntN(3))
	}
	if w.random.IntN(4) == 0 {
		more += fmt.Sprintf(`,"expirytime":%q`, w.now.Add(5*time.Second).Format(time.RFC3339))
	}
	if w.random.IntN(2) == 0 {
		more += `,"data":{"x":"` + strings.Repeat("x", 9000) + `"}`
	}
	n := w.make(more)
	a := w.append(n)[0]
	w.ids[a.Item.Offset] = n.ID
	if r := a.Replaced; r != nil {
		w.tell(r.Offset, func(es entries) { delete(es, r.Item) })
	}
	w.tell(a.Item.Offset, func(es entries) { es[a.Item.Offset] = entry{Since: a.Item.Offset, Expires: a.Item.Expires} })
}

// withdraw takes back one that shows, or one that never was.
func (w *world) withdraw() {
	id := "none"
	if shown := slices.Sorted(maps.Keys(w.model.shown(w.now))); len(shown) > 0 {
		id = w.ids[shown[w.random.IntN(len(shown))]]
	}
	if got := w.fixture.withdraw(inbox.Recall{ID: id}); got.Changed {
		w.tell(got.Offset, func(es entries) { delete(es, got.Item) })
	}
}

func (w *world) mark() {
	m := protocol.Mark{State: []protocol.State{protocol.Read, protocol.Unread, protocol.Archived, protocol.Seen}[w.random.IntN(4)]}
	shown := slices.Sorted(maps.Keys(w.model.shown(w.now)))
	if m.State == protocol.Seen || (m.State == protocol.Read && w.random.IntN(2) == 0) || (m.State == protocol.Archived && w.random.IntN(3) == 0) {
		m.Through = 1 + w.random.Int64N(60)
	} else if len(shown) > 0 {
		w.random.Shuffle(len(shown), func(i, j int) { shown[i], shown[j] = shown[j], shown[i] })
		m.Items = shown[:min(len(shown), 1+w.random.IntN(4))]
	} else {
		return
	}
	if m.State == protocol.Unread && slices.ContainsFunc(m.Items, func(o int64) bool { return w.model[o].Archived }) {
		return // refused
	}
	if got := w.fixture.mark(m); got.Changed {
		done := protocol.Mark{State: m.State, Items: got.Items, Through: got.Through}
		w.tell(got.Head.Offset, func(es entries) { es.mark(done, got.Head.Offset) })
	}
}

func (w *world) check() {
	if w.head().Epoch == "" {
		w.resume("", 0)
	}
	want := w.model.shown(w.now)
	server := entries{}
	unread := 0
	for o, i := range w.everything() {
		server[o] = entry{Read: i.Read, Archived: i.Archived}
	}
	for _, e := range want {
		if !e.Read {
			unread++
		}
	}
	same(w.t, "server", want, map[int64]entry(server))
	same(w.t, "badge", min(unread, protocol.MaxCount), w.counts().Unread)
	for i, d := range w.devices {
		d.online = true
		d.hello()
		same(w.t, fmt.Sprint("device ", i), want, d.items.shown(w.now))
	}
}

// TestDevicesAgreeWithThePlainModel publishes, marks, lets time pass, drops
// devices and frames at random: in the end all lists and the badge agree.
func TestDevicesAgreeWithThePlainModel(t *testing.T) {
	for seed := range uint64(60) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			w := &world{fixture: setup(t), random: rand.New(rand.NewPCG(seed, 0)), model: entries{}, ids: map[int64]string{}}
			w.table.page = int(seed % 3)
			for range 3 {
				w.devices = append(w.devices, &device{f: w.fixture, items: entries{}})
			}
			for range 60 {
				w.step()
			}
			w.check()
		})
	}
}

func (w *world) step() {
	switch w.random.IntN(9) {
	case 0, 1, 2:
		w.publish()
	case 3, 4, 5:
		w.mark()
	case 6:
		w.withdraw()
	case 7:
		w.now = w.now.Add(2 * time.Second)
	default:
		d := w.devices[w.random.IntN(3)]
		if d.online = !d.online; d.online {
			d.hello()
		}
	}
}

package handler_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"bellhop/shared/handler"
	"bellhop/shared/inbox"
	"bellhop/shared/protocol"
	"bellhop/shared/session"
	"bellhop/shared/store/storetest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// world is the service with users, their devices, and the models of their logs.
type world struct {
	*desk
	store   *worldStore
	models  map[string]*model
	devices []*wired
	drafts  []draft // all that were published
	names   int
	moved   time.Duration // of the clock
}

// worldStore is the store in memory, for sessions that are kept elsewhere. It
// may give short pages, and let reads be torn.
type worldStore struct {
	*storetest.Memory
	session.Store
	items *storetest.TornTable
	reads inbox.Table // the same, where nothing is hidden: much faster
	page  int

	mu     sync.Mutex
	latest map[string]inbox.Change // by user
}

var _ store = (*worldStore)(nil)

func (s *worldStore) Load(ctx context.Context, user string, want inbox.Want) (inbox.Loaded, error) {
	return s.reads.Load(ctx, user, want)
}

func (s *worldStore) Query(ctx context.Context, user string, q inbox.Query) (inbox.Found, error) {
	q.Limit = min(q.Limit, s.page)
	return s.reads.Query(ctx, user, q)
}

func (s *worldStore) Unread(ctx context.Context, user string, q inbox.UnreadQuery) (inbox.UnreadPage, error) {
	q.Limit = min(q.Limit, s.page)
	return s.reads.Unread(ctx, user, q)
}

// tear hides some of the latest writes of items from what read does.
func (s *worldStore) tear(hide func(latest int) bool, read func()) {
	s.items.HideSome(hide)
	s.reads = s.items
	read()
	s.reads = s.Memory
}

func (s *worldStore) Commit(ctx context.Context, user string, c inbox.Change) error {
	err := s.items.Commit(ctx, user, c)
	if err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.latest[user] = c
	}
	return err
}

// inRapid lets helpers report to a rapid.T, which shrinks what failed.
type inRapid struct {
	testing.TB
	rapid *rapid.T
}

func (t inRapid) Helper()                           {}
func (t inRapid) Errorf(format string, args ...any) { t.rapid.Errorf(format, args...) }
func (t inRapid) Error(args ...any)                 { t.rapid.Error(args...) }
func (t inRapid) Fatalf(format string, args ...any) { t.rapid.Fatalf(format, args...) }
func (t inRapid) Fatal(args ...any)                 { t.rapid.Fatal(args...) }

// newWorld has three devices of ada's and one of eve's.
func newWorld(t testing.TB, page int, sessions session.Store, signedIn map[string]handler.Created) *world {
	memory := &storetest.Memory{}
	s := &worldStore{Memory: memory, Store: sessions, items: storetest.Torn(memory), reads: memory, page: page, latest: map[string]inbox.Change{}}
	w := &world{desk: over(t, s), store: s, models: map[string]*model{"ada": newModel(), "eve": newModel()}}
	for _, name := range []string{"ada1", "ada2", "ada3", "eve1"} {
		v := &wired{device: newDevice(w.desk, signedIn[name[:3]], ""), name: name}
		w.devices = append(w.devices, v)
		v.connect()
	}
	w.collect()
	return w
}

func (w *world) name() string {
	w.names++
	return fmt.Sprint("n", w.names)
}

// collect puts what the service has pushed on its way, and lets it arrive where
// the network is quick. Counts in a frame are those of the moment.
func (w *world) collect() {
	for _, v := range w.devices {
		for _, text := range w.took(v.connection) {
			w.count(v.session.User, text)
			if v.online {
				v.coming = append(v.coming, func() { v.take(text) })
			}
		}
		if !v.slow {
			v.drain()
		}
	}
}

func (w *world) count(user, text string) {
	var f struct {
		Type   string
		Epoch  string
		Unread *int
		Unseen *int
	}
	if err := json.Unmarshal([]byte(text), &f); err != nil || len(text) > protocol.MaxFrame {
		w.t.Fatalf("a frame of %d bytes: %v", len(text), err)
	}
	if f.Unread == nil || f.Unseen == nil {
		if f.Type != protocol.TypeNotification || f.Epoch != "" {
			w.t.Errorf("a frame without counts: %s", text)
		}
		return
	}
	w.same("counts in "+f.Type+" for "+user, w.models[user].counts(w.now), protocol.Counts{Unread: *f.Unread, Unseen: *f.Unseen})
}

func (w *world) same(what string, want, got any) {
	w.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Fatalf("%s (-model +service):\n%s", what, diff)
	}
}

// agree lets all devices catch up, and compares everything with the models. A
// device whose last frame got lost only learns of it by another, so there is one
// more.
func (w *world) agree() {
	w.t.Helper()
	for _, v := range w.devices {
		v.caught()
	}
	d := draft{source: "shop", id: w.name(), kind: "t0", text: "the last"}
	w.publishes([]asked{{users: []string{"ada", "eve"}, draft: d}})
	w.collect()
	for _, v := range w.devices {
		v.caught()
		m := w.models[v.session.User]
		want, wantIDs := map[int64]protocol.Item{}, map[int64]string{}
		for _, i := range m.list(protocol.Filter{}, w.now) {
			want[i.Offset] = i
		}
		for _, p := range m.posts {
			if _, ok := want[p.offset]; ok {
				wantIDs[p.offset] = p.id
			}
		}
		items, ids := v.shows()
		w.same("list of "+v.name, want, items)
		w.same("events of "+v.name, wantIDs, ids)
		w.same("badge of "+v.name, m.counts(w.now), v.counts)
		w.same("position of "+v.name, m.offset, v.offset)
		w.once(v, m)
	}
	for user, m := range w.models {
		for _, f := range filters() {
			w.same(fmt.Sprintf("list of %s, %+v", user, f), m.list(f, w.now), w.listed(user, f, 100, false))
		}
	}
}

// once says whether a device was told of more than was published.
func (w *world) once(v *wired, m *model) {
	published := map[string]int{}
	for _, p := range m.posts {
		published[p.id]++
	}
	for id, n := range v.told {
		if n > published[id] {
			w.t.Fatalf("%s was told of %s %d times, and it was published %d times", v.name, id, n, published[id])
		}
	}
}

func filters() []protocol.Filter {
	var all []protocol.Filter
	for _, f := range []protocol.Filter{{}, {Unread: true}, {Archived: true}} {
		all = append(all, f)
		f.Type = "t1"
		all = append(all, f)
	}
	return all
}

// listed reads a list to its end, page by page, without the events.
func (w *world) listed(user string, f protocol.Filter, limit int, http bool) []protocol.Item {
	w.t.Helper()
	page := w.byFrame
	if http {
		page = w.overHTTP
	}
	items := []protocol.Item{}
	for before, n := int64(0), 0; ; n++ {
		some, more := page(user, protocol.List{ID: "l", Before: before, Limit: limit, Filter: f})
		for _, i := range some {
			i.Event = nil
			items = append(items, i)
		}
		if !more {
			return items
		}
		if before = items[len(items)-1].Offset; n > 1000 {
			w.t.Fatalf("the pages of %s have no end", user)
		}
	}
}

package storetest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"bellhop/shared/connections"
	"bellhop/shared/inbox"
	"bellhop/shared/limit"
)

// Memory is an [inbox.Table], a [connections.Store] and a [limit.Store] in plain
// maps, for tests of what stands above a store: it has no goroutines, so that it also works in
// a bubble of testing/synctest, where no engine does. The zero value is empty.
// It is safe for concurrent use.
type Memory struct {
	mu   sync.Mutex
	logs map[string]*memoryLog
	rows map[[2]string]connections.Connection // by user and id
	used map[string]limit.State               // by user

	swept int64
	held  time.Time // until when a sweep is under way
}

var (
	_ inbox.Table       = (*Memory)(nil)
	_ connections.Store = (*Memory)(nil)

	_ connections.Schedule = (*Memory)(nil)
	_ limit.Store          = (*Memory)(nil)
)

type memoryLog struct {
	head     inbox.Head
	items    map[int64]inbox.Item
	markers  map[string]inbox.Marker
	pointers map[string]inbox.Pointer
}

func (m *Memory) log(user string) *memoryLog {
	if m.logs == nil {
		m.logs = map[string]*memoryLog{}
	}
	if m.logs[user] == nil {
		m.logs[user] = &memoryLog{items: map[int64]inbox.Item{}, markers: map[string]inbox.Marker{}, pointers: map[string]inbox.Pointer{}}
	}
	return m.logs[user]
}

// Load implements [inbox.Table].
func (m *Memory) Load(_ context.Context, user string, want inbox.Want) (inbox.Loaded, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.log(user)
	loaded := inbox.Loaded{Head: l.head, Markers: pick(l.markers, want.Markers), Pointers: pick(l.pointers, want.Pointers), Items: pick(l.items, want.Items)}
	for offset, i := range loaded.Items {
		loaded.Items[offset] = own(i)
	}
	return loaded, nil
}

// own is the item with an event that nobody else has.
func own(i inbox.Item) inbox.Item {
	i.Event = slices.Clone(i.Event)
	return i
}

func pick[K comparable, V any](from map[K]V, keys []K) map[K]V {
	found := map[K]V{}
	for _, k := range keys {
		if v, ok := from[k]; ok {
			found[k] = v
		}
	}
	return found
}

// Query implements [inbox.Table].
func (m *Memory) Query(_ context.Context, user string, q inbox.Query) (inbox.Found, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	found := answer(slices.Collect(maps.Values(m.log(user).items)), q)
	for n, i := range found.Items {
		found.Items[n] = own(i)
	}
	return found, nil
}

// Unread implements [inbox.Table].
func (m *Memory) Unread(_ context.Context, user string, q inbox.UnreadQuery) (inbox.UnreadPage, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return answerUnread(slices.Collect(maps.Values(m.log(user).items)), q), nil
}

// Commit implements [inbox.Table].
func (m *Memory) Commit(_ context.Context, user string, c inbox.Change) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.log(user)
	if n := 1 + len(c.Items) + len(c.Markers) + len(c.Pointers); n > inbox.MaxWrites {
		return fmt.Errorf("commit to the log of %s: %d records are more than %d", user, n, inbox.MaxWrites)
	}
	if !l.holds(c) {
		return inbox.ErrConflict
	}
	l.head = c.Head
	for _, w := range c.Items {
		l.items[w.Item.Offset] = own(w.Item)
	}
	for _, w := range c.Markers {
		l.markers[w.ID] = w.Marker
	}
	for _, w := range c.Pointers {
		l.pointers[w.CollapseKey] = w.Pointer
	}
	return nil
}

// holds says whether everything is as the change says that it was.
func (l *memoryLog) holds(c inbox.Change) bool {
	holds := l.head.Epoch == c.Was.Epoch && l.head.Offset == c.Was.Offset
	for _, w := range c.Items {
		holds = holds && l.items[w.Item.Offset].Changed == w.Was
	}
	for _, w := range c.Markers {
		holds = holds && l.markers[w.ID].Offset == w.Was
	}
	for _, w := range c.Pointers {
		holds = holds && l.pointers[w.CollapseKey].Offset == w.Was
	}
	return holds
}

// LoseHead deletes the head of a log, and leaves the rest of it.
func (m *Memory) LoseHead(user string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.log(user).head = inbox.Head{}
}

// Forget deletes items, as a store may do with those that have expired.
func (m *Memory) Forget(user string, offsets ...int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, offset := range offsets {
		delete(m.log(user).items, offset)
	}
}

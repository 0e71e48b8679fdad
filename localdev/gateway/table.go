package gateway

import (
	"hash/maphash"
	"iter"
	"sync"
)

const shards = 64

// table is the open connections by id, in shards so that pushes to different
// connections seldom meet.
type table struct {
	seed   maphash.Seed
	shards [shards]shard
}

type shard struct {
	mu    sync.RWMutex
	conns map[string]*conn
}

func newTable() *table {
	t := &table{seed: maphash.MakeSeed()}
	for i := range t.shards {
		t.shards[i].conns = make(map[string]*conn)
	}
	return t
}

func (t *table) shard(id string) *shard { return &t.shards[maphash.String(t.seed, id)%shards] }

func (t *table) put(c *conn) {
	s := t.shard(c.peer.id)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns[c.peer.id] = c
}

func (t *table) remove(c *conn) {
	s := t.shard(c.peer.id)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c.peer.id)
}

// get returns nil for an unknown id.
func (t *table) get(id string) *conn {
	s := t.shard(id)
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.conns[id]
}

// all yields the connections of one moment per shard; the loop may change the
// table.
func (t *table) all() iter.Seq[*conn] {
	return func(yield func(*conn) bool) {
		var batch []*conn
		for i := range t.shards {
			batch = t.shards[i].appendTo(batch[:0])
			for _, c := range batch {
				if !yield(c) {
					return
				}
			}
		}
	}
}

func (s *shard) appendTo(batch []*conn) []*conn {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, c := range s.conns {
		batch = append(batch, c)
	}
	return batch
}

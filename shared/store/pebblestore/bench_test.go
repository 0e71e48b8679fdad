package pebblestore_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"bellhop/shared/inbox"
)

// BenchmarkCommit appends a head, an item of 450 B and a marker, 16 goroutines
// a processor, each with a user of its own.
func BenchmarkCommit(b *testing.B) {
	s := open(b, b.TempDir(), nil)
	event, expires := make([]byte, 450), time.Unix(4e9, 0)
	var users atomic.Int64
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		user := fmt.Sprint("user ", users.Add(1))
		var head inbox.Head
		for next := (inbox.Head{Epoch: "e"}); pb.Next(); next.Offset++ {
			c := inbox.Change{Was: head, Head: next}
			if n := next.Offset; n > 0 {
				c.Items = []inbox.ItemWrite{{Item: inbox.Item{Offset: n, Changed: n, Unread: n, Event: event, Expires: expires}}}
				c.Markers = []inbox.MarkerWrite{{ID: fmt.Sprint(n), Marker: inbox.Marker{Offset: n, Expires: expires}}}
			}
			if err := s.Commit(b.Context(), user, c); err != nil {
				b.Error(err)
			}
			head = next
		}
	})
}

// BenchmarkLoad reads a head.
func BenchmarkLoad(b *testing.B) {
	s := open(b, b.TempDir(), nil)
	if err := s.Commit(b.Context(), "ann", inbox.Change{Head: inbox.Head{Epoch: "e"}}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := s.Load(b.Context(), "ann", inbox.Want{}); err != nil {
			b.Fatal(err)
		}
	}
}

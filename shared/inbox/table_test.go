package inbox_test

import (
	"cmp"
	"context"
	"sync"

	"bellhop/shared/inbox"
	"bellhop/shared/store/storetest"
)

// table is the store in memory with what no engine does on demand: it waits
// between two calls, gives short pages, and fails before or after it has
// written. It counts its calls.
type table struct {
	*storetest.Memory

	before func(op string)                       // called before each call
	reply  func(op string) (apply bool, _ error) // what a commit does, and answers
	page   int                                   // rows of a page at most; 0: as many as asked for

	mu    sync.Mutex
	calls []string
}

func (t *table) enter(op string) {
	if t.before != nil {
		t.before(op)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calls = append(t.calls, op)
}

// took returns the calls since the last time.
func (t *table) took() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	calls := t.calls
	t.calls = nil
	return calls
}

func (t *table) Load(ctx context.Context, user string, want inbox.Want) (inbox.Loaded, error) {
	t.enter("load")
	return t.Memory.Load(ctx, user, want)
}

func (t *table) Query(ctx context.Context, user string, q inbox.Query) (inbox.Found, error) {
	t.enter("query")
	q.Limit = t.limit(q.Limit)
	return t.Memory.Query(ctx, user, q)
}

func (t *table) Unread(ctx context.Context, user string, q inbox.UnreadQuery) (inbox.UnreadPage, error) {
	t.enter("query")
	q.Limit = t.limit(q.Limit)
	return t.Memory.Unread(ctx, user, q)
}

func (t *table) limit(asked int) int {
	if t.page > 0 {
		return min(asked, t.page)
	}
	return asked
}

func (t *table) Commit(ctx context.Context, user string, c inbox.Change) error {
	t.enter("commit")
	apply, answer := true, error(nil)
	if t.reply != nil {
		apply, answer = t.reply("commit")
	}
	if !apply {
		return answer
	}
	return cmp.Or(answer, t.Memory.Commit(ctx, user, c))
}

// head and item are the records as they stand, without a call that counts.

func (t *table) head() inbox.Head { return t.records(nil).Head }

func (t *table) item(offset int64) inbox.Item { return t.records([]int64{offset}).Items[offset] }

func (t *table) records(items []int64) inbox.Loaded {
	loaded, _ := t.Memory.Load(context.Background(), "ada", inbox.Want{Items: items}) // it cannot fail
	return loaded
}

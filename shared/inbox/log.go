package inbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bellhop/shared/backoff"

	"github.com/oklog/ulid/v2"
)

// The errors of a Log, besides those of its table.
var (
	// ErrNotFound says that the user's log has no such item (any more).
	ErrNotFound = errors.New("item not found")
	// ErrBodyConflict says that the same source and id were appended with
	// another body.
	ErrBodyConflict = errors.New("the same source and id were published with another body")
	// ErrState says that an item cannot be put into the state asked for.
	ErrState = errors.New("the item is archived")
)

// Pauses between attempts after a lost race: full jitter below a bound that
// doubles from first to last.
const (
	firstPause = 4 * time.Millisecond
	lastPause  = 250 * time.Millisecond
)

// tornFor is how long after a commit a read may still miss parts of it, at the
// very most (and how far clocks may differ).
const tornFor = 10 * time.Second

// Options are the optional settings of a Log; nil means the defaults.
type Options struct {
	Retention time.Duration    // how long an item is kept at most; default 90 days
	Now       func() time.Time // default time.Now
	NewEpoch  func() string    // default a ULID
}

// Log is all users' logs over a table. It is safe for concurrent use.
type Log struct {
	table     Table
	retention time.Duration
	now       func() time.Time
	newEpoch  func() string
	turns     turns
}

// New returns the logs that the table holds.
func New(table Table, opts *Options) *Log {
	l := &Log{table: table, retention: 90 * 24 * time.Hour, now: time.Now, newEpoch: func() string { return ulid.Make().String() }}
	if opts == nil {
		return l
	}
	if opts.Retention > 0 {
		l.retention = opts.Retention
	}
	if opts.Now != nil {
		l.now = opts.Now
	}
	if opts.NewEpoch != nil {
		l.newEpoch = opts.NewEpoch
	}
	return l
}

// Head reads the user's head, and begins the log if there is none.
func (l *Log) Head(ctx context.Context, user string) (Head, error) {
	head, err := l.head(ctx, user)
	if err != nil {
		return Head{}, fmt.Errorf("read the head of %s: %w", user, err)
	}
	return head, nil
}

// head reads the user's head, and begins the log if there is none.
func (l *Log) head(ctx context.Context, user string) (Head, error) {
	loaded, err := l.load(ctx, user, Want{})
	return loaded.Head, err
}

// load reads records of a log, and begins the log if there is none.
func (l *Log) load(ctx context.Context, user string, want Want) (Loaded, error) {
	for pause := firstPause; ; pause = l.wait(ctx, pause) {
		loaded, err := l.table.Load(ctx, user, want)
		if err != nil || loaded.Head.Epoch != "" {
			return loaded, err
		}
		loaded.Head, err = l.begin(ctx, user)
		if err == nil {
			return loaded, nil
		}
		if !errors.Is(err, ErrConflict) || ctx.Err() != nil {
			return loaded, err
		}
	}
}

// begin makes a log. Where items of an earlier life are left, their offsets are
// not used again.
func (l *Log) begin(ctx context.Context, user string) (Head, error) {
	last, err := l.newestChange(ctx, user)
	if err != nil {
		return Head{}, err
	}
	head := Head{Epoch: l.newEpoch(), Offset: last, LastItem: last, At: l.now().Truncate(time.Millisecond)}
	return head, l.table.Commit(ctx, user, Change{Head: head})
}

// next is the head after one more change.
func (l *Log) next(h Head) Head {
	h.Offset++
	h.At = l.now().Truncate(time.Millisecond)
	return h
}

// change reads, lets step work out a change and commits it, again and again
// while others win the race. A step that has nothing to change returns nil.
func (l *Log) change(ctx context.Context, user string, want Want, step func(Loaded) (*Change, error)) error {
	leave, err := l.turns.take(ctx, user)
	if err != nil {
		return fmt.Errorf("change the log of %s: %w", user, err)
	}
	defer leave()
	for pause := firstPause; ; pause = l.wait(ctx, pause) {
		loaded, err := l.load(ctx, user, want)
		if err != nil {
			return err
		}
		c, err := step(loaded)
		if err != nil || c == nil {
			return err
		}
		c.onto(loaded.Head)
		err = l.table.Commit(ctx, user, *c)
		if err == nil || !errors.Is(err, ErrConflict) {
			return err
		}
		if ctx.Err() != nil {
			return fmt.Errorf("change the log of %s: %w", user, ctx.Err())
		}
	}
}

// onto makes the change the next one after a head, in which a read finds how
// much there is to see of it.
func (c *Change) onto(was Head) {
	c.Was = was
	if len(c.Items) > 0 {
		c.Head.LastFrom, c.Head.LastCount = was.Offset, int64(len(c.Items))
	}
}

// wait pauses for a random part of pause, or until ctx ends, and returns the
// next bound.
func (l *Log) wait(ctx context.Context, pause time.Duration) time.Duration {
	_ = backoff.Pause(ctx, pause) // callers look at ctx themselves
	return min(2*pause, lastPause)
}

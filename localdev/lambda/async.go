package lambda

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// ErrQueueFull says that no more asynchronous events are taken: as many as the
// queue holds wait or run.
var ErrQueueFull = errors.New("asynchronous queue is full")

// ErrClosed says that the API has been closed.
var ErrClosed = errors.New("lambda API is closed")

// queue runs asynchronous events as Lambda does: at least one attempt, then two
// more after errors, in no particular order. Each event has a goroutine, so the
// queue's size bounds them.
type queue struct {
	retries []time.Duration // wait before the second attempt, the third, …
	slots   chan struct{}   // one per event accepted and not yet done
	running chan struct{}   // one per attempt that runs
	logger  *slog.Logger

	base    context.Context // of every attempt; ends when close gives up
	abandon context.CancelFunc
	closing chan struct{} // closed when no event is taken any more: waits end

	mu     sync.Mutex // guards closed, and adds to events against close
	closed bool
	events sync.WaitGroup
}

// event is one asynchronous invocation.
type event struct {
	function *Function
	call     Invocation
	payload  []byte
}

func newQueue(o APIOptions) *queue {
	base, abandon := context.WithCancel(context.Background())
	return &queue{
		retries: o.Retries,
		slots:   make(chan struct{}, o.QueueSize),
		running: make(chan struct{}, o.AsyncConcurrency),
		logger:  o.Logger,
		base:    base,
		abandon: abandon,
		closing: make(chan struct{}),
	}
}

// add takes e, or refuses it with ErrQueueFull or ErrClosed. It never waits.
func (q *queue) add(e event) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return ErrClosed
	}
	select {
	case q.slots <- struct{}{}:
	default:
		return ErrQueueFull
	}
	q.events.Go(func() {
		q.deliver(e)
		<-q.slots
	})
	return nil
}

// deliver attempts e until it succeeds or has had all its attempts.
func (q *queue) deliver(e event) {
	for attempt := 0; ; attempt++ {
		err := q.attempt(e)
		if err == nil {
			return
		}
		if attempt >= len(q.retries) || q.base.Err() != nil {
			q.report(e, err)
			return
		}
		q.wait(q.retries[attempt])
	}
}

func (q *queue) attempt(e event) error {
	select {
	case q.running <- struct{}{}:
		defer func() { <-q.running }()
	case <-q.base.Done():
		return q.base.Err()
	}
	_, err := e.function.invoke(NewContext(q.base, e.call), e.payload)
	return err
}

// wait lasts d, or until the queue closes: what was accepted still gets its
// attempts then, only sooner.
func (q *queue) wait(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-q.closing:
	}
}

// report logs the loss of an event. A function error is told by its type alone,
// since its message may quote the payload.
func (q *queue) report(e event, err error) {
	reason := err.Error()
	if failed := (*FunctionError)(nil); errors.As(err, &failed) {
		reason = failed.Type
	}
	q.logger.Warn("asynchronous invocation given up",
		"function", e.function.Spec.Name, "request", e.call.RequestID, "error", reason)
}

// close refuses new events and waits for those accepted. When ctx ends first,
// the rest is given up; functions that run already are not waited for.
func (q *queue) close(ctx context.Context) error {
	q.mu.Lock()
	if !q.closed {
		q.closed = true
		close(q.closing)
	}
	q.mu.Unlock()
	done := make(chan struct{})
	go func() {
		q.events.Wait()
		close(done)
	}()
	select {
	case <-done:
		q.abandon()
		return nil
	case <-ctx.Done():
		left := len(q.slots)
		q.abandon()
		<-done
		return fmt.Errorf("close lambda API: %d asynchronous events given up: %w", left, ctx.Err())
	}
}

package push

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"bellhop/shared/backoff"
)

// Defaults of an Engine.
const (
	DefaultConcurrency = 64
	DefaultTimeout     = 5 * time.Second
	firstPause         = 50 * time.Millisecond
	lastPause          = time.Second
	adviceTimeout      = time.Second
)

// Engine sends frames. The zero value with a Gateway is ready; it is safe for
// concurrent use.
type Engine struct {
	Gateway     Gateway
	Concurrency int           // connections that one Send works on at once; 0 is [DefaultConcurrency]
	Timeout     time.Duration // of one Send, retries included; 0 is [DefaultTimeout]
}

// Send sends the frames, in their order, to each of the addresses, and returns
// an error per address, nil where all frames were taken. Busy and unavailable
// are tried again with growing, jittered pauses until the deadline: the
// context's, or Timeout from now, whichever is sooner.
func (e *Engine) Send(ctx context.Context, to []Address, frames ...[]byte) []error {
	return e.each(ctx, to, func(ctx context.Context, a Address) error {
		for _, frame := range frames {
			if err := e.patiently(ctx, func() error { return e.Gateway.Post(ctx, a, frame) }); err != nil {
				return err
			}
		}
		return nil
	})
}

// Close sends the frame, as advice, and then closes each of the connections,
// also where the frame was not taken within a second. Its errors are those of the closing; a
// connection that was gone already is none.
func (e *Engine) Close(ctx context.Context, to []Address, advice []byte) []error {
	return e.each(ctx, to, func(ctx context.Context, a Address) error {
		e.advise(ctx, a, advice)
		err := e.patiently(ctx, func() error { return e.Gateway.Close(ctx, a) })
		if errors.Is(err, ErrGone) {
			return nil
		}
		return err
	})
}

// advise leaves the greater part of the time to the closing, which is what
// counts.
func (e *Engine) advise(ctx context.Context, a Address, advice []byte) {
	ctx, cancel := context.WithTimeout(ctx, adviceTimeout)
	defer cancel()
	_ = e.Gateway.Post(ctx, a, advice)
}

// each works on the addresses with as many goroutines as allowed, and none for
// a single one.
func (e *Engine) each(ctx context.Context, to []Address, work func(context.Context, Address) error) []error {
	ctx, cancel := context.WithTimeout(ctx, orDefault(e.Timeout, DefaultTimeout))
	defer cancel()
	errs := make([]error, len(to))
	var next atomic.Int64
	run := func() {
		for i := next.Add(1) - 1; i < int64(len(to)); i = next.Add(1) - 1 {
			errs[i] = work(ctx, to[i])
		}
	}
	var wg sync.WaitGroup
	for range min(orDefault(e.Concurrency, DefaultConcurrency), len(to)) - 1 {
		wg.Go(run)
	}
	run()
	wg.Wait()
	return errs
}

// patiently tries until it works, fails for good, or time is up.
func (e *Engine) patiently(ctx context.Context, try func() error) error {
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		err := try()
		if !errors.Is(err, ErrBusy) && !errors.Is(err, ErrUnavailable) {
			return err
		}
		if backoff.Pause(ctx, pause) != nil {
			return err
		}
	}
}

func orDefault[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// Package backoff waits between two tries of what others may be doing at the same
// time.
//
// A pause is random up to a bound, which callers let double ("full jitter": AWS
// Architecture Blog, "Exponential Backoff And Jitter"), so that those who lost a
// race together do not meet again. It is safe for concurrent use.
package backoff

import (
	"context"
	"math/rand/v2"
	"time"
)

// Pause waits for a random time below the bound, which is positive, or until ctx
// ends: then it returns ctx's error, at once.
func Pause(ctx context.Context, bound time.Duration) error {
	timer := time.NewTimer(rand.N(bound))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

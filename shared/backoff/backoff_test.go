package backoff_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"bellhop/shared/backoff"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestPause_IsRandomBelowTheBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const bound = time.Second
		took := map[time.Duration]bool{}
		for range 100 {
			began := time.Now()
			if err := backoff.Pause(t.Context(), bound); err != nil {
				t.Fatal(err)
			}
			took[time.Since(began)] = true
		}
		for d := range took {
			if d >= bound {
				t.Errorf("paused for %v, want less than %v", d, bound)
			}
		}
		if len(took) < 90 {
			t.Errorf("%d different pauses of 100, want nearly all different", len(took))
		}
	})
}

func TestPause_EndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		began := time.Now()
		// A pause is hardly ever as short as nothing.
		if err := backoff.Pause(ctx, 1000*time.Hour); !errors.Is(err, context.Canceled) || time.Since(began) != 0 {
			t.Errorf("got %v after %v, want the context's error at once", err, time.Since(began))
		}
	})
}

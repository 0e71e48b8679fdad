package gateway

import (
	"math"
	"sync"
	"time"
)

// bucket is a token bucket; nil has no limit.
type bucket struct {
	rate, burst float64
	mu          sync.Mutex
	tokens      float64
	filled      time.Time
}

func newBucket(r Rate) *bucket {
	if r.PerSecond <= 0 {
		return nil
	}
	burst := float64(r.Burst)
	if r.Burst <= 0 {
		burst = max(1, math.Ceil(r.PerSecond))
	}
	return &bucket{rate: r.PerSecond, burst: burst, tokens: burst}
}

// take takes one token if there is one.
func (b *bucket) take(now time.Time) bool {
	if b == nil {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.filled.IsZero() {
		b.tokens = min(b.burst, b.tokens+b.rate*max(0, now.Sub(b.filled).Seconds()))
	}
	b.filled = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// rateOf returns the rate of a route: its own, else the stage's default.
func (t *Throttle) rateOf(key string) Rate {
	if r, ok := t.Routes[key]; ok {
		return r
	}
	return t.Default
}

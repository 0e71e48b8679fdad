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

// account is an AWS account's quotas in one region
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html);
// nil has none.
type account struct{ connects, requests *bucket }

func newAccount() *account {
	return &account{
		connects: newBucket(Rate{PerSecond: 500, Burst: 500}),
		requests: newBucket(Rate{PerSecond: 10_000, Burst: 5_000}),
	}
}

func (a *account) takeConnect(now time.Time) bool {
	return a == nil || a.connects.take(now) && a.requests.take(now)
}

func (a *account) takeRequest(now time.Time) bool { return a == nil || a.requests.take(now) }

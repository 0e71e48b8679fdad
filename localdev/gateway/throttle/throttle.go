// Package throttle is the token buckets of routes and of an Account. There are
// no errors; all is safe for concurrent use. Source: "Throttle Requests to your
// APIs" of the API Gateway Developer Guide. AWS's buckets are best effort, these
// are exact.
package throttle

import (
	"math"
	"sync"
	"time"
)

// Rate is that of a bucket: it fills with PerSecond tokens up to Burst. A zero
// PerSecond means no limit; a zero Burst one second's worth, at least 1.
type Rate struct {
	PerSecond float64
	Burst     int
}

// Bucket is a token bucket; nil has no limit.
type Bucket struct {
	rate, burst float64
	mu          sync.Mutex
	tokens      float64
	filled      time.Time
}

// New makes a full bucket, nil for a rate without limit.
func New(r Rate) *Bucket {
	if r.PerSecond <= 0 {
		return nil
	}
	burst := float64(r.Burst)
	if r.Burst <= 0 {
		burst = max(1, math.Ceil(r.PerSecond))
	}
	return &Bucket{rate: r.PerSecond, burst: burst, tokens: burst}
}

// Take takes one token if there is one.
func (b *Bucket) Take(now time.Time) bool {
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

// Account is an AWS account's quotas in one region
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html);
// nil has none.
type Account struct{ Connects, Requests *Bucket }

// NewAccount has all that AWS gives.
func NewAccount() *Account {
	return &Account{
		Connects: New(Rate{PerSecond: 500, Burst: 500}),
		Requests: New(Rate{PerSecond: 10_000, Burst: 5_000}),
	}
}

// TakeConnect takes what a handshake costs, if there is enough.
func (a *Account) TakeConnect(now time.Time) bool {
	return a == nil || a.Connects.Take(now) && a.Requests.Take(now)
}

// TakeRequest takes what a message or a push costs, if there is enough.
func (a *Account) TakeRequest(now time.Time) bool { return a == nil || a.Requests.Take(now) }

// Package fault plants faults in the local service, so that a client or a
// backend meets on a laptop what it will meet on AWS sooner or later: pushes
// that get lost, are refused or come late, connections that vanish, functions
// that crash, a $disconnect that never comes, handshakes that are throttled.
//
// A [Plan] says which faults, an [Injector] decides case by case, and [API]
// changes the plan of a running service over HTTP.
//
// # Promises
//
// Without a plan an Injector costs one atomic load, and a nil *Injector is one
// without a plan. Decisions come from one seeded source: the same seed gives the
// same decisions in the same order, so a run repeats as far as its own order of
// events does. What was planted is counted and told to the observers.
//
// # Limits
//
// Shares are from 0 to 1, delays at most 1 min. All methods are safe for
// concurrent use.
//
// # Errors
//
// [Injector.Set] refuses a plan out of these limits, all faults of it told
// together, and keeps the old one.
//
// Read next: plan.go for what can be planted, http.go for the API.
package fault

import (
	"maps"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"bellhop/localdev/observe"
)

// Injector decides which faults happen. The zero value has no plan.
type Injector struct {
	// Observe is told of every planted fault; nil: nobody.
	Observe *observe.Hub

	active atomic.Bool
	mu     sync.Mutex
	plan   Plan
	random *rand.Rand
	counts map[string]int64
	tokens float64 // of ConnectRate
	filled time.Time
}

// Set puts a plan in place of the one before, and begins to count anew. A zero
// seed is replaced by a random one.
func (i *Injector) Set(p Plan) error {
	if err := p.validate(); err != nil {
		return err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	for p.Seed == 0 {
		p.Seed = rand.Uint64() >> 11 // exact in JavaScript, too
	}
	i.plan, i.random, i.counts = p, rand.New(rand.NewPCG(p.Seed, p.Seed)), map[string]int64{}
	i.tokens, i.filled = p.ConnectRate, time.Time{}
	i.active.Store(!p.idle())
	return nil
}

// Clear ends all faults. Connections that have vanished stay so.
func (i *Injector) Clear() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.plan, i.counts = Plan{}, nil
	i.active.Store(false)
}

// State is the plan in force and how often each of its faults happened.
type State struct {
	Plan
	Planted map[string]int64 `json:"planted"`
}

// State returns what is in force.
func (i *Injector) State() State {
	i.mu.Lock()
	defer i.mu.Unlock()
	s := State{Plan: i.plan, Planted: map[string]int64{}}
	maps.Copy(s.Planted, i.counts)
	return s
}

func (i *Injector) on() bool { return i != nil && i.active.Load() }

// decide asks the plan under the lock, and counts and tells what it says.
func (i *Injector) decide(e observe.Event, ask func(p *Plan) (detail string)) {
	i.mu.Lock()
	detail := ask(&i.plan)
	if detail != "" && i.counts != nil {
		i.counts[detail]++
	}
	i.mu.Unlock()
	if detail != "" && i.Observe.On() {
		e.Kind, e.Detail = observe.Fault, detail
		i.Observe.Emit(e)
	}
}

// chance is true for a share of the calls, with i.mu held.
func (i *Injector) chance(share float64) bool { return share > 0 && i.random.Float64() < share }

// upTo is a random part of d, with i.mu held.
func (i *Injector) upTo(d Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	return time.Duration(i.random.Int64N(int64(d)) + 1)
}

// PushFault is what happens to one push.
type PushFault int

// The faults of a push.
const (
	None    PushFault = iota
	Drop              // answered with 200, never sent
	Busy              // 429
	Broken            // 500
	Vanish            // the client vanishes: this push and all later ones are answered with 200
	nPushes           // how many there are
)

// The names under which faults are counted and told, as in the plan.
var pushNames = [nPushes]string{Drop: "push_drop", Busy: "push_429", Broken: "push_500", Vanish: "vanish"}

// Push decides about a push to a connection: first wait, then f happens.
func (i *Injector) Push(connection string) (f PushFault, wait time.Duration) {
	if !i.on() {
		return None, 0
	}
	i.decide(observe.Event{Connection: connection}, func(p *Plan) string {
		wait = i.upTo(p.PushDelay)
		for fault, share := range [nPushes]float64{Drop: p.PushDrop, Busy: p.Push429, Broken: p.Push500, Vanish: p.Vanish} {
			if i.chance(share) {
				f = PushFault(fault)
				return pushNames[f]
			}
		}
		if wait > 0 {
			return "push_delay"
		}
		return ""
	})
	return f, wait
}

// LosesDisconnect decides whether a connection's $disconnect gets lost.
func (i *Injector) LosesDisconnect(connection string) (lost bool) {
	if !i.on() {
		return false
	}
	i.decide(observe.Event{Connection: connection}, func(p *Plan) string {
		if lost = i.chance(p.LoseDisconnect); lost {
			return "lose_disconnect"
		}
		return ""
	})
	return lost
}

// RefusesConnect decides whether a handshake is one too many at this time.
func (i *Injector) RefusesConnect(now time.Time) (refused bool) {
	if !i.on() {
		return false
	}
	i.decide(observe.Event{}, func(p *Plan) string {
		if p.ConnectRate <= 0 {
			return ""
		}
		if !i.filled.IsZero() {
			i.tokens = min(max(1, p.ConnectRate), i.tokens+p.ConnectRate*max(0, now.Sub(i.filled).Seconds()))
		}
		i.filled = now
		if i.tokens < 1 {
			refused = true
			return "connect_rate"
		}
		i.tokens--
		return ""
	})
	return refused
}

// FunctionFault is what happens to one invocation.
type FunctionFault struct {
	Wait  time.Duration // before it
	Crash bool          // it fails
	After bool          // and does so after its work was done, not before
}

// Function decides about an invocation of a function by its two names.
func (i *Injector) Function(name, logicalID string) (f FunctionFault) {
	if !i.on() {
		return FunctionFault{}
	}
	i.decide(observe.Event{Function: name}, func(p *Plan) string {
		if !p.concerns(name) && !p.concerns(logicalID) {
			return ""
		}
		f.Wait = i.upTo(p.FunctionDelay)
		if i.chance(p.FunctionCrash) {
			f.Crash, f.After = true, i.random.IntN(2) == 0
			return "function_crash"
		}
		if f.Wait > 0 {
			return "function_delay"
		}
		return ""
	})
	return f
}

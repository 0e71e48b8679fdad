package limit

import "time"

// The greatest values of a Rate.
const (
	MaxRate  = 10_000
	MaxBurst = 10_000
)

// Rate is a token bucket. One without PerSecond is no limit.
type Rate struct {
	PerSecond int // tokens that come back in a second, up to MaxRate
	Burst     int // tokens that it holds, from 1 to MaxBurst
}

func (r Rate) off() bool { return r.PerSecond <= 0 }

// interval is how long a token takes to come back.
func (r Rate) interval() time.Duration {
	return time.Duration(1_000_000/r.PerSecond) * time.Microsecond
}

// depth is how long an empty bucket takes to be full.
func (r Rate) depth() time.Duration { return time.Duration(r.Burst) * r.interval() }

// take is when the bucket is full after one more token, if it was to be full at
// full, and by how long that is too late at now: not at all if the token is
// there.
func (r Rate) take(full, now time.Time) (next time.Time, late time.Duration) {
	next = later(full, now).Add(r.interval())
	return next, next.Sub(now) - r.depth()
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// Rates are the limits of a user.
type Rates struct {
	Connection Rate // of each of the connections
	User       Rate // of all together, and the HTTP API
}

// Scope says whose limit refused a request.
type Scope string

// The scopes.
const (
	PerConnection Scope = "connection"
	PerUser       Scope = "user"
)

// Verdict is what becomes of a request.
type Verdict struct {
	Refused Scope         // by whose limit; empty: it is admitted
	Wait    time.Duration // until one would be admitted
	Flood   bool          // the connection has gone on for another burst of refused frames
}

// Take is the state after one more request at now, and what becomes of the
// request. One over HTTP is of no connection, "".
func (r Rates) Take(s State, connection string, now time.Time) (State, Verdict) {
	next, v := s.used(now), Verdict{}
	if r.counts(connection) {
		v = r.takeOwn(next, connection, now)
	}
	if v.Refused != "" || r.User.off() {
		return next, v
	}
	full, late := r.User.take(s.Full, now)
	if late > 0 {
		return next, Verdict{Refused: PerUser, Wait: late}
	}
	next.Full = full
	return next, v
}

// counts says whether a connection has a limit of its own.
func (r Rates) counts(connection string) bool { return connection != "" && !r.Connection.off() }

// takeOwn takes a token of the connection's bucket, also one that is not there:
// up to another burst of them is owed.
func (r Rates) takeOwn(s State, connection string, now time.Time) Verdict {
	full, late := r.Connection.take(s.Connections[connection], now)
	depth := r.Connection.depth()
	s.track(connection, now.Add(min(full.Sub(now), 2*depth)))
	if late <= 0 {
		return Verdict{}
	}
	return Verdict{Refused: PerConnection, Wait: min(late, depth) + r.Connection.interval(), Flood: late > depth}
}

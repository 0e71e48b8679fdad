package limit

import "time"

// MaxTracked is how many connections a State names at most: a record of about
// 1.5 KB. Of more that are in use at once, those nearest to a full bucket are
// forgotten; the user's limit holds all the same.
const MaxTracked = 50

// State is a user's buckets that are not full, in microseconds. The zero State
// is that of a user from whom nothing has come for a while.
type State struct {
	Full        time.Time            // when the user's bucket is full again
	Connections map[string]time.Time // when those of connections are
	Version     string               // names the write that made it
}

// Until is from when on all buckets are full, and the state says nothing.
func (s State) Until() time.Time {
	until := s.Full
	for _, full := range s.Connections {
		until = later(until, full)
	}
	return until
}

// used is a copy without the buckets that are full at now, and without a version.
func (s State) used(now time.Time) State {
	next := State{Connections: make(map[string]time.Time, len(s.Connections)+1)}
	if s.Full.After(now) {
		next.Full = s.Full
	}
	for id, full := range s.Connections {
		if full.After(now) {
			next.Connections[id] = full
		}
	}
	return next
}

// track sets when a connection's bucket is full again.
func (s State) track(connection string, full time.Time) {
	delete(s.Connections, connection)
	for len(s.Connections) >= MaxTracked {
		delete(s.Connections, s.soonest())
	}
	s.Connections[connection] = full
}

func (s State) soonest() (id string) {
	for other, full := range s.Connections {
		if id == "" || full.Before(s.Connections[id]) {
			id = other
		}
	}
	return id
}

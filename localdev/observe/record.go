package observe

import "sync"

// Recorder is an Observer that keeps the latest events in memory, for a page or
// a test that asks later.
type Recorder struct {
	mu     sync.Mutex
	ring   []Event
	next   int           // where the next event goes
	more   chan struct{} // closed by the next event
	filled bool
}

var _ Observer = (*Recorder)(nil)

// NewRecorder makes a Recorder of the latest n events, at least 1.
func NewRecorder(n int) *Recorder {
	return &Recorder{ring: make([]Event, max(n, 1)), more: make(chan struct{})}
}

// Observe keeps e.
func (r *Recorder) Observe(e *Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ring[r.next] = *e
	r.next = (r.next + 1) % len(r.ring)
	r.filled = r.filled || r.next == 0
	close(r.more)
	r.more = make(chan struct{})
}

// Since returns the kept events whose Seq is above seq, oldest first, and a
// channel that the next event closes.
func (r *Recorder) Since(seq uint64) (events []Event, more <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	from, n := 0, r.next
	if r.filled {
		from, n = r.next, len(r.ring)
	}
	for i := range n {
		if e := r.ring[(from+i)%len(r.ring)]; e.Seq > seq {
			events = append(events, e)
		}
	}
	return events, r.more
}

// Payload returns that of one kept event: the frame, the whole event of an
// invocation, its result. ok is false once newer events have taken its place.
func (r *Recorder) Payload(seq uint64) (payload []byte, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.ring {
		if e := &r.ring[i]; e.Seq == seq && seq != 0 {
			return e.Payload, true
		}
	}
	return nil, false
}

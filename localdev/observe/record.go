package observe

import "sync"

// Batch is how many events Recorder.Since returns at most.
const Batch = 256

// overhead is what an event takes beside its payload, in bytes, roughly.
const overhead = 512

// Recorder is an Observer that keeps the latest events in memory, for a page or
// a test that asks later. It never makes the service wait.
type Recorder struct {
	mu     sync.Mutex
	budget int
	used   int
	last   uint64        // Seq of the latest event
	kept   []Event       // oldest first, their Seqs without a hole
	more   chan struct{} // closed by the next event; nil while nobody waits
}

var _ Observer = (*Recorder)(nil)

// NewRecorder makes a Recorder of as many of the latest events as fit into the
// budget, in bytes: payloads, and 512 for each event. The latest is kept in any
// case.
func NewRecorder(budget int) *Recorder { return &Recorder{budget: budget} }

// Observe keeps e.
func (r *Recorder) Observe(e *Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last++
	r.kept = append(r.kept, *e)
	r.kept[len(r.kept)-1].Seq = r.last
	r.used += size(e)
	for r.used > r.budget && len(r.kept) > 1 {
		r.used -= size(&r.kept[0])
		r.kept[0] = Event{} // its payload is free
		r.kept = r.kept[1:]
	}
	if r.more != nil {
		close(r.more)
		r.more = nil
	}
}

func size(e *Event) int { return overhead + len(e.Payload) }

// Since returns the kept events whose Seq is above seq, oldest first and Batch
// at most, and a channel that the next event closes. A first Seq above seq+1
// says that those between are kept no more.
func (r *Recorder) Since(seq uint64) (events []Event, more <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.more == nil {
		r.more = make(chan struct{})
	}
	first := r.last - uint64(len(r.kept)) // Seq before the oldest
	if seq >= r.last {
		return nil, r.more
	}
	rest := r.kept[max(seq, first)-first:]
	return append(events, rest[:min(len(rest), Batch)]...), r.more
}

// Find returns one kept event. ok is false once newer events have taken its
// place.
func (r *Recorder) Find(seq uint64) (e Event, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	first := r.last - uint64(len(r.kept))
	if seq <= first || seq > r.last {
		return Event{}, false
	}
	return r.kept[seq-first-1], true
}

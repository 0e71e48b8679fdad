// Package observe tells whoever wants to know what happens in the local
// service while it happens: connections, frames, invocations, pushes, faults.
//
// A [Hub] is where events are told and where observers come and go. Emitting
// costs one atomic load while nobody listens: ask [Hub.On] before an [Event] is
// made. A nil *Hub is one that nobody ever listens to.
//
// # Promises
//
// Events of one connection are told in the order in which they happen, except
// that those of concurrent invocations may cross. An observer is called on the
// goroutine that the event happens on, so it must be quick and must not call
// back into the service; [Recorder] is one that keeps the latest events. Payloads
// are copies or never change, and are the observer's to keep. They hold what
// clients and functions say, tokens and cookies included: show them on this
// machine alone, and never log them.
//
// There are no errors. All methods are safe for concurrent use.
//
// Read next: record.go, then package gateway and package service, which emit.
package observe

import (
	"sync"
	"sync/atomic"
	"time"
)

// Kind is what happened.
type Kind string

// The kinds of events, and which fields they set besides At. User stands where
// Connection does and an authorizer has named one.
const (
	// Connect: a handshake succeeded. API, Connection, Payload (the identity).
	Connect Kind = "connect"
	// Refuse: a handshake was turned down. API, Connection, Status, Detail (what
	// refused it, in words; no credential).
	Refuse Kind = "refuse"
	// Disconnect: a connection ended. API, Connection, Status (the close code),
	// Detail (its reason).
	Disconnect Kind = "disconnect"
	// FrameIn: a text message came from the client. API, Connection, Payload.
	FrameIn Kind = "frame.in"
	// FrameOut: an answer or an error of the gateway's own goes to the client.
	// API, Connection, Payload, Error when it could not.
	FrameOut Kind = "frame.out"
	// Push: @connections was called. API, Connection, Route (POST, GET or DELETE),
	// Status (its answer), Took, Payload of a POST.
	Push Kind = "push"
	// InvokeStart: a function is called. Function, RequestID, Payload (the whole
	// event), and when the gateway calls, API, Connection and Route.
	InvokeStart Kind = "invoke.start"
	// InvokeEnd: it has returned. As InvokeStart, with Took, Payload (its result)
	// and Error.
	InvokeEnd Kind = "invoke.end"
	// Fault: one was planted. Detail says which; API and Connection or Function.
	Fault Kind = "fault"
)

// Event is one thing that happened. Read only.
type Event struct {
	// Seq counts the events that a Recorder was told, from 1; only a Recorder sets it.
	Seq        uint64        `json:"seq"`
	Kind       Kind          `json:"kind"`
	At         time.Time     `json:"at"`
	API        string        `json:"api,omitempty"` // id and stage: "k7demo9x2a/live"
	Connection string        `json:"connection,omitempty"`
	User       string        `json:"user,omitempty"` // principalId of the authorizer's answer
	Route      string        `json:"route,omitempty"`
	Function   string        `json:"function,omitempty"`
	RequestID  string        `json:"request,omitempty"` // the same at an invocation's start and end
	Status     int           `json:"status,omitempty"`
	Detail     string        `json:"detail,omitempty"`
	Error      string        `json:"error,omitempty"`
	Took       time.Duration `json:"took,omitempty"` // ns
	Size       int           `json:"size"`           // of Payload, in bytes
	Payload    []byte        `json:"-"`              // see Recorder.Payload
}

// Observer is told of events. See the package's promises for what it may do.
type Observer interface {
	Observe(e *Event)
}

// Func is a function as an Observer.
type Func func(e *Event)

// Observe calls f.
func (f Func) Observe(e *Event) { f(e) }

// Hub hands events to observers. The zero value is ready.
type Hub struct {
	mu        sync.Mutex // of changes to observers
	observers atomic.Pointer[[]*subscription]
}

type subscription struct{ Observer }

// On reports whether anybody listens.
func (h *Hub) On() bool { return h != nil && h.observers.Load() != nil }

// Subscribe adds an observer until cancel is called. An event that is on its
// way then may still come.
func (h *Hub) Subscribe(o Observer) (cancel func()) {
	s := &subscription{o}
	h.change(func(now []*subscription) []*subscription { return append(now, s) })
	return func() {
		h.change(func(now []*subscription) []*subscription {
			left := now[:0]
			for _, other := range now {
				if other != s {
					left = append(left, other)
				}
			}
			return left
		})
	}
}

func (h *Hub) change(f func([]*subscription) []*subscription) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var now []*subscription
	if old := h.observers.Load(); old != nil {
		now = append(now, *old...)
	}
	now = f(now)
	if len(now) == 0 {
		h.observers.Store(nil)
		return
	}
	h.observers.Store(&now)
}

// Emit tells all observers. It fills in Size and, where it is zero, At.
func (h *Hub) Emit(e Event) {
	if h == nil {
		return
	}
	observers := h.observers.Load()
	if observers == nil {
		return
	}
	if e.At.IsZero() {
		e.At = time.Now()
	}
	e.Size = len(e.Payload)
	for _, o := range *observers {
		o.Observe(&e)
	}
}

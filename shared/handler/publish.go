package handler

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"bellhop/shared/fault"
	"bellhop/shared/inbox"
	"bellhop/shared/notification"
	"bellhop/shared/protocol"
	"bellhop/shared/push"
)

// Limits of a publish.
const (
	MaxRequests = 100  // in one call
	MaxUsers    = 1000 // of one request
	atOnce      = 32   // users worked on at a time
)

// Outcome says what became of a notification for one user.
type Outcome string

// The outcomes.
const (
	Live    Outcome = "live"    // at least one device took it
	Stored  Outcome = "stored"  // it is in the log, and no device took it
	Dropped Outcome = "dropped" // it was not to be stored, and no device took it
	Failed  Outcome = "failed"  // Error says why
)

// Result is the answer for one user.
type Result struct {
	User      string          `json:"user"`
	Outcome   Outcome         `json:"outcome"`
	Reached   int             `json:"reached"` // devices that took it
	ID        string          `json:"id"`      // of the event
	Epoch     string          `json:"epoch,omitempty"`
	Offset    int64           `json:"offset,omitempty"`
	Duplicate bool            `json:"duplicate"` // an earlier call had stored it
	Error     *protocol.Error `json:"error,omitempty"`
}

// Answer is the answer to one request: results in the order of its users, or
// an error if it was wrong in form, and then nothing was done.
type Answer struct {
	Results []Result        `json:"results,omitempty"`
	Error   *protocol.Error `json:"error,omitempty"`
}

// Answers answer {"requests": […]}, in the same order.
type Answers struct {
	Answers []Answer `json:"answers"`
}

// Publish brings notifications to users: first into their logs, then to their
// devices.
type Publish struct {
	Inbox   *inbox.Log
	Devices *push.Devices
	Logger  *slog.Logger
	Now     func() time.Time
	NewID   func() string
}

// Handle takes one request and gives an [Answer], or up to 100 requests and
// gives [Answers].
func (h *Publish) Handle(ctx context.Context, payload json.RawMessage) (any, error) {
	var faults fault.Faults
	o := fault.Parse(payload, &faults)
	if !o.Has("requests") {
		return h.all(ctx, []json.RawMessage{json.RawMessage(payload)})[0], nil
	}
	requests := o.Array("requests", MaxRequests)
	if err := protocol.Invalid(faults); err != nil {
		return Answer{Error: err}, nil
	}
	return Answers{Answers: h.all(ctx, requests)}, nil
}

// request is one request that is right in form.
type request struct {
	users        []string
	notification notification.Notification
	store        bool
}

func (h *Publish) read(raw json.RawMessage) (request, *protocol.Error) {
	var faults fault.Faults
	o := fault.Parse(raw, &faults)
	if len(faults) > 0 {
		return request{}, protocol.Invalid(faults)
	}
	if op := o.String("op", 64); op != "" && op != "publish" {
		return request{}, protocol.NewError(protocol.UnknownType, "no operation of this name is known here")
	}
	for _, name := range []string{"groups", "everyone"} { // else the caller would think that they were told
		if o.Has(name) {
			o.Fault(name, fault.Unsupported)
		}
	}
	r := request{users: users(o), store: o.Bool("store", true)}
	if o.Has("notification") {
		r.notification = notification.Read(o.Object("notification"), notification.Defaults{Now: h.Now(), NewID: h.NewID})
	} else {
		o.Fault("notification", fault.Required)
	}
	return r, protocol.Invalid(faults)
}

// users reads the field users: 1 to 1,000 names, each once.
func users(o fault.Object) []string {
	o.Require("users")
	names := o.Strings("users", MaxUsers, MaxUser)
	if o.Has("users") && names != nil && len(names) == 0 {
		o.Fault("users", fault.Required)
	}
	seen := make(map[string]bool, len(names))
	unique := names[:0]
	for i, name := range names {
		checkName(o, fmt.Sprintf("users[%d]", i), name)
		if !seen[name] {
			seen[name] = true
			unique = append(unique, name)
		}
	}
	return unique
}

// all reads the requests and works on one user after the other, several at a
// time, with all of the call's notifications for a user together.
func (h *Publish) all(ctx context.Context, raws []json.RawMessage) []Answer {
	answers := make([]Answer, len(raws))
	var work deliveries
	for i, raw := range raws {
		r, err := h.read(raw)
		if err != nil {
			answers[i].Error = err
			continue
		}
		answers[i].Results = make([]Result, len(r.users))
		work.add(r, answers[i].Results)
	}
	h.deliverAll(ctx, work.users)
	return answers
}

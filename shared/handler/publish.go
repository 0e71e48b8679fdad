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

	MaxTTL = 3650 * 24 * time.Hour // of ttl
)

// Outcome says what became of a notification for one user.
type Outcome string

// The outcomes.
const (
	Live    Outcome = "live"    // at least one device took it
	Stored  Outcome = "stored"  // it is in the log, and no device took it
	Dropped Outcome = "dropped" // it was not to be stored, and no device took it
	Failed  Outcome = "failed"  // Error says why

	Withdrawn Outcome = "withdrawn" // it was taken back
	Absent    Outcome = "absent"    // there is nothing to take back (any more)
)

// Result is the answer for one user.
type Result struct {
	User      string          `json:"user"`
	Outcome   Outcome         `json:"outcome"`
	Reached   int             `json:"reached"`      // devices that took it
	ID        string          `json:"id,omitempty"` // of the event; none if it was named by its collapse key
	Epoch     string          `json:"epoch,omitempty"`
	Offset    int64           `json:"offset,omitempty"`
	Duplicate bool            `json:"duplicate"` // an earlier call had stored it, or taken it back
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
// devices. It takes them back in the same way.
type Publish struct {
	Inbox   *inbox.Log
	Devices *push.Devices
	Logger  *slog.Logger
	Now     func() time.Time
	NewID   func() string
}

// Handle takes one request and gives an [Answer], or up to 100 requests and
// gives [Answers]. A request is {"users", "notification", "store"?, "ttl"?} (ttl
// in seconds: an expirytime that long from now), or {"op": "withdraw", "users",
// "source", "id" | "collapsekey"}. Those for the same user take effect in their
// order.
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

// request is one request that is right in form: a notification, or the recall
// of one.
type request struct {
	users        []string
	notification notification.Notification
	store        bool
	recall       *inbox.Recall
}

func (h *Publish) read(raw json.RawMessage) (request, *protocol.Error) {
	var faults fault.Faults
	o := fault.Parse(raw, &faults)
	if len(faults) > 0 {
		return request{}, protocol.Invalid(faults)
	}
	for _, name := range []string{"groups", "everyone"} { // else the caller would think that they were told
		if o.Has(name) {
			o.Fault(name, fault.Unsupported)
		}
	}
	r := request{users: users(o)}
	switch o.String("op", 64) {
	case "", "publish":
		h.readNotification(o, &r)
	case "withdraw":
		r.recall = readRecall(o)
	default:
		return request{}, protocol.NewError(protocol.UnknownType, "no operation of this name is known here")
	}
	return r, protocol.Invalid(faults)
}

func (h *Publish) readNotification(o fault.Object, r *request) {
	r.store = o.Bool("store", true)
	d := notification.Defaults{Now: h.Now(), NewID: h.NewID, TTL: seconds(o, "ttl", MaxTTL)}
	if !o.Has("notification") {
		o.Fault("notification", fault.Required)
		return
	}
	n := o.Object("notification")
	if d.TTL > 0 && n.Has("expirytime") {
		o.Fault("ttl", fault.Exclusive)
	}
	r.notification = notification.Read(n, d)
}

// seconds reads a field that is a number of seconds, from 1 up to a limit; 0
// stands for absent.
func seconds(o fault.Object, name string, limit time.Duration) time.Duration {
	before := o.Faults()
	n := o.Positive(name)
	if o.Faults() == before && n > int64(limit/time.Second) {
		o.FaultLimit(name, fault.Max, int64(limit/time.Second))
		return 0
	}
	return time.Duration(n) * time.Second
}

// readRecall reads source, and one of id and collapsekey.
func readRecall(o fault.Object) *inbox.Recall {
	o.Require("source")
	r := &inbox.Recall{
		Source:      o.String("source", notification.MaxText),
		ID:          o.String("id", notification.MaxID),
		CollapseKey: o.String("collapsekey", notification.MaxCollapse),
	}
	switch {
	case o.Has("id") && o.Has("collapsekey"):
		o.Fault("collapsekey", fault.Exclusive)
	case r.ID == "" && r.CollapseKey == "" && !o.Has("collapsekey"):
		o.Fault("id", fault.Required)
	case r.ID == "" && r.CollapseKey == "":
		o.Fault("collapsekey", fault.Required)
	}
	return r
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
		work.add(&r, answers[i].Results)
	}
	h.deliverAll(ctx, work.users)
	return answers
}

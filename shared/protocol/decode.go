package protocol

import (
	"encoding/json"
	"errors"
	"fmt"

	"bellhop/shared/fault"
)

// ClientFrame is a frame that a client sends: *Hello, *Mark, *List, *Ack or
// *Ping.
type ClientFrame any

// DecodeClient reads a frame of a client. The error is a *[Error] with every
// fault of the frame; id is the frame's own id as far as it could be read, so
// that the answer can name it.
func DecodeClient(data []byte) (frame ClientFrame, id string, err error) {
	if len(data) > MaxFrame {
		return nil, "", NewError(TooLarge, fmt.Sprintf("a frame has at most %d bytes", MaxFrame))
	}
	var faults fault.Faults
	o := fault.Parse(data, &faults)
	if len(faults) > 0 {
		return nil, "", Invalid(faults)
	}
	id = o.String("id", MaxID)
	o.Require("type")
	frame, known := readClient(o, o.String("type", MaxID), id)
	if e := Invalid(faults); e != nil {
		return nil, id, e
	}
	if !known {
		return nil, id, NewError(UnknownType, "no frame of this type is known here")
	}
	return frame, id, nil
}

func readClient(o fault.Object, kind, id string) (frame ClientFrame, known bool) {
	switch kind {
	case TypeHello:
		return readHello(o, id), true
	case TypeMark:
		return readMark(o, id), true
	case TypeList:
		return readList(o, id), true
	case TypeAck:
		if !o.Has("offset") {
			o.Fault("offset", fault.Required)
		}
		return &Ack{Offset: o.Integer("offset")}, true
	case TypePing:
		return &Ping{}, true
	}
	return nil, false
}

func readHello(o fault.Object, id string) *Hello {
	o.Require("id")
	h := &Hello{ID: id, Epoch: o.String("epoch", MaxEpoch), Offset: o.Integer("offset")}
	if h.Epoch != "" && !o.Has("offset") {
		o.Fault("offset", fault.Required)
	}
	return h
}

func readMark(o fault.Object, id string) *Mark {
	o.Require("id")
	return ReadMark(o, id)
}

// ReadMark reads the fields state, items and through, which stand alike in a
// frame and in the HTTP request.
func ReadMark(o fault.Object, id string) *Mark {
	o.Require("state")
	m := &Mark{
		ID:      id,
		State:   State(o.Word("state", string(Seen), string(Read), string(Unread), string(Archived))),
		Items:   o.Positives("items", MaxMarks),
		Through: o.Positive("through"),
	}
	switch {
	case o.Has("items") && o.Has("through"):
		o.Fault("through", fault.Exclusive)
	case o.Has("through") && m.State == Unread:
		o.Fault("through", fault.Unsupported)
	case o.Has("through"):
	case !o.Has("items"), m.Items != nil && len(m.Items) == 0:
		o.Fault("items", fault.Required)
	}
	return m
}

func readList(o fault.Object, id string) *List {
	o.Require("id")
	return ReadList(o, id)
}

// ReadList reads the fields before, limit and filter; a filter that is absent or
// null takes everything but what is archived.
func ReadList(o fault.Object, id string) *List {
	l := &List{ID: id, Before: o.Integer("before"), Limit: int(o.Integer("limit"))}
	if l.Limit > MaxList {
		o.FaultLimit("limit", fault.Max, MaxList)
	}
	if o.Has("filter") {
		f := o.Object("filter")
		l.Filter = Filter{Unread: f.Bool("unread", false), Archived: f.Bool("archived", false), Type: f.String("type", MaxType)}
	}
	return l
}

// ServerFrame is a frame that the service sends, in its form for a reader:
// *Welcome, *Marked, *Page, *Notification, *StateChange, *Withdrawn,
// *Disconnect, *ErrorFrame or *Pong.
type ServerFrame any

// DecodeServer reads a frame of the service, as a client does. A frame of an
// unknown type, such as the gateway's own {"message", "connectionId",
// "requestId"}, is (nil, nil): a client passes over it.
func DecodeServer(data []byte) (ServerFrame, error) {
	var head struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, fmt.Errorf("decode frame: %w", err)
	}
	frame := newServerFrame(head.Type)
	if frame == nil {
		return nil, nil
	}
	if err := json.Unmarshal(data, frame); err != nil {
		return nil, fmt.Errorf("decode %s frame: %w", head.Type, err)
	}
	return frame, nil
}

var errNoEvent = errors.New("it has no event")

func newServerFrame(kind string) ServerFrame {
	switch kind {
	case TypeWelcome:
		return &Welcome{}
	case TypeMarked:
		return &Marked{}
	case TypePage:
		return &Page{}
	case TypeNotification:
		return &Notification{}
	case TypeState:
		return &StateChange{}
	case TypeWithdrawn:
		return &Withdrawn{}
	case TypeDisconnect:
		return &Disconnect{}
	case TypeError:
		return &ErrorFrame{}
	case TypePong:
		return &Pong{}
	}
	return nil
}

// UnmarshalJSON reads the counts from beside the other fields; they are nil
// when the frame has none.
func (n *Notification) UnmarshalJSON(data []byte) error {
	type plain Notification
	var with struct {
		*plain
		Unread *int `json:"unread"`
		Unseen *int `json:"unseen"`
	}
	with.plain = (*plain)(n)
	if err := json.Unmarshal(data, &with); err != nil {
		return err
	}
	if len(n.Event) == 0 || n.Event[0] != '{' {
		return errNoEvent
	}
	if with.Unread != nil && with.Unseen != nil {
		n.Counts = &Counts{Unread: *with.Unread, Unseen: *with.Unseen}
	}
	return nil
}

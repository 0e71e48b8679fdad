package protocol

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// Encode writes a frame as JSON with its type first. It takes pointers to the
// frames of this package and panics on anything else, which is a mistake of
// the program. Events are taken to be valid JSON. The result is the caller's.
func Encode(frame any) []byte {
	switch f := frame.(type) {
	case *Notification:
		return encodeNotification(f)
	case *Welcome:
		bare := *f
		bare.Items = []Item{}
		return withItems(encode(&bare), f.Items)
	case *Page:
		bare := *f
		bare.Items = []Item{}
		return withItems(encode(&bare), f.Items)
	}
	return encode(frame)
}

func encode(frame any) []byte {
	var b bytes.Buffer
	b.WriteString(`{"type":"` + typeOf(frame) + `"`)
	head := b.Len()
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // so that a string takes no more room than it needs
	if err := enc.Encode(frame); err != nil {
		panic(fmt.Sprintf("protocol: encode %T: %v", frame, err))
	}
	encoded := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	if len(encoded) == head+len("{}") {
		return append(encoded[:head], '}')
	}
	encoded[head] = ',' // the fields go on where the type stands
	return encoded
}

// withItems puts the items into the frame's empty array: the encoder would read
// every event again. No string of the frame looks like the array, since a
// quotation mark within a string is escaped.
func withItems(frame []byte, items []Item) []byte {
	if len(items) == 0 {
		return frame
	}
	array := []byte(`"items":[]`)
	at := bytes.Index(frame, array) + len(array) - 1
	size := len(frame) + 128*len(items)
	for _, item := range items {
		size += len(item.Event)
	}
	b := append(make([]byte, 0, size), frame[:at]...)
	for i, item := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendItem(b, item)
	}
	return append(b, frame[at:]...)
}

func appendItem(b []byte, item Item) []byte {
	b = strconv.AppendInt(append(b, `{"offset":`...), item.Offset, 10)
	if len(item.Event) > 0 {
		b = append(append(b, `,"event":`...), item.Event...)
	}
	b = strconv.AppendBool(append(b, `,"read":`...), item.Read)
	b = strconv.AppendBool(append(b, `,"seen":`...), item.Seen)
	b = strconv.AppendBool(append(b, `,"archived":`...), item.Archived)
	if item.Withdrawn {
		b = append(b, `,"withdrawn":true`...)
	}
	if item.UnreadSince != 0 {
		b = strconv.AppendInt(append(b, `,"unread_since":`...), item.UnreadSince, 10)
	}
	return append(b, '}')
}

// encodeNotification appends by hand: this frame is made for every publish,
// and its event is JSON already.
func encodeNotification(n *Notification) []byte {
	b := append(make([]byte, 0, len(n.Event)+160), `{"type":"notification",`...)
	if n.Epoch != "" {
		b = appendEpoch(append(b, `"epoch":`...), n.Epoch)
		b = append(strconv.AppendInt(append(b, `,"offset":`...), n.Offset, 10), ',')
	}
	b = append(append(b, `"event":`...), n.Event...)
	if n.Counts != nil {
		b = strconv.AppendInt(append(b, `,"unread":`...), int64(n.Counts.Unread), 10)
		b = strconv.AppendInt(append(b, `,"unseen":`...), int64(n.Counts.Unseen), 10)
	}
	return append(b, '}')
}

// appendEpoch knows that epochs of this service are letters and digits, and
// leaves any other to the encoder.
func appendEpoch(b []byte, epoch string) []byte {
	for i := range len(epoch) {
		c := epoch[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			quoted, _ := json.Marshal(epoch) // a string always encodes
			return append(b, quoted...)
		}
	}
	return append(append(append(b, '"'), epoch...), '"')
}

// MarshalJSON writes the offset beside an epoch, and only there.
func (h Hello) MarshalJSON() ([]byte, error) {
	var out struct {
		ID     string `json:"id"`
		Epoch  string `json:"epoch,omitempty"`
		Offset *int64 `json:"offset,omitempty"`
	}
	out.ID, out.Epoch = h.ID, h.Epoch
	if h.Epoch != "" {
		out.Offset = &h.Offset
	}
	return json.Marshal(out)
}

func typeOf(frame any) string {
	switch frame.(type) {
	case *Hello:
		return TypeHello
	case *Welcome:
		return TypeWelcome
	case *Mark:
		return TypeMark
	case *Marked:
		return TypeMarked
	case *List:
		return TypeList
	case *Page:
		return TypePage
	case *Ack:
		return TypeAck
	case *Ping:
		return TypePing
	case *Pong:
		return TypePong
	case *StateChange:
		return TypeState
	case *Withdrawn:
		return TypeWithdrawn
	case *Disconnect:
		return TypeDisconnect
	case *ErrorFrame:
		return TypeError
	}
	panic(fmt.Sprintf("protocol: %T is no frame", frame))
}

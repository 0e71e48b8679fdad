package protocol

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// Encode writes a frame as JSON with its type first. It takes pointers to the
// frames of this package and panics on anything else, which is a mistake of
// the program. The result is the caller's.
func Encode(frame any) []byte {
	if n, ok := frame.(*Notification); ok {
		return encodeNotification(n)
	}
	body, err := json.Marshal(frame)
	if err != nil {
		panic(fmt.Sprintf("protocol: encode %T: %v", frame, err))
	}
	head := append(make([]byte, 0, len(body)+32), `{"type":"`...)
	head = append(head, typeOf(frame)...)
	head = append(head, '"')
	if len(body) > 2 {
		head = append(head, ',')
	}
	return append(head, body[1:]...)
}

// encodeNotification appends by hand: this frame is made for every publish,
// and its event is JSON already.
func encodeNotification(n *Notification) []byte {
	b := append(make([]byte, 0, len(n.Event)+160), `{"type":"notification",`...)
	if n.Epoch != "" {
		b = append(append(append(b, `"epoch":"`...), n.Epoch...), `","offset":`...)
		b = append(strconv.AppendInt(b, n.Offset, 10), ',')
	}
	b = append(append(b, `"event":`...), n.Event...)
	if n.Counts != nil {
		b = strconv.AppendInt(append(b, `,"unread":`...), int64(n.Counts.Unread), 10)
		b = strconv.AppendInt(append(b, `,"unseen":`...), int64(n.Counts.Unseen), 10)
	}
	return append(b, '}')
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

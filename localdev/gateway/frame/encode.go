package frame

import (
	"github.com/gobwas/ws"
)

// AppendText appends payload to dst as one text message: one frame, or for a
// longer payload fragments of at most limit bytes each (RFC 6455 §5.4). The
// frames are not masked, as a server's are, and not compressed: RFC 7692 §6
// leaves that to the sender of each message.
func AppendText(dst, payload []byte, limit int) []byte {
	op := ws.OpText
	for len(payload) > limit {
		dst = appendFrame(dst, ws.Header{OpCode: op, Length: int64(limit)}, payload[:limit])
		payload = payload[limit:]
		op = ws.OpContinuation
	}
	return appendFrame(dst, ws.Header{Fin: true, OpCode: op, Length: int64(len(payload))}, payload)
}

// AppendPong appends the pong that answers a ping with this payload.
func AppendPong(dst, payload []byte) []byte {
	return appendFrame(dst, ws.Header{Fin: true, OpCode: ws.OpPong, Length: int64(len(payload))}, payload)
}

// AppendClose appends a close frame. Code 1005 makes one without a payload; a
// reason over 123 bytes is cut.
func AppendClose(dst []byte, code ws.StatusCode, reason string) []byte {
	var payload []byte
	if code != ws.StatusNoStatusRcvd {
		payload = ws.NewCloseFrameBody(code, reason)
	}
	return appendFrame(dst, ws.Header{Fin: true, OpCode: ws.OpClose, Length: int64(len(payload))}, payload)
}

// Overhead is the most bytes that AppendText adds to a payload of n bytes.
func Overhead(n, limit int) int { return (n/limit + 1) * ws.MaxHeaderSize }

func appendFrame(dst []byte, h ws.Header, payload []byte) []byte {
	return append(AppendHeader(dst, h), payload...)
}

// AppendHeader appends the wire form of h.
func AppendHeader(dst []byte, h ws.Header) []byte {
	b0 := h.Rsv<<4 | byte(h.OpCode)
	if h.Fin {
		b0 |= 0x80
	}
	switch n := h.Length; {
	case n <= 125:
		return append(dst, b0, byte(n))
	case n <= 0xffff:
		return append(dst, b0, 126, byte(n>>8), byte(n))
	default:
		return append(dst, b0, 127, byte(n>>56), byte(n>>48), byte(n>>40), byte(n>>32),
			byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
}

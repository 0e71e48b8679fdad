// Package protocol is the wire protocol bellhop.v1: JSON text frames over a
// WebSocket, each with a type that selects its route.
//
// PROTOCOL.md beside this file is the truth: per frame its direction, shape,
// when it is allowed and its errors, then dialogues. The frames in
// testdata/frames are examples of every type that implementations in any
// language can read.
//
// Promises: a decoder names every fault of a frame, tolerates unknown fields
// and never panics; an encoder never emits a field that PROTOCOL.md lacks.
// All functions are safe for concurrent use. Read frames.go next, then
// decode.go.
package protocol

// Limits of the protocol. The gateway closes a connection with 1009 when a
// frame from the client is larger than MaxFrame (Amazon API Gateway, quotas for
// WebSocket APIs: 32 KB a frame).
const (
	Subprotocol = "bellhop.v1" // Sec-WebSocket-Protocol, RFC 6455 §1.9

	// BearerSubprotocol is the prefix of the second subprotocol that a client
	// without a cookie offers: its token in base64url follows.
	BearerSubprotocol = "bellhop.bearer."

	MaxFrame = 32 << 10 // bytes of one frame, in either direction
	MaxEvent = 31 << 10 // bytes of one CloudEvent, so that every frame that carries it fits
	MaxID    = 64       // bytes of a frame's id
	MaxEpoch = 64       // bytes of an epoch
	MaxType  = 256      // bytes of an event's type, in a list's filter as in a notification
	MaxMarks = 50       // items that one mark may name
	MaxList  = 100      // items that one list may ask for
	MaxCount = 100      // unread and unseen are counted up to this: 100 means 100 or more
)

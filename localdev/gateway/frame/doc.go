// Package frame turns the bytes of a WebSocket client into messages, and
// messages into the bytes of frames (RFC 6455 §5, RFC 7692).
//
// A [Decoder] is fed whatever bytes have arrived and keeps what belongs to an
// unfinished frame, so nobody waits in a read for the rest of one. It enforces
// what Amazon API Gateway enforces: at most 32 KiB a frame and 128 KiB a
// message, text only. Memory grows with the bytes that arrived, not with the
// length that a header promises, and inflating stops at the message limit.
//
// A breach is a *[CloseError] with the status code that the peer must get:
// 1002 protocol error, 1003 binary data, 1007 not UTF-8 or not deflate data,
// 1009 too big.
package frame

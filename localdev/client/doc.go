// Package client speaks bellhop.v1 from Go: for tests, scenarios and load.
//
// A [Client] is one connection. [Dial] opens it and says hello from a position
// in the user's log; [Client.Next] then gives every change after it.
//
// # Promises
//
// Stored notifications come exactly once, in the order of their offsets, over
// any number of connections: end one at any moment, take Position, which is
// right behind the last change that Next gave, and dial again from there.
// Repeats are dropped. What lies beyond a gap waits until hello has closed it.
// Where the service cannot replay (recovered is false) but the log is the same,
// the client reads what is new page by page, so that nothing is missed; where
// the log has another life, it gives a [Change] that says so (Reset).
//
// Archived items are not in those pages: the user has dealt with them already.
// Live-only notifications have no place in the log and come at most once.
//
// # Limits
//
// A message has at most 128 KiB. Up to 1,000 changes wait beyond a gap; later
// ones are asked for again. Changes that Next has not taken yet are kept
// without a bound.
//
// # Errors
//
// [Refused] is a handshake that was answered with a status other than 101;
// [ErrClosed] the end by Close or Abort; any other end wraps the WebSocket's
// error (websocket.CloseStatus finds its code). *protocol.Error is what the
// service said to a request.
//
// Read next: client.go, then reader.go and sequence.go.
package client

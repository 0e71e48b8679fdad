// Package handler is what the functions do: one file per function, each
// handler a struct whose fields are its whole world.
//
// A handler names as small interfaces the only store methods that it may call:
// that list is also its grant in template.yaml. Handlers hold no state between
// calls and are safe for concurrent use. A mistake of the caller is an answer,
// not an error: Lambda would run the same request again. An error returned is
// a passing fault.
//
// # Where things are
//
//   - A client's socket: authorize.go, connect.go, message.go with hello.go and
//     mark.go, disconnect.go. What they are given is in event.go, who speaks in
//     peer.go; what a user may ask for in throttle.go and room.go.
//   - A backend's calls: publish.go, which deliver.go does for each user, and
//     sessions.go with renew.go and foreign.go.
//   - A page's HTTP requests: inbox.go, notifications.go; its errors in problem.go.
//   - The schedule and the stream of deleted sessions: sweep.go.
//   - What all share: deps.go, errors.go, user.go.
//
// The tests hold the frames of many devices against a plain model
// (model_test.go and model_*_test.go), and hello against publish and mark in every
// order (order_test.go).
//
// Read next: authorize.go, connect.go, message.go, hello.go, publish.go; the
// frames are in package protocol.
package handler

// Package push brings frames to connections.
//
// [Engine] sends one list of frames to many connections at once: bounded,
// with retries of passing faults inside the deadline, a result per connection.
// [Devices] is a user's connections: it sends to those that are ready and
// removes the rows of those that are gone.
//
// # Promises
//
// Frames for one connection go in their order, and none after one that failed.
// A connection that takes no frame does not hold up the others for longer than
// the deadline. Everything is at most once here: what must not be lost is in
// the log.
//
// Read next: gateway.go, engine.go, devices.go.
package push

// Package handler is what the functions do: one file per function, each
// handler a struct whose fields are its whole world.
//
// A handler names as small interfaces the only store methods that it may call:
// that list is also its grant in template.yaml. Handlers hold no state between
// calls and are safe for concurrent use. A mistake of the caller is an answer,
// not an error: Lambda would run the same request again. An error returned is
// a passing fault.
//
// Read next: authorize.go, connect.go, message.go, hello.go, publish.go; the
// frames are in package protocol.
package handler

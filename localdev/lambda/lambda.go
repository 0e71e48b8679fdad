package lambda

import (
	"context"
	"errors"
)

// Invoker runs a function by name: its logical id, FunctionName or ARN, with or
// without a qualifier. Implementations are safe for concurrent use.
type Invoker interface {
	// Invoke sends payload, a JSON document or nothing, and returns the
	// function's result, a JSON document.
	//
	// The caller does not modify payload after the call, not even once Invoke
	// has returned: a function that timed out may still be reading it. The
	// result belongs to the caller; its backing array is shared with nobody.
	//
	// Errors, to be found with errors.As and errors.Is: a *FunctionError is an
	// invocation that reached the function and failed there (its handler
	// returned an error, panicked, timed out, crashed); ErrNotFound a name that
	// nobody answers to; ErrThrottled no concurrency left. When ctx ends first,
	// the error wraps ctx.Err().
	Invoke(ctx context.Context, function string, payload []byte) ([]byte, error)
}

// FunctionError is an invocation that failed inside the function. A caller of
// the Invoke API sees it as status 200 with X-Amz-Function-Error: Unhandled.
type FunctionError struct {
	// Type is the errorType that the runtime reports: for a Go handler the name
	// of the error's or the panic value's type ("errorString"), and
	// "Sandbox.Timedout" after a time-out.
	Type string
	// Message is the errorMessage that the runtime reports.
	Message string
	// Payload is the JSON document that a caller of the Invoke API receives:
	// {"errorMessage":…,"errorType":…} and, after a panic, "stackTrace".
	// Read only.
	Payload []byte
}

// Error tells the type and the message, not the payload.
func (e *FunctionError) Error() string {
	return "function error " + e.Type + ": " + e.Message
}

// ErrNotFound says that no function answers to the name.
var ErrNotFound = errors.New("function not found")

// ErrThrottled says that the function has no concurrency left.
var ErrThrottled = errors.New("function throttled")

package lambda

import (
	"encoding/json"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"
)

// Error types that the service itself reports.
const (
	typeTimedOut      = "Sandbox.Timedout"
	typeExit          = "Runtime.ExitError"
	typeEntrypoint    = "Runtime.InvalidEntrypoint"
	typeTooLarge      = "Function.ResponseSizeTooLarge"
	typeSerialization = "Runtime.SerializationError"
)

// handlerError is the failure of a handler that returned err: typed by the
// error's Go type, or passed on when the handler made the response itself.
func handlerError(err error) *FunctionError {
	if own, ok := err.(messages.InvokeResponse_Error); ok { // not errors.As: the runtime looks no deeper
		return functionError(own)
	}
	return functionError(messages.InvokeResponse_Error{Message: err.Error(), Type: typeName(err)})
}

// panicError is the failure of a handler that panicked with value. It must be
// called by the deferred function itself, which is where the stack trace starts.
func panicError(value any) *FunctionError {
	if own, ok := value.(messages.InvokeResponse_Error); ok {
		return functionError(own)
	}
	return functionError(messages.InvokeResponse_Error{
		Message:    fmt.Sprint(value),
		Type:       typeName(value),
		StackTrace: stackTrace(),
	})
}

// TimeoutError is the failure of an invocation that ran longer than timeout,
// and was ended at the time given.
func TimeoutError(requestID string, at time.Time, timeout time.Duration) *FunctionError {
	return functionError(messages.InvokeResponse_Error{
		Message: fmt.Sprintf("%s %s Task timed out after %.2f seconds",
			at.UTC().Format("2006-01-02T15:04:05.000Z"), requestID, timeout.Seconds()),
		Type: typeTimedOut,
	})
}

// ExitError is the failure of an invocation whose process ended under it, with
// the reason, such as "exit status 1"; empty for a process that reported success.
func ExitError(requestID, reason string) *FunctionError {
	how := "without providing a reason"
	if reason != "" {
		how = "with error: " + reason
	}
	return functionError(messages.InvokeResponse_Error{
		Message: "RequestId: " + requestID + " Error: Runtime exited " + how,
		Type:    typeExit,
	})
}

// EntrypointError is the failure of an invocation whose process could not be
// started, such as a binary for another processor.
func EntrypointError(requestID string, err error) *FunctionError {
	return functionError(messages.InvokeResponse_Error{
		Message: "RequestId: " + requestID + " Error: " + err.Error(),
		Type:    typeEntrypoint,
	})
}

// TooLargeError is the failure of an invocation whose result is over MaxResult.
func TooLargeError() *FunctionError {
	return functionError(messages.InvokeResponse_Error{
		Message: fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", MaxResult),
		Type:    typeTooLarge,
	})
}

func functionError(e messages.InvokeResponse_Error) *FunctionError {
	payload, err := json.Marshal(e)
	if err != nil { // strings and numbers always marshal
		payload = []byte(`{"errorMessage":"","errorType":"` + typeSerialization + `"}`)
	}
	return &FunctionError{Type: e.Type, Message: e.Message, Payload: payload}
}

// typeName is the name of v's type, or of the type that v points to, without
// its package: the errorType of the Go runtime. Types without a name have "".
func typeName(v any) string {
	t := reflect.TypeOf(v)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Name()
}

// stackDepth is how many frames a reported stack trace has at most.
const stackDepth = 32

// stackTrace describes the stack of the caller's caller upwards.
func stackTrace() []*messages.InvokeResponse_Error_StackFrame {
	pcs := make([]uintptr, stackDepth)
	const hidden = 3 // runtime.Callers, stackTrace, panicError
	frames := runtime.CallersFrames(pcs[:runtime.Callers(hidden, pcs)])
	var out []*messages.InvokeResponse_Error_StackFrame
	for {
		frame, more := frames.Next()
		out = append(out, stackFrame(frame))
		if !more {
			return out
		}
	}
}

// stackFrame shortens a frame as the Go runtime does: the path from the root of
// the import path on, the function without its package.
func stackFrame(f runtime.Frame) *messages.InvokeResponse_Error_StackFrame {
	parts := strings.Split(f.File, "/")
	if keep := strings.Count(f.Function, "/") + 2; keep < len(parts) {
		parts = parts[len(parts)-keep:]
	}
	label := f.Function[strings.LastIndexByte(f.Function, '/')+1:]
	_, label, _ = strings.Cut(label, ".")
	return &messages.InvokeResponse_Error_StackFrame{
		Path:  strings.Join(parts, "/"),
		Line:  int32(f.Line),
		Label: label,
	}
}

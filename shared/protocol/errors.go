package protocol

import (
	"net/http"

	"bellhop/shared/fault"
)

// Code says what went wrong, for programs. The table below is all of them.
type Code string

// The codes.
const (
	InvalidRequest  Code = "invalid_request"   // wrong in form: Faults say where
	UnknownType     Code = "unknown_type"      // no frame type or operation of this name
	Unauthorized    Code = "unauthorized"      // no session, or one that has ended
	Forbidden       Code = "forbidden"         // not with this credential, or from this origin
	NotFound        Code = "not_found"         // no such item
	Conflict        Code = "conflict"          // the same source and id, with another body
	TooLarge        Code = "too_large"         // over a size limit
	TooManyRequests Code = "too_many_requests" // beyond a limit of the connection or user: slow down
	Internal        Code = "internal"          // a fault of the service
	Unavailable     Code = "unavailable"       // a passing fault of the service: try again
	SessionRevoked  Code = "session_revoked"   // the session was ended
	SessionExpired  Code = "session_expired"   // the session's time is over

	TooManyConnections Code = "too_many_connections" // of one user: the oldest are closed
)

type codeFacts struct {
	status    int  // HTTP
	temporary bool // the same request may succeed later
}

// facts is the one table that maps a code to its HTTP status and to whether a
// client may try again.
func (c Code) facts() codeFacts {
	switch c {
	case InvalidRequest, UnknownType:
		return codeFacts{http.StatusBadRequest, false}
	case Unauthorized, SessionRevoked, SessionExpired:
		return codeFacts{http.StatusUnauthorized, false}
	case Forbidden:
		return codeFacts{http.StatusForbidden, false}
	case NotFound:
		return codeFacts{http.StatusNotFound, false}
	case Conflict:
		return codeFacts{http.StatusConflict, false}
	case TooLarge:
		return codeFacts{http.StatusRequestEntityTooLarge, false}
	case TooManyRequests:
		return codeFacts{http.StatusTooManyRequests, true}
	case TooManyConnections:
		return codeFacts{http.StatusTooManyRequests, false}
	case Unavailable:
		return codeFacts{http.StatusServiceUnavailable, true}
	}
	return codeFacts{http.StatusInternalServerError, true}
}

// Status is the HTTP status that goes with the code.
func (c Code) Status() int { return c.facts().status }

// Error is what a client is told: never more than this of an error's text.
// Temporary says that the same request may succeed later, and not before After
// seconds. It is the same in a frame, in an answer of a function and in a problem
// document.
type Error struct {
	Code      Code         `json:"code"`
	Message   string       `json:"message"`
	Temporary bool         `json:"temporary"`
	After     int          `json:"after,omitempty"`
	Faults    fault.Faults `json:"faults,omitempty"`
}

// Error is the code and the message.
func (e *Error) Error() string { return string(e.Code) + ": " + e.Message }

// NewError is an error of this code with this message.
func NewError(code Code, message string) *Error {
	return &Error{Code: code, Message: message, Temporary: code.facts().temporary}
}

// Invalid is an [InvalidRequest] error that lists the faults in its message,
// too; nil if there are none.
func Invalid(faults fault.Faults) *Error {
	if len(faults) == 0 {
		return nil
	}
	e := NewError(InvalidRequest, faults.Error())
	e.Faults = faults
	return e
}

package push

import (
	"context"
	"errors"
)

// Address is where a connection can be reached.
type Address struct {
	Endpoint   string // URL of the management API of its stage
	Connection string // the gateway's connection id
}

// Gateway sends to connections. Its methods are safe for concurrent use, and
// do not keep data. They make one attempt; [Engine] tries again.
//
// Errors: ErrGone, ErrTooLarge and ErrBusy as errors.Is finds them; any other
// is a passing fault if it wraps ErrUnavailable.
type Gateway interface {
	// Post sends data as one text message.
	Post(ctx context.Context, to Address, data []byte) error
	// Close closes the connection. ErrGone says that it was closed already.
	Close(ctx context.Context, to Address) error
}

// The errors of a Gateway.
var (
	ErrGone        = errors.New("connection is gone")      // 410
	ErrTooLarge    = errors.New("message is too large")    // 413
	ErrBusy        = errors.New("too many messages")       // 429
	ErrUnavailable = errors.New("gateway did not take it") // 5xx, a broken connection, a time-out
)

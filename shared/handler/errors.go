package handler

import (
	"context"
	"errors"
	"log/slog"

	"bellhop/shared/fault"
	"bellhop/shared/inbox"
	"bellhop/shared/protocol"
	"bellhop/shared/session"
)

// clientError is what a client is told of an error: typed ones by their code,
// anything else as a passing fault whose text goes to the log alone.
func clientError(ctx context.Context, logger *slog.Logger, err error) *protocol.Error {
	var known *protocol.Error
	var faults fault.Faults
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &faults):
		return protocol.Invalid(faults)
	case errors.Is(err, inbox.ErrNotFound):
		return protocol.NewError(protocol.NotFound, "no such item")
	case errors.Is(err, inbox.ErrState):
		return protocol.NewError(protocol.Conflict, "an archived item cannot be unread")
	case errors.Is(err, inbox.ErrBodyConflict):
		return protocol.NewError(protocol.Conflict, "the same source and id were published with another body in the last 24 hours")
	case errors.Is(err, session.ErrNotFound):
		return protocol.NewError(protocol.Unauthorized, "the session has ended")
	}
	logger.ErrorContext(ctx, "request failed", "error", err)
	return protocol.NewError(protocol.Unavailable, "the service could not do this now; try again")
}

package handler

import (
	"context"
	"log/slog"
	"time"

	"bellhop/shared/audit"
	"bellhop/shared/limit"
	"bellhop/shared/protocol"
)

// Throttle refuses what goes beyond a user's limits.
type Throttle struct {
	Limiter *limit.Limiter
	Logger  *slog.Logger
}

// admit is nil for a request within the limits; one over HTTP is of no
// connection. Who floods gets a *dismissal.
//
// A store that fails lets everybody in: limits are there to protect the service
// and not to stop it, and what cannot reach the store gets no further anyway.
func (t Throttle) admit(ctx context.Context, user, connection string) error {
	v, err := t.Limiter.Take(ctx, user, connection)
	if err != nil {
		t.Logger.WarnContext(ctx, "limits not applied", "user", user, "connection", connection, "error", err)
		return nil
	}
	if v.Refused == "" {
		return nil
	}
	after := int((v.Wait + time.Second - 1) / time.Second)
	if v.Flood {
		limited(ctx, t.Logger, audit.Flood, user, connection)
		return &dismissal{protocol.Disconnect{
			Code: protocol.TooManyRequests, Reason: "the client goes on sending beyond its limit", Reconnect: protocol.Backoff, After: after,
		}}
	}
	limited(ctx, t.Logger, reasonOf[v.Refused], user, connection)
	refusal := protocol.NewError(protocol.TooManyRequests, "more requests than the limit of the "+string(v.Refused)+" allows; wait and try again")
	refusal.After = after
	return refusal
}

var reasonOf = map[limit.Scope]audit.Reason{limit.PerConnection: audit.ConnectionRate, limit.PerUser: audit.UserRate}

// limited tells of a request that was refused, or a connection that is closed, for
// a limit.
func limited(ctx context.Context, logger *slog.Logger, why audit.Reason, user, connection string) {
	audit.Write(ctx, logger, audit.Limited, audit.Entry{Reason: why, User: user, Connection: connection})
}

// dismissal is the error of a frame after which its connection is closed.
type dismissal struct{ advice protocol.Disconnect }

func (d *dismissal) Error() string { return "connection dismissed: " + string(d.advice.Code) }

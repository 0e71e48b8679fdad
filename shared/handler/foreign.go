package handler

import (
	"context"

	"bellhop/shared/audit"
	"bellhop/shared/connections"
	"bellhop/shared/protocol"
	"bellhop/shared/session"
)

// endForeign ends a user's sessions that have no row, first by the mark, so that
// no handshake passes it, and then by closing their sockets.
func (h *Sessions) endForeign(ctx context.Context, user string) error {
	now := h.Now()
	if err := session.RevokeEveryForeign(ctx, h.Store, user, now); err != nil {
		return err
	}
	closed, err := h.Devices.CloseAll(ctx, user, protocol.Encode(sessionRevoked()), func(c connections.Connection) bool {
		return session.EndedBefore(c.Session, now)
	})
	audit.Write(ctx, h.Logger, audit.Revoked, audit.Entry{Reason: audit.ByUser, User: user, Closed: closed})
	return err
}

// endOneForeign ends one session that has no row, by its public id.
func (h *Sessions) endOneForeign(ctx context.Context, id string) (any, error) {
	s, ok, err := session.RevokeForeign(ctx, h.Store, id, h.Now())
	if err != nil || !ok {
		return Revoked{}, err
	}
	closed, err := h.Devices.CloseAll(ctx, s.User, protocol.Encode(sessionRevoked()), func(c connections.Connection) bool {
		return c.Session == id
	})
	audit.Write(ctx, h.Logger, audit.Revoked, audit.Entry{Reason: audit.BySession, User: s.User, Session: s.ID, Closed: closed})
	return Revoked{Revoked: 1}, err
}

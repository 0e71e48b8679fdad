package handler

import (
	"context"

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
	_, err := h.Devices.CloseAll(ctx, user, protocol.Encode(sessionRevoked()), func(c connections.Connection) bool {
		return session.EndedBefore(c.Session, now)
	})
	return err
}

// endOneForeign ends one session that has no row, by its public id.
func (h *Sessions) endOneForeign(ctx context.Context, id string) (any, error) {
	s, ok, err := session.RevokeForeign(ctx, h.Store, id, h.Now())
	if err != nil || !ok {
		return Revoked{}, err
	}
	_, err = h.Devices.CloseAll(ctx, s.User, protocol.Encode(sessionRevoked()), func(c connections.Connection) bool {
		return c.Session == id
	})
	h.Logger.InfoContext(ctx, "session revoked", "user", s.User, "session", s.ID)
	return Revoked{Revoked: 1}, err
}

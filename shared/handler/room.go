package handler

import (
	"context"

	"bellhop/shared/audit"
	"bellhop/shared/connections"
	"bellhop/shared/protocol"
)

// rows reads the user's connections, if their number is limited. Without an
// answer nobody is closed: the next hello asks again.
func (h *Message) rows(ctx context.Context, user string) []connections.Connection {
	if h.MaxConnections == 0 {
		return nil
	}
	rows, err := h.Connections.OfUser(ctx, user, h.Now())
	if err != nil {
		h.Logger.WarnContext(ctx, "connections not counted", "user", user, "error", err)
	}
	return rows
}

// makeRoom closes the oldest of a user's connections where there are too many. It
// returns the advice if the peer's own is among them. Two that do this at the same
// time close the same ones. One that cannot be closed is left to the next hello.
func (h *Message) makeRoom(ctx context.Context, p peer, rows []connections.Connection) *protocol.Disconnect {
	if h.MaxConnections == 0 || len(rows) <= h.MaxConnections {
		return nil
	}
	surplus, advice := connections.Surplus(rows, h.MaxConnections), tooManyConnections()
	var own *protocol.Disconnect
	for i, err := range h.Devices.Close(ctx, surplus, protocol.Encode(advice)) {
		c := surplus[i]
		if err != nil {
			h.Logger.WarnContext(ctx, "connection not closed", "user", c.User, "connection", c.ID, "error", err)
			continue
		}
		limited(ctx, h.Logger, audit.Connections, c.User, c.ID)
		if c.ID == p.connection {
			own = advice
		}
	}
	return own
}

func tooManyConnections() *protocol.Disconnect {
	return &protocol.Disconnect{
		Code: protocol.TooManyConnections, Reason: "newer connections of the user take its place", Reconnect: protocol.Never,
	}
}

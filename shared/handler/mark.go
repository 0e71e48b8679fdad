package handler

import (
	"context"
	"log/slog"

	"bellhop/shared/inbox"
	"bellhop/shared/protocol"
	"bellhop/shared/push"
)

// marking is a mark of one user, by a device or over HTTP.
type marking struct {
	log     *inbox.Log
	devices *push.Devices
	logger  *slog.Logger
	user    string
	except  string // the connection that asked, if one did
}

// markAndTell marks and tells the user's other devices. A device that cannot
// be told sees a gap at its next frame.
func markAndTell(ctx context.Context, m marking, ask protocol.Mark) (*protocol.Marked, error) {
	done, err := m.log.Mark(ctx, m.user, ask)
	if err != nil {
		return nil, err
	}
	counts, err := m.log.Counts(ctx, m.user, done.Head)
	if err != nil {
		return nil, err
	}
	if done.Changed {
		m.tell(ctx, &protocol.StateChange{
			Epoch: done.Head.Epoch, Offset: done.Head.Offset, State: ask.State, Items: done.Items,
			Through: done.Through, At: done.Head.At.UTC(), Counts: counts,
		})
	}
	return &protocol.Marked{Offset: done.Head.Offset, Changed: done.Changed, Counts: counts}, nil
}

func (m marking) tell(ctx context.Context, change *protocol.StateChange) {
	rows, err := m.devices.Ready(ctx, m.user, m.except)
	if err != nil {
		m.logger.WarnContext(ctx, "other devices not told", "user", m.user, "offset", change.Offset, "error", err)
		return
	}
	m.devices.Send(ctx, rows, protocol.Encode(change))
}

package handler

import (
	"context"
	"errors"
	"time"

	"bellhop/shared/connections"
	"bellhop/shared/push"
	"bellhop/shared/session"
)

// goingOn is what it takes to let connections go on.
type goingOn struct {
	rows interface {
		SetEnds(ctx context.Context, c connections.Connection, ends time.Time) error
	}
	devices *push.Devices
	now     time.Time
}

// goOn writes the session's end into the rows of its connections that have
// another. A failure is mended by the sweep, which reads the session again.
func goOn(ctx context.Context, g goingOn, s session.Session) error {
	rows, err := g.devices.Rows.OfUser(ctx, s.User, g.now)
	if err != nil {
		return err
	}
	var errs []error
	for _, c := range rows {
		if ends := endsOf(c, s.Expires); c.Session == s.ID && !ends.Equal(c.Ends) {
			errs = append(errs, g.rows.SetEnds(ctx, c, ends))
		}
	}
	return errors.Join(errs...)
}

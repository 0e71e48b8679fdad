package handler

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"bellhop/shared/connections"
	"bellhop/shared/session"
)

// endings is what it takes to let connections go on.
type endings interface {
	OfUser(ctx context.Context, user string, now time.Time) ([]connections.Connection, error)
	SetEnds(ctx context.Context, c connections.Connection, ends time.Time) error
}

// goOn writes the session's end into the rows of its connections that have
// another. A failure is mended by the sweep, which reads the session again.
func goOn(ctx context.Context, rows endings, s session.Session, now time.Time) error {
	list, err := rows.OfUser(ctx, s.User, now)
	if err != nil {
		return err
	}
	var errs []error
	for _, c := range list {
		if ends := endsOf(c, s.Expires); c.Session == s.ID && !ends.Equal(c.Ends) {
			errs = append(errs, rows.SetEnds(ctx, c, ends))
		}
	}
	return errors.Join(errs...)
}

// Sliding extends sessions by what their users do, where the operator wants it:
// by a handshake, hello, list, mark and requests of the HTTP API. Ping and ack
// come by themselves, and extend nothing.
type Sliding struct {
	Lifetime    session.Lifetime
	Sessions    session.Extender
	Connections endings
	Logger      *slog.Logger
	Now         func() time.Time
}

// extend gives a session that was read just now as it is after its user did
// something. ErrNotFound says that it was revoked meanwhile. Any other failure is
// no reason to refuse what the user asks for: the session is as good as before,
// and the next request tries again.
func (h *Sliding) extend(ctx context.Context, s session.Session) (session.Session, error) {
	after, moved, err := h.Lifetime.Slide(ctx, h.Sessions, s, h.Now())
	if errors.Is(err, session.ErrNotFound) {
		return s, err
	}
	if err == nil && moved {
		s = after
		err = goOn(ctx, h.Connections, s, h.Now())
	}
	if err != nil {
		h.Logger.WarnContext(ctx, "session not extended", "user", s.User, "session", s.ID, "error", err)
	}
	return s, nil
}

package push

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"bellhop/shared/connections"
)

// Rows is what Devices needs of a connections.Store.
type Rows interface {
	OfUser(ctx context.Context, user string, now time.Time) ([]connections.Connection, error)
	Delete(ctx context.Context, user, id string) error
}

// Devices are the users' connections. It is safe for concurrent use.
type Devices struct {
	Rows   Rows
	Engine *Engine
	Logger *slog.Logger
	Now    func() time.Time
}

// Ready reads the user's connections that are ready, but for the one named, and
// for those whose session has ended.
func (d *Devices) Ready(ctx context.Context, user, except string) ([]connections.Connection, error) {
	rows, err := d.Rows.OfUser(ctx, user, d.Now())
	ready := rows[:0]
	for _, row := range rows {
		if row.Ready && row.ID != except && !row.Over(d.Now()) {
			ready = append(ready, row)
		}
	}
	return ready, err
}

// Sent counts what became of a push.
type Sent struct {
	Reached  int
	TooLarge bool                     // the gateway refused a frame for its size
	Rest     []connections.Connection // worth another frame: neither gone nor out of reach
}

// Send sends the frames to ready connections, and removes the rows of those
// that are gone.
func (d *Devices) Send(ctx context.Context, rows []connections.Connection, frames ...[]byte) Sent {
	if len(frames) == 0 || len(rows) == 0 {
		return Sent{Rest: rows}
	}
	var sent Sent
	for i, err := range d.Engine.Send(ctx, addresses(rows), frames...) {
		switch {
		case err == nil:
			sent.Reached++
			sent.Rest = append(sent.Rest, rows[i])
		case errors.Is(err, ErrGone):
			d.remove(ctx, rows[i])
		case errors.Is(err, ErrTooLarge):
			sent.TooLarge, sent.Rest = true, append(sent.Rest, rows[i])
			d.warn(ctx, rows[i], err)
		default:
			d.warn(ctx, rows[i], err)
		}
	}
	return sent
}

func (d *Devices) warn(ctx context.Context, row connections.Connection, err error) {
	d.Logger.WarnContext(ctx, "push failed", "user", row.User, "connection", row.ID, "error", err)
}

// CloseAll sends the advice to all the user's connections that match, ready or
// not, closes them and removes their rows. It returns how many there were.
func (d *Devices) CloseAll(ctx context.Context, user string, advice []byte, match func(connections.Connection) bool) (int, error) {
	rows, err := d.Rows.OfUser(ctx, user, d.Now())
	if err != nil {
		return 0, err
	}
	chosen := rows[:0]
	for _, row := range rows {
		if match(row) {
			chosen = append(chosen, row)
		}
	}
	return len(chosen), errors.Join(d.Close(ctx, chosen, advice)...)
}

// Close sends the advice to the connections, closes them and removes the rows
// of those that are closed then. It returns an error for each.
func (d *Devices) Close(ctx context.Context, rows []connections.Connection, advice []byte) []error {
	errs := d.Engine.Close(ctx, addresses(rows), advice)
	for i, row := range rows {
		if errs[i] == nil {
			d.remove(ctx, row)
		}
	}
	return errs
}

// remove deletes a row. Failing is no harm: the next push finds it gone again.
func (d *Devices) remove(ctx context.Context, row connections.Connection) {
	if err := d.Rows.Delete(ctx, row.User, row.ID); err != nil {
		d.Logger.WarnContext(ctx, "connection row not deleted", "user", row.User, "connection", row.ID, "error", err)
	}
}

func addresses(rows []connections.Connection) []Address {
	to := make([]Address, len(rows))
	for i, row := range rows {
		to[i] = Address{Endpoint: row.Endpoint, Connection: row.ID}
	}
	return to
}

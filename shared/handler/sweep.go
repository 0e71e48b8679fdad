package handler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"bellhop/shared/audit"
	"bellhop/shared/connections"
	"bellhop/shared/protocol"
	"bellhop/shared/push"
	"bellhop/shared/session"

	"github.com/aws/aws-lambda-go/events"
)

// Limits of a run of the sweep.
const (
	// sweepBack is how far a sweep looks back that finds no mark, or an old one:
	// no connection is older.
	sweepBack = int64((connections.MaxDuration + 5*time.Minute) / time.Minute)
	// sweepAgain is how many minutes are always swept again: rows are written,
	// and the index follows, a little late.
	sweepAgain = 2
	// sweepReserve is how much of the function's time is left when it stops.
	sweepReserve = 5 * time.Second
	// sweepLease is how long a run may take that has no deadline.
	sweepLease = time.Minute
)

// errLate says that a run has no time left; the next one goes on.
var errLate = errors.New("no time left")

// Sweep closes connections whose session has ended. It is called each minute by
// a schedule, and with the records of sessions that were deleted. A schedule may
// call twice: the second of two at once leaves all to the first.
type Sweep struct {
	Schedule    connections.Schedule
	Connections interface {
		SetEnds(ctx context.Context, c connections.Connection, ends time.Time) error
	}
	Sessions interface {
		Session(ctx context.Context, id string) (session.Session, error)
	}
	Devices *push.Devices
	Logger  *slog.Logger
	Now     func() time.Time
}

// Swept answers a schedule's call: what became of the connections that were
// due. Failed ones, and all the rest where Late is true, are due again. Busy
// says that another run is under way, and nothing was done.
type Swept struct {
	Closed   int  `json:"closed"`
	Extended int  `json:"extended"`
	Failed   int  `json:"failed"`
	Late     bool `json:"late"`
	Busy     bool `json:"busy"`
}

// Handle takes the event of a schedule, whose fields do not matter, or of the
// stream of the Sessions table.
func (h *Sweep) Handle(ctx context.Context, payload json.RawMessage) (any, error) {
	var e events.DynamoDBEvent
	if err := json.Unmarshal(payload, &e); err == nil && len(e.Records) > 0 {
		return h.deleted(ctx, e)
	}
	return h.sweep(ctx)
}

// sweep is one run, alone.
func (h *Sweep) sweep(ctx context.Context) (Swept, error) {
	lease := h.lease(ctx)
	mark, ok, err := h.Schedule.BeginSweep(ctx, lease)
	if err != nil || !ok {
		return Swept{Busy: err == nil}, err
	}
	done := &Swept{}
	next, err := h.minutes(ctx, mark, done)
	if done.Late = errors.Is(err, errLate); done.Late {
		err = nil
	}
	err = errors.Join(err, h.Schedule.EndSweep(ctx, lease, next))
	h.Logger.InfoContext(ctx, "swept", "closed", done.Closed, "extended", done.Extended, "failed", done.Failed, "late", done.Late)
	return *done, err
}

// lease is for as long as this run can take.
func (h *Sweep) lease(ctx context.Context) connections.Lease {
	now, lasts := h.Now(), sweepLease
	if deadline, ok := ctx.Deadline(); ok {
		lasts = time.Until(deadline)
	}
	return connections.Lease{Now: now, Until: now.Add(lasts + time.Second).Truncate(time.Second)}
}

// minutes works off the minutes since the last run that got to its end. It gives
// the first in which something is left, or was when the run began.
func (h *Sweep) minutes(ctx context.Context, mark int64, done *Swept) (int64, error) {
	now := connections.Minute(h.Now())
	next := max(now-sweepBack, min(mark, now-sweepAgain))
	for minute := next; minute <= now; minute++ {
		if err := h.minute(ctx, minute, done); err != nil {
			return next, err
		}
		if done.Failed == 0 {
			next = minute // what failed holds up the mark, but not the minutes after it
		}
	}
	return next, nil
}

func (h *Sweep) minute(ctx context.Context, minute int64, done *Swept) error {
	for shard := range connections.Shards {
		err := inTime(ctx)
		if err == nil {
			err = h.Schedule.Due(ctx, connections.Bucket{Minute: minute, Shard: shard}, h.Now(), func(rows []connections.Connection) error {
				if err := inTime(ctx); err != nil {
					return err
				}
				return h.due(ctx, rows, done)
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// inTime is errLate where the time that is left is for coming to an end.
func inTime(ctx context.Context) error {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < sweepReserve {
		return errLate
	}
	return nil
}

// due reads the session of each row again: it may have been extended.
func (h *Sweep) due(ctx context.Context, rows []connections.Connection, done *Swept) error {
	var over []connections.Connection
	for _, c := range rows {
		s, err := session.Active(ctx, h.Sessions, c.Session, h.Now())
		switch {
		case errors.Is(err, session.ErrNotFound):
			over = append(over, c)
			continue
		case err == nil:
			err = h.Connections.SetEnds(ctx, c, endsOf(c, s.Expires))
		}
		if err != nil {
			return err
		}
		done.Extended++
	}
	for i, err := range h.Devices.Close(ctx, over, protocol.Encode(sessionExpired())) {
		if err != nil {
			done.Failed++
			h.Logger.WarnContext(ctx, "connection not closed", "user", over[i].User, "connection", over[i].ID, "error", err)
			continue
		}
		done.Closed++
		audit.Write(ctx, h.Logger, audit.Expired, audit.Entry{User: over[i].User, Session: over[i].Session, Connection: over[i].ID})
	}
	return nil
}

// deleted closes what is still open of sessions that were deleted: by their
// time to live, by hand, by another program. Records that failed are given to
// it again.
func (h *Sweep) deleted(ctx context.Context, e events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
	answer := events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{}}
	for _, r := range e.Records {
		s, ok := deletedSession(r)
		if !ok {
			continue
		}
		err := inTime(ctx)
		if err == nil {
			err = h.closeAll(ctx, s)
		}
		if err != nil {
			h.Logger.ErrorContext(ctx, "sockets of a deleted session not closed", "user", s.User, "session", s.ID, "error", err)
			// Lambda calls again from this record on.
			answer.BatchItemFailures = append(answer.BatchItemFailures, events.DynamoDBBatchItemFailure{ItemIdentifier: r.Change.SequenceNumber})
			break
		}
	}
	return answer, nil
}

func (h *Sweep) closeAll(ctx context.Context, s session.Session) error {
	advice, event, why := sessionRevoked(), audit.Revoked, audit.RowDeleted
	if !h.Now().Before(s.Expires) {
		advice, event, why = sessionExpired(), audit.Expired, ""
	}
	closed, err := h.Devices.CloseAll(ctx, s.User, protocol.Encode(advice), func(c connections.Connection) bool { return c.Session == s.ID })
	if err != nil {
		return fmt.Errorf("close connections: %w", err)
	}
	if closed > 0 {
		audit.Write(ctx, h.Logger, event, audit.Entry{Reason: why, User: s.User, Session: s.ID, Closed: closed})
	}
	return nil
}

// deletedSession is the session that a record says was deleted; false for
// anything else, tickets too.
func deletedSession(r events.DynamoDBEventRecord) (session.Session, bool) {
	old := r.Change.OldImage
	text := func(name string) string {
		if v, ok := old[name]; ok && v.DataType() == events.DataTypeString {
			return v.String()
		}
		return ""
	}
	s := session.Session{ID: text("id"), User: text("user")}
	if v, ok := old["expires"]; ok && v.DataType() == events.DataTypeNumber {
		seconds, _ := v.Integer()
		s.Expires = time.Unix(seconds, 0)
	}
	return s, r.EventName == "REMOVE" && s.ID != "" && s.User != ""
}

func sessionExpired() *protocol.Disconnect {
	return &protocol.Disconnect{Code: protocol.SessionExpired, Reason: "the session's time is over", Reconnect: protocol.Backoff}
}

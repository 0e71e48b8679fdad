package handler

import (
	"cmp"
	"context"
	"errors"
	"sync"

	"bellhop/shared/audit"
	"bellhop/shared/connections"
	"bellhop/shared/inbox"
	"bellhop/shared/protocol"
	"bellhop/shared/session"
)

// keepalive is how long a client may be idle, in seconds, before it pings: the
// gateway closes a connection after 10 minutes without a message.
const keepalive = 540

// hello makes the connection ready and then reads what the client has missed,
// in this order: a publish appends first and reads the connections then, so
// that it sees this one, or this one sees what it appended.
//
// The session is read again: one that was revoked while the handshake was under
// way is refused here.
func (h *Message) hello(ctx context.Context, p peer, f *protocol.Hello) (any, error) {
	s, rows, err := h.ready(ctx, p)
	if errors.Is(err, session.ErrNotFound) {
		return h.turnAway(ctx, p)
	}
	if advice := h.makeRoom(ctx, p, rows); advice != nil { // also for a hello that is refused: its row is ready
		return advice, nil
	}
	if err != nil {
		return nil, err
	}
	r, err := h.Inbox.Resume(ctx, p.user, f.Epoch, f.Offset)
	if err != nil {
		return nil, err
	}
	counts, err := h.counts(ctx, p.user, r.Head)
	if err != nil {
		return nil, err
	}
	return &protocol.Welcome{
		ID: f.ID, User: p.user, Epoch: r.Head.Epoch, Offset: r.Offset, Recovered: r.Recovered, Items: r.Items, More: r.More,
		Counts: counts, SeenThrough: r.Head.SeenThrough, ReadThrough: r.Head.ReadThrough, ArchivedThrough: r.Head.ArchivedThrough,
		Keepalive: keepalive, Expires: s.Expires.UTC(),
	}, nil
}

// counts needs no look at a log in which all is read.
func (h *Message) counts(ctx context.Context, user string, head inbox.Head) (protocol.Counts, error) {
	if head.ReadThrough >= head.LastItem {
		return protocol.Counts{}, nil
	}
	return h.Inbox.Counts(ctx, user, head)
}

// ready counts the hello, reads the session and the user's connections, and sets
// the row ready, at once.
func (h *Message) ready(ctx context.Context, p peer) (s session.Session, rows []connections.Connection, err error) {
	var wg sync.WaitGroup
	var refusal, putErr error
	wg.Go(func() { refusal = h.Throttle.admit(ctx, p.user, p.connection) })
	wg.Go(func() { putErr = h.Connections.Put(ctx, p.row(true)) })
	wg.Go(func() { rows = h.rows(ctx, p.user) })
	s, err = session.Active(ctx, h.Sessions, p.session, h.Now())
	wg.Wait()
	err = cmp.Or(err, refusal, putErr)
	if err == nil {
		s, err = h.Sliding.extend(ctx, s)
	}
	if c := p.row(true); err == nil && !endsOf(c, s.Expires).Equal(c.Ends) {
		err = h.Connections.SetEnds(ctx, c, endsOf(c, s.Expires)) // it was renewed since the handshake
	}
	return s, rows, err
}

// turnAway closes a connection whose session has ended.
func (h *Message) turnAway(ctx context.Context, p peer) (any, error) {
	audit.Write(ctx, h.Logger, audit.Refused, p.entry(audit.SessionEnded))
	return h.dismiss(ctx, p, sessionRevoked())
}

// dismiss closes the peer's connection. The answer is the advice, in case it is
// faster than the closing. Until the socket is closed its row is over: no push
// goes to it. Where closing fails, the next sweep closes it if its session has
// ended, and lets it go on if not.
func (h *Message) dismiss(ctx context.Context, p peer, advice *protocol.Disconnect) (any, error) {
	row := p.row(true)
	if err := h.Connections.SetEnds(ctx, row, h.Now()); err != nil {
		return nil, err
	}
	return advice, h.Devices.Close(ctx, []connections.Connection{row}, protocol.Encode(advice))[0]
}

func sessionRevoked() *protocol.Disconnect {
	return &protocol.Disconnect{Code: protocol.SessionRevoked, Reason: "the session was ended", Reconnect: protocol.Never}
}

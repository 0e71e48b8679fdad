package handler

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"bellhop/shared/audit"
	"bellhop/shared/connections"
	"bellhop/shared/fault"
	"bellhop/shared/protocol"
	"bellhop/shared/push"
	"bellhop/shared/session"
)

// Sessions creates and ends sessions, for backends.
type Sessions struct {
	Store interface {
		PutSession(ctx context.Context, s session.Session) error
		session.End
		session.Renewer
		SessionsOfUser(ctx context.Context, user string) ([]string, error)
	}
	Connections endings
	Devices     *push.Devices
	Lifetime    session.Lifetime
	Logger      *slog.Logger
	Now         func() time.Time
}

// Created answers {"op": "create"}. The token is shown here and never again.
type Created struct {
	Token   string    `json:"token"`
	Session string    `json:"session"`
	User    string    `json:"user"`
	Expires time.Time `json:"expires"`
}

// Renewed answers {"op": "renew"}: where the session ends now.
type Renewed struct {
	Session string    `json:"session"`
	User    string    `json:"user"`
	Expires time.Time `json:"expires"`
}

// Revoked answers {"op": "revoke"}: how many sessions ended.
type Revoked struct {
	Revoked int `json:"revoked"`
}

// Refused answers a request that is wrong in form.
type Refused struct {
	Error *protocol.Error `json:"error"`
}

// Handle takes {"op": "create", "user", "ttl"?} (ttl in seconds, default 14
// days, at most 365), {"op": "renew", "token" | "session", "ttl"?} or
// {"op": "revoke", "token" | "session" | "user"}.
func (h *Sessions) Handle(ctx context.Context, payload json.RawMessage) (any, error) {
	var faults fault.Faults
	o := fault.Parse(payload, &faults)
	var do func() (any, error)
	if len(faults) == 0 {
		o.Require("op")
		switch o.Word("op", "create", "renew", "revoke") {
		case "create":
			do = h.create(ctx, o)
		case "renew":
			do = h.renew(ctx, o)
		case "revoke":
			do = h.revoke(ctx, o)
		}
	}
	if err := protocol.Invalid(faults); err != nil {
		return Refused{Error: err}, nil
	}
	return do()
}

func (h *Sessions) create(ctx context.Context, o fault.Object) func() (any, error) {
	o.Require("user")
	user, ttl := userName(o, "user"), lifeOf(o)
	return func() (any, error) {
		now := h.Now().Truncate(time.Second)
		token, s, err := session.Create(ctx, h.Store, session.Session{User: user, Created: now, Expires: now.Add(ttl)})
		if err != nil {
			return nil, err
		}
		audit.Write(ctx, h.Logger, audit.Created, audit.Entry{User: s.User, Session: s.ID})
		return Created{Token: token, Session: s.ID, User: s.User, Expires: s.Expires.UTC()}, nil
	}
}

// lifeOf reads ttl, in seconds.
func lifeOf(o fault.Object) time.Duration {
	if ttl := seconds(o, "ttl", session.MaxTTL); ttl > 0 {
		return ttl
	}
	return session.DefaultTTL
}

// renew moves a session's end, and those of its connections, so that they go on
// without reconnecting.
func (h *Sessions) renew(ctx context.Context, o fault.Object) func() (any, error) {
	token, id, ttl := o.String("token", session.MaxCredential), o.String("session", session.MaxID), lifeOf(o)
	switch {
	case token == "" && id == "":
		o.Fault("session", fault.Required)
	case token != "" && id != "":
		o.Fault("session", fault.Exclusive)
	}
	if token != "" {
		id = session.ID(token)
	}
	return func() (any, error) {
		s, err := h.Lifetime.Renew(ctx, h.Store, id, h.Now(), ttl)
		if errors.Is(err, session.ErrNotFound) {
			return Refused{Error: protocol.NewError(protocol.NotFound, "no such session, or none any more")}, nil
		}
		if err == nil {
			err = goOn(ctx, h.Connections, s, h.Now())
		}
		if err != nil {
			return nil, err
		}
		audit.Write(ctx, h.Logger, audit.Renewed, audit.Entry{User: s.User, Session: s.ID})
		return Renewed{Session: s.ID, User: s.User, Expires: s.Expires.UTC()}, nil
	}
}

func (h *Sessions) revoke(ctx context.Context, o fault.Object) func() (any, error) {
	token, id, user := o.String("token", session.MaxCredential), o.String("session", session.MaxID), userName(o, "user")
	named := 0
	for _, s := range []string{token, id, user} {
		if s != "" {
			named++
		}
	}
	switch {
	case named == 0:
		o.Fault("session", fault.Required)
	case named > 1:
		o.Fault("session", fault.Exclusive)
	}
	return func() (any, error) {
		switch {
		case user != "":
			return h.endOfUser(ctx, user)
		case token != "":
			return h.end(ctx, audit.ByToken, session.ID(token))
		case session.Foreign(id):
			return h.endOneForeign(ctx, id)
		}
		return h.end(ctx, audit.BySession, id)
	}
}

// endOfUser ends all of a user's sessions.
func (h *Sessions) endOfUser(ctx context.Context, user string) (any, error) {
	if err := h.endForeign(ctx, user); err != nil {
		return nil, err
	}
	ids, err := h.Store.SessionsOfUser(ctx, user)
	if err != nil {
		return nil, err
	}
	return h.end(ctx, audit.ByUser, session.Rows(ids)...)
}

// end goes on after a failure, and reports it at last: sessions that it did not
// get to are still there for the next call.
func (h *Sessions) end(ctx context.Context, by audit.Reason, ids ...string) (any, error) {
	var answer Revoked
	var errs []error
	for _, id := range ids {
		ended, err := session.Revoke(ctx, h.Store, id, func(s session.Session) error { return h.closeAll(ctx, s, by) })
		if ended {
			answer.Revoked++
		}
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return answer, nil
}

func (h *Sessions) closeAll(ctx context.Context, s session.Session, by audit.Reason) error {
	closed, err := h.Devices.CloseAll(ctx, s.User, protocol.Encode(sessionRevoked()), func(c connections.Connection) bool {
		return c.Session == s.ID
	})
	audit.Write(ctx, h.Logger, audit.Revoked, audit.Entry{Reason: by, User: s.User, Session: s.ID, Closed: closed})
	return err
}

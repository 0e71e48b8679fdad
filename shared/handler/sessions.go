package handler

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

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
		DeleteSession(ctx context.Context, id string) (session.Session, error)
		SessionsOfUser(ctx context.Context, user string) ([]string, error)
	}
	Devices *push.Devices
	Logger  *slog.Logger
	Now     func() time.Time
}

// Created answers {"op": "create"}. The token is shown here and never again.
type Created struct {
	Token   string    `json:"token"`
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
// days, at most 365) or {"op": "revoke", "token" | "session" | "user"}.
func (h *Sessions) Handle(ctx context.Context, payload json.RawMessage) (any, error) {
	var faults fault.Faults
	o := fault.Parse(payload, &faults)
	var do func() (any, error)
	if len(faults) == 0 {
		o.Require("op")
		switch o.Word("op", "create", "revoke") {
		case "create":
			do = h.create(ctx, o)
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
	user, ttl := userName(o, "user"), time.Duration(0)
	if seconds := o.Positive("ttl"); seconds > int64(session.MaxTTL/time.Second) {
		o.FaultLimit("ttl", fault.Max, int64(session.MaxTTL/time.Second))
	} else if ttl = time.Duration(seconds) * time.Second; ttl == 0 {
		ttl = session.DefaultTTL
	}
	return func() (any, error) {
		now := h.Now().Truncate(time.Second)
		token, s, err := session.Create(ctx, h.Store, session.Session{User: user, Created: now, Expires: now.Add(ttl)})
		if err != nil {
			return nil, err
		}
		h.Logger.InfoContext(ctx, "session created", "user", s.User, "session", s.ID)
		return Created{Token: token, Session: s.ID, User: s.User, Expires: s.Expires.UTC()}, nil
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
		ids := []string{id}
		if token != "" {
			ids[0] = session.ID(token)
		}
		if user != "" {
			if err := h.endForeign(ctx, user); err != nil {
				return nil, err
			}
			var err error
			if ids, err = h.Store.SessionsOfUser(ctx, user); err != nil {
				return nil, err
			}
			ids = session.Rows(ids)
		} else if session.Foreign(id) {
			return h.endOneForeign(ctx, id)
		}
		return h.end(ctx, ids)
	}
}

// end deletes the sessions first, so that no handshake finds them, and then
// closes their sockets.
func (h *Sessions) end(ctx context.Context, ids []string) (any, error) {
	ended, err := session.Revoke(ctx, h.Store, ids)
	errs := []error{err}
	for _, s := range ended {
		closed, err := h.Devices.CloseAll(ctx, s.User, protocol.Encode(sessionRevoked()), func(c connections.Connection) bool {
			return c.Session == s.ID
		})
		h.Logger.InfoContext(ctx, "session revoked", "user", s.User, "session", s.ID, "closed", closed)
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return Revoked{Revoked: len(ended)}, nil
}

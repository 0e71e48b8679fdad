package handler

import (
	"context"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"bellhop/shared/audit"
	"bellhop/shared/fault"
	"bellhop/shared/inbox"
	"bellhop/shared/origin"
	"bellhop/shared/protocol"
	"bellhop/shared/push"
	"bellhop/shared/session"

	"github.com/aws/aws-lambda-go/events"
)

// Inbox serves the HTTP API: the user's notifications, marks, tickets and a
// health check. Who asks is known by the session cookie or a bearer token.
type Inbox struct {
	Log        *inbox.Log
	Origins    origin.List
	CookieName string
	Sessions   session.Gate
	Sliding    *Sliding
	Tickets    interface {
		PutTicket(ctx context.Context, t session.Ticket) error
	}
	Throttle Throttle
	Devices  *push.Devices
	Logger   *slog.Logger
	Now      func() time.Time
}

// Handle answers JSON, errors as problem details (RFC 9457) with the fields of
// a protocol.Error beside the standard ones.
func (h *Inbox) Handle(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	r, err := h.route(ctx, e)
	if err != nil {
		return problem(clientError(ctx, h.Logger, err)), nil
	}
	return r.response(), nil
}

func (h *Inbox) route(ctx context.Context, e events.APIGatewayV2HTTPRequest) (reply, error) {
	if e.RouteKey == "GET /healthz" {
		return reply{status: http.StatusOK, body: map[string]string{"status": "ok"}}, nil
	}
	s, err := h.authenticate(ctx, e)
	if err != nil {
		return reply{}, err
	}
	if err := h.Throttle.admit(ctx, s.User, ""); err != nil {
		return reply{}, err
	}
	switch e.RouteKey {
	case "GET /notifications":
		return h.list(ctx, s.User, e)
	case "POST /notifications/mark":
		body, err := h.mark(ctx, s.User, e)
		return reply{status: http.StatusOK, body: body}, err
	case "POST /tickets":
		body, err := h.ticket(ctx, s)
		return reply{status: http.StatusCreated, body: body}, err
	}
	return reply{}, protocol.NewError(protocol.NotFound, "no such resource")
}

// authenticate finds the session. A cookie is sent by a browser whatever page
// makes the request, so one that changes something must come from an allowed
// origin.
func (h *Inbox) authenticate(ctx context.Context, e events.APIGatewayV2HTTPRequest) (session.Session, error) {
	authorization, _ := headerValue(e.Headers, "authorization")
	credential, ok := session.Find(session.Request{Authorization: authorization, Cookies: e.Cookies}, h.CookieName)
	if !ok {
		h.refused(ctx, e, audit.NoCredential)
		return session.Session{}, protocol.NewError(protocol.Unauthorized, "no session cookie and no bearer token")
	}
	if credential.Source == session.FromCookie && e.RequestContext.HTTP.Method != http.MethodGet {
		if !h.Origins.AllowsAll(origins(e.Headers)) {
			h.refused(ctx, e, audit.Origin)
			return session.Session{}, protocol.NewError(protocol.Forbidden, "this origin is not allowed")
		}
	}
	s, err := h.Sessions.Authenticate(ctx, credential, h.Now())
	if err == nil {
		s, err = h.Sliding.extend(ctx, s)
	}
	if errors.Is(err, session.ErrNotFound) {
		h.refused(ctx, e, audit.NoSession)
	}
	return s, err
}

func (h *Inbox) refused(ctx context.Context, e events.APIGatewayV2HTTPRequest, why audit.Reason) {
	audit.Write(ctx, h.Logger, audit.Refused, audit.Entry{
		Reason: why, SourceIP: e.RequestContext.HTTP.SourceIP, Origin: audit.Host(origins(e.Headers)),
	})
}

func (h *Inbox) mark(ctx context.Context, user string, e events.APIGatewayV2HTTPRequest) (any, error) {
	body := []byte(e.Body)
	if e.IsBase64Encoded {
		body, _ = base64.StdEncoding.DecodeString(e.Body) // what is not base64 is no JSON either
	}
	var faults fault.Faults
	o := fault.Parse(body, &faults)
	if err := faults.Err(); err != nil {
		return nil, err
	}
	ask := protocol.ReadMark(o, "")
	if err := faults.Err(); err != nil {
		return nil, err
	}
	done, err := markAndTell(ctx, marking{h.Log, h.Devices, h.Logger, user, ""}, *ask)
	if err != nil {
		return nil, err
	}
	return struct {
		Offset int64 `json:"offset"`
		protocol.Counts
	}{done.Offset, done.Counts}, nil
}

// Ticket answers POST /tickets: worth one handshake within 30 seconds, as the
// query parameter ticket.
type Ticket struct {
	Ticket  string    `json:"ticket"`
	Expires time.Time `json:"expires"`
}

func (h *Inbox) ticket(ctx context.Context, s session.Session) (any, error) {
	token, t, err := session.IssueTicket(ctx, h.Tickets, s, h.Now())
	if err != nil {
		return nil, err
	}
	return Ticket{Ticket: token, Expires: t.Expires.UTC()}, nil
}

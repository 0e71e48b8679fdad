package handler

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"time"

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
	Tickets    interface {
		PutTicket(ctx context.Context, t session.Ticket) error
	}
	Devices *push.Devices
	Logger  *slog.Logger
	Now     func() time.Time
}

// Handle answers JSON, errors as problem details (RFC 9457) with the fields of
// a protocol.Error beside the standard ones.
func (h *Inbox) Handle(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	status, body, err := h.route(ctx, e)
	if err != nil {
		return problem(clientError(ctx, h.Logger, err)), nil
	}
	return jsonResponse(status, "application/json", body), nil
}

func (h *Inbox) route(ctx context.Context, e events.APIGatewayV2HTTPRequest) (status int, body any, err error) {
	if e.RouteKey == "GET /healthz" {
		return http.StatusOK, map[string]string{"status": "ok"}, nil
	}
	s, err := h.authenticate(ctx, e)
	if err != nil {
		return 0, nil, err
	}
	switch e.RouteKey {
	case "GET /notifications":
		body, err = h.list(ctx, s.User, e.QueryStringParameters)
	case "POST /notifications/mark":
		body, err = h.mark(ctx, s.User, e)
	case "POST /tickets":
		body, err = h.ticket(ctx, s)
		return http.StatusCreated, body, err
	default:
		err = protocol.NewError(protocol.NotFound, "no such resource")
	}
	return http.StatusOK, body, err
}

// authenticate finds the session. A cookie is sent by a browser whatever page
// makes the request, so one that changes something must come from an allowed
// origin.
func (h *Inbox) authenticate(ctx context.Context, e events.APIGatewayV2HTTPRequest) (session.Session, error) {
	value := func(name string) string { return strings.Join(headerValues(nil, e.Headers, name), ",") }
	credential, ok := session.Find(session.Request{Authorization: value("authorization"), Cookies: e.Cookies}, h.CookieName)
	if !ok {
		return session.Session{}, protocol.NewError(protocol.Unauthorized, "no session cookie and no bearer token")
	}
	if credential.Source == session.FromCookie && e.RequestContext.HTTP.Method != http.MethodGet {
		if !h.Origins.AllowsAll(headerValues(nil, e.Headers, "origin")) {
			return session.Session{}, protocol.NewError(protocol.Forbidden, "this origin is not allowed")
		}
	}
	return h.Sessions.Authenticate(ctx, credential, h.Now())
}

// Notifications answers GET /notifications. Next is the value of before for
// the next page.
type Notifications struct {
	User   string `json:"user"`
	Epoch  string `json:"epoch"`
	Offset int64  `json:"offset"`
	protocol.Counts
	Items []protocol.Item `json:"items"`
	Next  int64           `json:"next,omitempty"`
}

func (h *Inbox) list(ctx context.Context, user string, query map[string]string) (any, error) {
	ask, err := readQuery(query)
	if err != nil {
		return nil, err
	}
	page, err := h.Log.List(ctx, user, *ask)
	if err != nil {
		return nil, err
	}
	counts, err := h.Log.Counts(ctx, user, page.Head)
	if err != nil {
		return nil, err
	}
	answer := Notifications{User: user, Epoch: page.Head.Epoch, Offset: page.Head.Offset, Counts: counts, Items: page.Items}
	if page.More {
		answer.Next = page.Items[len(page.Items)-1].Offset
	}
	return answer, nil
}

// readQuery reads before, limit, unread, archived and type as the frame list
// does.
func readQuery(query map[string]string) (*protocol.List, error) {
	var faults fault.Faults
	o := fault.Parse([]byte("{}"), &faults)
	for _, name := range []string{"before", "limit", "unread", "archived"} {
		if value := query[name]; value != "" {
			o.Fields[name] = json.RawMessage(value)
		}
	}
	ask := protocol.ReadList(o, "")
	ask.Filter.Unread, ask.Filter.Archived = o.Bool("unread", false), o.Bool("archived", false)
	if ask.Filter.Type = query["type"]; len(ask.Filter.Type) > 256 {
		o.FaultLimit("type", fault.MaxLength, 256)
	}
	return ask, faults.Err()
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

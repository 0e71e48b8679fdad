package handler

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"bellhop/shared/audit"
	"bellhop/shared/origin"
	"bellhop/shared/session"

	"github.com/aws/aws-lambda-go/events"
)

// Authorize decides who may open a socket: first the page's origin, then the
// session that the credential leads to. It never tells why it refused.
type Authorize struct {
	Origins    origin.List
	CookieName string
	Sessions   session.Gate
	Sliding    *Sliding
	Logger     *slog.Logger
	Now        func() time.Time
}

// Handle answers with an IAM policy for $connect alone. Source: API Gateway
// Developer Guide, "Create a Lambda REQUEST authorizer function".
func (h *Authorize) Handle(ctx context.Context, e Handshake) (events.APIGatewayCustomAuthorizerResponse, error) {
	if !h.Origins.AllowsAll(e.Headers.Origin) {
		return h.refuse(ctx, e, audit.Origin), nil
	}
	credential, ok := session.Find(requestOf(e), h.CookieName)
	if !ok {
		return h.refuse(ctx, e, audit.NoCredential), nil
	}
	s, err := h.Sessions.Authenticate(ctx, credential, h.Now())
	if err == nil {
		s, err = h.Sliding.extend(ctx, s)
	}
	if errors.Is(err, session.ErrNotFound) {
		return h.refuse(ctx, e, audit.NoSession), nil
	}
	if err != nil {
		return events.APIGatewayCustomAuthorizerResponse{}, err
	}
	entry := e.entry(audit.Reason(credential.Source))
	entry.User, entry.Session = s.User, s.ID
	audit.Write(ctx, h.Logger, audit.Admitted, entry)
	answer := policy(e, "Allow", s.User)
	answer.Context = map[string]any{ // an Admission
		"user": s.User, "session": s.ID, "expires": strconv.FormatInt(s.Expires.Unix(), 10),
	}
	return answer, nil
}

func requestOf(e Handshake) session.Request {
	return session.Request{
		Authorization: strings.Join(e.Headers.Authorization, ", "),
		Protocols:     e.Headers.offered(),
		Ticket:        e.Query["ticket"],
		Cookies:       e.Headers.Cookie,
	}
}

func (h *Authorize) refuse(ctx context.Context, e Handshake, why audit.Reason) events.APIGatewayCustomAuthorizerResponse {
	audit.Write(ctx, h.Logger, audit.Refused, e.entry(why))
	return policy(e, "Deny", "anonymous")
}

// entry is what the event tells of who asks.
func (e Handshake) entry(why audit.Reason) audit.Entry {
	return audit.Entry{
		Reason: why, Connection: e.Context.ConnectionID, SourceIP: e.Context.Identity.SourceIP, Origin: audit.Host(e.Headers.Origin),
	}
}

func policy(e Handshake, effect, principal string) events.APIGatewayCustomAuthorizerResponse {
	return events.APIGatewayCustomAuthorizerResponse{
		PrincipalID: principal,
		PolicyDocument: events.APIGatewayCustomAuthorizerPolicy{
			Version: "2012-10-17",
			Statement: []events.IAMPolicyStatement{{
				Action: []string{"execute-api:Invoke"}, Effect: effect, Resource: []string{e.MethodArn},
			}},
		},
	}
}

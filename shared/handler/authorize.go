package handler

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"time"

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
	Logger     *slog.Logger
	Now        func() time.Time
}

// Handle answers with an IAM policy for $connect alone. Source: API Gateway
// Developer Guide, "Create a Lambda REQUEST authorizer function".
func (h *Authorize) Handle(ctx context.Context, e Handshake) (events.APIGatewayCustomAuthorizerResponse, error) {
	if !h.Origins.AllowsAll(e.Headers.Origin) {
		return h.refuse(ctx, e, "origin"), nil
	}
	credential, ok := session.Find(requestOf(e), h.CookieName)
	if !ok {
		return h.refuse(ctx, e, "no credential"), nil
	}
	s, err := h.Sessions.Authenticate(ctx, credential, h.Now())
	if errors.Is(err, session.ErrNotFound) {
		return h.refuse(ctx, e, "no session"), nil
	}
	if err != nil {
		return events.APIGatewayCustomAuthorizerResponse{}, err
	}
	h.Logger.InfoContext(ctx, "admitted", "user", s.User, "session", s.ID, "source", credential.Source)
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

func (h *Authorize) refuse(ctx context.Context, e Handshake, why string) events.APIGatewayCustomAuthorizerResponse {
	h.Logger.InfoContext(ctx, "refused", "why", why, "source_ip", e.Context.Identity.SourceIP)
	return policy(e, "Deny", "anonymous")
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

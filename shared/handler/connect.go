package handler

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"bellhop/shared/audit"
	"bellhop/shared/connections"
	"bellhop/shared/protocol"

	"github.com/aws/aws-lambda-go/events"
)

// Connect admits a client on the $connect route: it writes the connection's
// row, not ready yet, and selects the subprotocol.
type Connect struct {
	Connections interface {
		Put(ctx context.Context, c connections.Connection) error
	}
	Region string
	Logger *slog.Logger
	Now    func() time.Time
}

// Handle answers 200, with Sec-WebSocket-Protocol if the client offered
// bellhop.v1. An error refuses the handshake with 502.
func (h *Connect) Handle(ctx context.Context, e SocketEvent) (events.APIGatewayProxyResponse, error) {
	p := peerOf(e, h.Region)
	if p.user == "" || !h.Now().Before(p.expires) {
		audit.Write(ctx, h.Logger, audit.Refused, p.entry(audit.SessionEnded))
		return events.APIGatewayProxyResponse{StatusCode: http.StatusForbidden}, nil
	}
	if err := h.Connections.Put(ctx, p.row(false)); err != nil {
		return events.APIGatewayProxyResponse{}, err
	}
	answer := events.APIGatewayProxyResponse{StatusCode: http.StatusOK}
	if slices.Contains(e.Headers.offered(), protocol.Subprotocol) {
		answer.Headers = map[string]string{"Sec-WebSocket-Protocol": protocol.Subprotocol}
	}
	return answer, nil
}

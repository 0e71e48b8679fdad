package handler

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
)

// Disconnect forgets a connection on the $disconnect route. The gateway does
// not promise to call it.
type Disconnect struct {
	Connections interface {
		Delete(ctx context.Context, user, id string) error
	}
	Logger *slog.Logger
}

// Handle deletes the connection's row.
func (h *Disconnect) Handle(ctx context.Context, e SocketEvent) (events.APIGatewayProxyResponse, error) {
	p := peerOf(e, "")
	if p.user == "" {
		return events.APIGatewayProxyResponse{StatusCode: http.StatusOK}, nil
	}
	if err := h.Connections.Delete(ctx, p.user, p.connection); err != nil {
		return events.APIGatewayProxyResponse{}, err
	}
	h.Logger.DebugContext(ctx, "disconnected", "user", p.user, "connection", p.connection)
	return events.APIGatewayProxyResponse{StatusCode: http.StatusOK}, nil
}

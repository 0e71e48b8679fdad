package service

import (
	"context"
	"errors"
	"fmt"

	"bellhop/localdev/gateway"
	"bellhop/shared/push"
)

// localGateway pushes by plain calls into the gateways of this process.
type localGateway struct {
	byEndpoint map[string]*gateway.Gateway
}

var _ push.Gateway = (*localGateway)(nil)

// use names the gateways, before the first push.
func (l *localGateway) use(stages []stage) {
	l.byEndpoint = make(map[string]*gateway.Gateway, len(stages))
	for _, s := range stages {
		l.byEndpoint[s.endpoint] = s.gateway
	}
}

// Post is POST @connections.
func (l *localGateway) Post(ctx context.Context, to push.Address, data []byte) error {
	g, ok := l.byEndpoint[to.Endpoint]
	if !ok {
		return push.ErrGone // of another template, in an earlier run
	}
	return failure(g.Post(ctx, to.Connection, data))
}

// Close is DELETE @connections.
func (l *localGateway) Close(ctx context.Context, to push.Address) error {
	g, ok := l.byEndpoint[to.Endpoint]
	if !ok {
		return push.ErrGone
	}
	return failure(g.Delete(ctx, to.Connection))
}

func failure(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, gateway.ErrGone):
		return push.ErrGone
	case errors.Is(err, gateway.ErrTooLarge):
		return push.ErrTooLarge
	case errors.Is(err, gateway.ErrLimit):
		return push.ErrBusy
	case errors.Is(err, gateway.ErrInternal):
		return push.ErrUnavailable
	}
	return fmt.Errorf("push: %w", err)
}

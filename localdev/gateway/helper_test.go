package gateway

import (
	"bufio"
	"context"
	"net"
	"testing"
)

func newClient(t testing.TB, nc net.Conn, id string) *client {
	return &client{t: t, nc: nc, br: bufio.NewReader(nc), id: id}
}

func closeGateway(t testing.TB, g *Gateway) {
	t.Helper()
	if err := g.Close(context.Background()); err != nil {
		t.Errorf("Close: %v", err)
	}
}

// connectThen is a $connect function that does something with the id first.
func connectThen(t testing.TB, do func(id string)) function {
	return func(_ context.Context, event []byte) ([]byte, error) {
		do(requestContext(decode(t, event))["connectionId"].(string))
		return []byte(`{"statusCode":200}`), nil
	}
}

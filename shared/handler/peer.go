package handler

import (
	"strconv"
	"time"

	"bellhop/shared/connections"

	"github.com/aws/aws-lambda-go/events"
)

// peer is the client of a WebSocket event: what the authorizer found out about
// it, and where it can be reached.
type peer struct {
	user, session, connection string
	endpoint                  string
	connectedAt, expires      time.Time // expires: of the session
}

// peerOf reads the event of a connection that the authorizer admitted. The
// management API is addressed by the API's id, since a custom domain does not
// serve it under the stage's name.
func peerOf(e events.APIGatewayWebsocketProxyRequest, region string) peer {
	r := e.RequestContext
	values, _ := r.Authorizer.(map[string]any)
	text := func(name string) string {
		s, _ := values[name].(string)
		return s
	}
	expires, _ := strconv.ParseInt(text(contextExpires), 10, 64)
	return peer{
		user:        text(contextUser),
		session:     text(contextSession),
		connection:  r.ConnectionID,
		endpoint:    "https://" + r.APIID + ".execute-api." + region + ".amazonaws.com/" + r.Stage,
		connectedAt: time.UnixMilli(r.ConnectedAt),
		expires:     time.Unix(expires, 0),
	}
}

// row is the peer's connection. It is over with the session or with the
// gateway's own limit, whichever comes first.
func (p peer) row(ready bool) connections.Connection {
	over := p.connectedAt.Add(connections.MaxDuration + time.Minute)
	if p.expires.Before(over) {
		over = p.expires
	}
	return connections.Connection{
		User: p.user, ID: p.connection, Session: p.session, Endpoint: p.endpoint, Ready: ready,
		ConnectedAt: p.connectedAt, Expires: over.Truncate(time.Second),
	}
}

package handler

import (
	"strconv"
	"time"

	"bellhop/shared/audit"
	"bellhop/shared/connections"
)

// peer is the client of a WebSocket event: what the authorizer found out about
// it, and where it can be reached.
type peer struct {
	user, session, connection string
	endpoint, sourceIP        string
	connectedAt, expires      time.Time // expires: of the session
}

// peerOf reads the event of a connection that the authorizer admitted. The
// management API is addressed by the API's id, since a custom domain does not
// serve it under the stage's name.
func peerOf(e SocketEvent, region string) peer {
	r := e.Context
	expires, _ := strconv.ParseInt(r.Authorizer.Expires, 10, 64)
	return peer{
		user:        r.Authorizer.User,
		session:     r.Authorizer.Session,
		connection:  r.ConnectionID,
		endpoint:    "https://" + r.APIID + ".execute-api." + region + ".amazonaws.com/" + r.Stage,
		sourceIP:    r.Identity.SourceIP,
		connectedAt: time.UnixMilli(r.ConnectedAt),
		expires:     time.Unix(expires, 0),
	}
}

// entry is what is known of the peer, for the audit log.
func (p peer) entry(why audit.Reason) audit.Entry {
	return audit.Entry{Reason: why, User: p.user, Session: p.session, Connection: p.connection, SourceIP: p.sourceIP}
}

// row is the peer's connection. It is over with the gateway's own limit, and
// ends with the session where that is sooner.
func (p peer) row(ready bool) connections.Connection {
	c := connections.Connection{
		User: p.user, ID: p.connection, Session: p.session, Endpoint: p.endpoint, Ready: ready, ConnectedAt: p.connectedAt,
		Expires: p.connectedAt.Add(connections.MaxDuration + time.Minute).Truncate(time.Second),
	}
	c.Ends = endsOf(c, p.expires)
	return c
}

// endsOf is the Ends of a connection whose session ends at expires.
func endsOf(c connections.Connection, expires time.Time) time.Time {
	if expires.Before(c.Expires) {
		return expires.Truncate(time.Second)
	}
	return time.Time{}
}

package gateway

import (
	"time"

	"bellhop/localdev/gateway/rawjson"
	"bellhop/localdev/observe"
)

// tell tells observers what happened to a connection.
func (c *conn) tell(e observe.Event) {
	e.API, e.Connection, e.User = c.g.name, c.peer.id, c.peer.user()
	c.g.opts.Observe.Emit(e)
}

// user is the principalId of the authorizer's answer, "" without one.
func (p *peer) user() string {
	for key, value := range rawjson.Members([]byte("{" + p.authorizer + "}")) {
		if rawjson.Is(key, "principalId") {
			return string(rawjson.AppendString(nil, value))
		}
	}
	return ""
}

// pushing is a call of @connections that observers want to know of.
type pushing struct {
	g *Gateway
	e observe.Event
}

// pushing begins one. The user is looked up now: a DELETE ends the connection.
func (g *Gateway) pushing(method, id string) pushing {
	e := observe.Event{Kind: observe.Push, API: g.name, Connection: id, Route: method, At: time.Now()}
	if c := g.table.get(id); c != nil {
		e.User = c.peer.user()
	}
	return pushing{g, e}
}

// answered tells observers how it was answered.
func (p pushing) answered(err error) {
	p.e.Took, p.e.Status = time.Since(p.e.At), statusOfPush(err)
	if p.e.Status == 200 && p.e.Route == "DELETE" {
		p.e.Status = 204
	}
	p.g.opts.Observe.Emit(p.e)
}

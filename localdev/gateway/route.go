package gateway

import (
	"context"
	"encoding/base64"
	"errors"
	"time"

	"bellhop/localdev/gateway/connid"
	"bellhop/localdev/gateway/integration"
	"bellhop/localdev/gateway/model"
	"bellhop/localdev/gateway/throttle"
	"bellhop/localdev/observe"
)

// The routes that API Gateway itself chooses.
const (
	routeConnect    = "$connect"
	routeDisconnect = "$disconnect"
	routeDefault    = "$default"
)

// The messages of error frames and of refused handshakes.
const (
	messageForbidden = "Forbidden"
	messageInternal  = "Internal server error"
	messageBadBody   = "Bad request body"
	messageTimedOut  = "Endpoint request timed out"
	messageThrottled = "Too Many Requests" // AWS's text is not known
)

// route is a Route made ready.
type route struct {
	key         string
	integration integration.Integration
	twoWay      bool
	binary      bool          // messages are base64
	models      *model.Models // nil: all messages are valid
	bucket      *throttle.Bucket
}

// job is a message on its way through a route.
type job struct {
	c     *conn
	route *route
	m     moment
	input []byte
}

// message finds the route of a message and prepares its job, nil when the
// gateway has answered by itself. body is valid during the call only.
func (c *conn) message(body []byte, now time.Time) *job {
	g := c.g
	j := &job{c: c, m: moment{peer: &c.peer, kind: eventMessage, at: now, requestID: g.ids.Next(connid.NewTail())}}
	j.route = g.selectRoute(&j.m, body)
	if j.route == nil {
		c.errorFrame(messageForbidden, j.m.requestID)
		g.access(&j.m, 403, messageForbidden)
		return nil
	}
	if !g.account.TakeRequest(now) || !j.route.bucket.Take(now) {
		c.errorFrame(g.opts.ThrottledMessage, j.m.requestID)
		g.access(&j.m, 429, g.opts.ThrottledMessage)
		return nil
	}
	j.m.routeKey = j.route.key
	j.m.messageID = g.ids.Next(connid.TailOf(c.peer.id))
	if !j.valid(body) {
		c.reply(appendErrorFrame(nil, errorFrame{messageBadBody, c.peer.id, "messageId", j.m.messageID}))
		g.access(&j.m, 400, messageBadBody)
		return nil
	}
	if j.route.integration.WantsEvent() {
		j.input = g.messageEvent(&j.m, body)
	} else {
		j.input = append([]byte(nil), body...)
	}
	if !g.gate.Enter() {
		return nil
	}
	return j
}

// valid holds a message against the models of its route, and looks whether it is
// base64 where that is wanted.
func (j *job) valid(body []byte) bool {
	if j.route.binary {
		if _, err := base64.StdEncoding.AppendDecode(nil, body); err != nil {
			return false
		}
		j.m.base64 = true
	}
	return j.route.models == nil || j.route.models.Valid(body, j.c.g.vars(&j.m))
}

// selectRoute evaluates the route selection expression. A message that is not
// JSON, one that names no route and one that names $connect or $disconnect (see
// Uncertain.ReservedKeysForbidden) go to $default; without it they have no route.
func (g *Gateway) selectRoute(m *moment, body []byte) *route {
	var buf [64]byte
	key, ok := g.selection.Append(buf[:0], body, g.vars(m))
	reserved := string(key) == routeConnect || string(key) == routeDisconnect
	if ok && reserved && g.opts.ReservedKeysForbidden {
		return nil
	}
	if ok && !reserved {
		if r := g.routes[string(key)]; r != nil {
			return r
		}
	}
	return g.routes[routeDefault]
}

// run runs the integration and sends what comes of it.
func (j *job) run() {
	g := j.c.g
	defer g.gate.Leave()
	a, err := g.ask(j.route, &j.m, j.input)
	if err != nil {
		g.log.Warn("message failed", "connection", j.c.peer.id, "route", j.route.key, "error", err)
		status, message := 500, messageInternal
		if errors.Is(err, integration.ErrTimedOut) {
			status, message = 504, messageTimedOut
		}
		j.c.errorFrame(message, j.m.requestID)
		g.access(&j.m, status, message)
		return
	}
	g.access(&j.m, max(a.Status, 200), "") // null has none
	if !j.route.twoWay || a.None {
		return
	}
	if g.opts.ReplaceTwoWayErrors && (a.Status < 200 || a.Status > 299) {
		j.c.errorFrame(messageInternal, j.m.requestID)
		return
	}
	j.c.reply(a.Body)
}

// ask runs the integration of a route.
func (g *Gateway) ask(r *route, m *moment, input []byte) (integration.Answer, error) {
	request := integration.Request{Input: input}
	if !r.integration.WantsEvent() {
		request.Vars = g.vars(m)
	}
	start := time.Now()
	a, err := r.integration.Run(g.source(m, r.key), request)
	m.outcome.asked(a, err, time.Since(start))
	return a, err
}

// source is the context of an invocation; it says who asks when somebody wants
// to know.
func (g *Gateway) source(m *moment, route string) context.Context {
	if !g.opts.Observe.On() {
		return g.ctx
	}
	return observe.NewContext(g.ctx, observe.Source{API: g.name, Connection: m.id, Route: route})
}

// errorFrame sends one of the gateway's own frames.
func (c *conn) errorFrame(message, requestID string) {
	c.reply(appendErrorFrame(make([]byte, 0, 128), errorFrame{message, c.peer.id, "requestId", requestID}))
}

// errorFrame is what a frame of the gateway's own says; kind is requestId or
// messageId.
type errorFrame struct{ message, connection, kind, id string }

// appendErrorFrame renders one byte for byte as AWS does: a space after the
// first colon and after each comma only.
func appendErrorFrame(b []byte, e errorFrame) []byte {
	b = append(append(b, `{"message": "`...), e.message...)
	b = append(append(b, `", "connectionId":"`...), e.connection...)
	b = append(append(append(b, `", "`...), e.kind...), `":"`...)
	return append(append(b, e.id...), `"}`...)
}

// reply pushes an answer. A client that is gone or takes nothing misses it.
func (c *conn) reply(payload []byte) {
	err := c.push(payload)
	if c.g.opts.Observe.On() {
		e := observe.Event{Kind: observe.FrameOut, API: c.g.name, Connection: c.peer.id, Payload: append([]byte(nil), payload...)}
		if err != nil {
			e.Error = err.Error()
		}
		c.g.opts.Observe.Emit(e)
	}
	if err != nil {
		c.g.log.Debug("answer not delivered", "connection", c.peer.id, "error", err)
	}
}

// disconnect returns what runs $disconnect, nil without such a route, and leaves
// the gate in the end. It is best effort: whatever comes of it changes nothing
// for the client.
func (c *conn) disconnect(e ending) func() {
	g := c.g
	r := g.routes[routeDisconnect]
	if r == nil || g.opts.Faults.LosesDisconnect(c.peer.id) {
		g.gate.Leave()
		return nil
	}
	return func() {
		defer g.gate.Leave()
		m := &moment{
			peer: &c.peer, kind: eventDisconnect, routeKey: routeDisconnect, at: time.Now(),
			requestID: g.ids.Next(connid.NewTail()), code: e.code, reason: e.reason,
		}
		var input []byte
		if r.integration.WantsEvent() {
			input = g.disconnectEvent(m)
		}
		_, err := g.ask(r, m, input)
		if err != nil {
			g.log.Warn("$disconnect failed", "connection", c.peer.id, "error", err)
			g.access(m, 500, messageInternal)
			return
		}
		g.access(m, 200, "")
	}
}

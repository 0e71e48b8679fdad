package gateway

import (
	"strconv"
	"strings"
	"time"

	"bellhop/localdev/gateway/fields"
	"bellhop/localdev/gateway/rawjson"

	"github.com/gobwas/ws"
)

// Events are appended to a buffer by hand, in the order of keys that traces of
// AWS show: it costs a fifth of encoding/json, and one is built per message.

// peer is what all events of one connection share. authorizer and identity are
// rendered once.
type peer struct {
	id          string
	domain      string
	authorizer  string // members of requestContext.authorizer without braces; "": none
	identity    string // requestContext.identity
	connectedAt int64  // ms
}

type eventType string

const (
	eventConnect    eventType = "CONNECT"
	eventMessage    eventType = "MESSAGE"
	eventDisconnect eventType = "DISCONNECT"
)

// moment is what tells one event of a connection from the next.
type moment struct {
	*peer
	kind      eventType
	routeKey  string
	requestID string
	messageID string // of a message
	at        time.Time
	latency   int64         // ms the authorizer took; on $connect only
	code      ws.StatusCode // of a disconnect
	reason    string        // of a disconnect
	base64    bool          // of a message whose body is base64
	handshake *handshake    // on $connect only
	outcome   outcome       // for the access log
}

const requestTimeLayout = "02/Jan/2006:15:04:05 -0700"

// appendContext appends the requestContext member.
func (g *Gateway) appendContext(b []byte, m *moment) []byte {
	b = append(b, `"requestContext":{"routeKey":`...)
	b = rawjson.AppendQuoted(b, m.routeKey)
	if m.authorizer != "" {
		b = append(append(b, `,"authorizer":{`...), m.authorizer...)
		if m.kind == eventConnect {
			b = strconv.AppendInt(append(b, `,"integrationLatency":`...), m.latency, 10)
		}
		b = append(b, '}')
	}
	if m.messageID != "" {
		b = append(append(append(b, `,"messageId":"`...), m.messageID...), '"')
	}
	if m.kind == eventDisconnect {
		b = strconv.AppendInt(append(b, `,"disconnectStatusCode":`...), int64(m.code), 10)
	}
	b = append(append(append(b, `,"eventType":"`...), m.kind...), '"')
	if m.kind == eventDisconnect {
		b = rawjson.AppendQuoted(append(b, `,"disconnectReason":`...), m.reason)
	}
	b = append(append(append(b, `,"extendedRequestId":"`...), m.requestID...), '"')
	b = m.at.UTC().AppendFormat(append(b, `,"requestTime":"`...), requestTimeLayout)
	b = append(append(b, `","messageDirection":"IN"`...), g.stageJSON...)
	b = strconv.AppendInt(append(b, `,"connectedAt":`...), m.connectedAt, 10)
	b = strconv.AppendInt(append(b, `,"requestTimeEpoch":`...), m.at.UnixMilli(), 10)
	b = append(append(b, `,"identity":`...), m.identity...)
	b = append(append(append(b, `,"requestId":"`...), m.requestID...), '"')
	b = rawjson.AppendQuoted(append(b, `,"domainName":`...), m.domain)
	b = append(append(append(b, `,"connectionId":"`...), m.id...), '"')
	return append(append(b, g.apiJSON...), '}')
}

// renderIdentity renders requestContext.identity; agent is nil when the client
// sent no User-Agent.
func renderIdentity(agent *string, sourceIP string) string {
	b := []byte{'{'}
	if agent != nil {
		b = append(rawjson.AppendQuoted(append(b, `"userAgent":`...), *agent), ',')
	}
	return string(append(rawjson.AppendQuoted(append(b, `"sourceIp":`...), sourceIP), '}'))
}

// authorizerEvent is what the authorizer is asked with.
func (g *Gateway) authorizerEvent(h *handshake, m *moment) []byte {
	b := append(make([]byte, 0, h.eventSize(m.peer)), `{"type":"REQUEST","methodArn":`...)
	b = append(rawjson.AppendQuoted(b, g.methodARN(routeConnect)), ',')
	b = h.headers.AppendJSON(b, fields.Headers, fields.None)
	b = h.appendQuery(b)
	b = append(append(append(b, `"stageVariables":`...), g.variablesJSON...), ',')
	return append(g.appendContext(b, m), '}')
}

// connectEvent is the $connect event.
func (g *Gateway) connectEvent(h *handshake, m *moment) []byte {
	b := append(make([]byte, 0, h.eventSize(m.peer)), '{')
	b = h.headers.AppendJSON(b, fields.Headers, ofUpgradeOnly)
	b = h.appendQuery(b)
	b = g.appendVariables(b)
	return append(g.appendContext(b, m), `,"isBase64Encoded":false}`...)
}

// eventSize is about how large an event of the handshake gets: it has the headers
// twice, with some signs around each.
func (h *handshake) eventSize(p *peer) int {
	return 1280 + 2*h.size + 8*len(h.headers.List) + len(p.authorizer) + len(p.identity)
}

// ofUpgradeOnly names the headers that the authorizer sees and $connect does not.
func ofUpgradeOnly(name string) bool {
	switch len(name) {
	case len("Upgrade"):
		return strings.EqualFold(name, "Upgrade")
	case len("Connection"):
		return strings.EqualFold(name, "Connection")
	case len("Content-Length"):
		return strings.EqualFold(name, "Content-Length")
	}
	return false
}

// messageEvent is the event of a message. It has no headers and no query.
func (g *Gateway) messageEvent(m *moment, body []byte) []byte {
	size := 640 + len(m.authorizer) + len(m.identity) + len(body) + len(body)/4
	b := append(make([]byte, 0, size), '{')
	b = g.appendVariables(b)
	b = g.appendContext(b, m)
	b = rawjson.AppendQuoted(append(b, `,"body":`...), body)
	if m.base64 {
		return append(b, `,"isBase64Encoded":true}`...)
	}
	return append(b, `,"isBase64Encoded":false}`...)
}

// disconnectEvent is the $disconnect event, with AWS's fixed set of headers.
func (g *Gateway) disconnectEvent(m *moment) []byte {
	b := append(make([]byte, 0, 1<<10), `{"headers":{"Host":`...)
	b = rawjson.AppendQuoted(b, m.domain)
	b = append(b, `,"x-api-key":"","X-Forwarded-For":"","x-restapi":""},"multiValueHeaders":{"Host":[`...)
	b = rawjson.AppendQuoted(b, m.domain)
	b = append(b, `],"x-api-key":[""],"X-Forwarded-For":[""],"x-restapi":[""]},`...)
	b = g.appendVariables(b)
	return append(g.appendContext(b, m), `,"isBase64Encoded":false}`...)
}

// appendVariables appends the stage variables, if the stage has any.
func (g *Gateway) appendVariables(b []byte) []byte {
	if len(g.api.StageVariables) == 0 {
		return b
	}
	return append(append(append(b, `"stageVariables":`...), g.variablesJSON...), ',')
}

// methodARN names a route in policies: arn:aws:execute-api:…:{api}/{stage}/{route}.
func (g *Gateway) methodARN(route string) string {
	return "arn:aws:execute-api:" + g.api.Region + ":" + g.api.Account + ":" + g.api.ID + "/" + g.api.Stage + "/" + route
}

package handler

import (
	"strings"

	"bellhop/shared/session"
)

// The events are of our own types, which hold what is used of them: to decode the
// rest, headers above all, would take most of an invocation's time.

// Handshake is the event of the authorizer on $connect. Source: API Gateway
// Developer Guide, "Create a Lambda REQUEST authorizer function".
type Handshake struct {
	MethodArn string            `json:"methodArn"`
	Headers   HandshakeHeaders  `json:"multiValueHeaders"`
	Query     map[string]string `json:"queryStringParameters"`
	Context   struct {
		ConnectionID string   `json:"connectionId"`
		Identity     Identity `json:"identity"`
	} `json:"requestContext"`
}

// SocketEvent is the event of a route of the WebSocket API. Headers are there on
// $connect, a body on a message. Source: API Gateway Developer Guide, "Set up a
// WebSocket API integration request".
type SocketEvent struct {
	Headers HandshakeHeaders `json:"multiValueHeaders"`
	Body    string           `json:"body"`
	Context struct {
		Authorizer   Admission `json:"authorizer"`
		ConnectionID string    `json:"connectionId"`
		ConnectedAt  int64     `json:"connectedAt"` // milliseconds since 1970
		APIID        string    `json:"apiId"`
		Stage        string    `json:"stage"`
		Identity     Identity  `json:"identity"`
	} `json:"requestContext"`
}

// Identity is where a request comes from.
type Identity struct {
	SourceIP string `json:"sourceIp"`
}

// Admission is the context that the authorizer gives to all later events of a
// connection. All values are strings there.
type Admission struct {
	User    string `json:"user"`
	Session string `json:"session"`
	Expires string `json:"expires"` // of the session, seconds since 1970
}

// HandshakeHeaders are the headers that decide who comes in, whatever the
// spelling of their names: encoding/json does not tell them apart by case.
type HandshakeHeaders struct {
	Origin        []string `json:"Origin"`
	Cookie        []string `json:"Cookie"`
	Authorization []string `json:"Authorization"`
	Protocols     []string `json:"Sec-WebSocket-Protocol"`
}

// offered are the subprotocols that the client offers, in its order.
func (h HandshakeHeaders) offered() []string {
	return session.SplitList(strings.Join(h.Protocols, ","))
}

// headerValue finds a header of an HTTP API's event, whatever the spelling of
// its name.
func headerValue(headers map[string]string, name string) (string, bool) {
	for key, value := range headers {
		if strings.EqualFold(key, name) {
			return value, true
		}
	}
	return "", false
}

// origins are the values of a request's Origin, as origin.List takes them.
func origins(headers map[string]string) []string {
	if value, ok := headerValue(headers, "origin"); ok {
		return []string{value}
	}
	return nil
}

package handler

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"bellhop/shared/protocol"

	"github.com/aws/aws-lambda-go/events"
)

// problemDetails is RFC 9457 §3, with our error's fields as extensions.
type problemDetails struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	*protocol.Error
}

func problem(err *protocol.Error) events.APIGatewayV2HTTPResponse {
	status := err.Code.Status()
	response := reply{status: status, body: problemDetails{
		Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: err.Message, Error: err,
	}}.response()
	response.Headers["content-type"] = "application/problem+json"
	if err.After > 0 {
		response.Headers["retry-after"] = strconv.Itoa(err.After) // RFC 9110 §10.2.3
	}
	return response
}

// reply is an answer of the HTTP API. One with an entity tag may be kept by the
// browser that asked, and used again after asking whether it still holds.
type reply struct {
	status int
	body   any // nil: none
	tag    string
}

func (r reply) response() events.APIGatewayV2HTTPResponse {
	response := events.APIGatewayV2HTTPResponse{
		StatusCode: r.status,
		Headers:    map[string]string{"cache-control": "no-store"},
	}
	if r.tag != "" {
		response.Headers = map[string]string{"cache-control": "private, no-cache", "vary": "cookie, authorization", "etag": r.tag}
	}
	if r.body != nil {
		response.Headers["content-type"] = "application/json"
		response.Body = encodeBody(r.body)
	}
	return response
}

// encodeBody encodes as frames are encoded: events stay as they are stored,
// with no escapes for HTML.
func encodeBody(body any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(body); err != nil {
		panic("handler: " + err.Error()) // bodies are our own types
	}
	return strings.TrimSuffix(b.String(), "\n")
}

package handler

import (
	"encoding/json"
	"net/http"

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
	return jsonResponse(status, "application/problem+json", problemDetails{
		Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: err.Message, Error: err,
	})
}

func jsonResponse(status int, contentType string, body any) events.APIGatewayV2HTTPResponse {
	text, err := json.Marshal(body)
	if err != nil {
		panic("handler: " + err.Error()) // bodies are our own types
	}
	return events.APIGatewayV2HTTPResponse{
		StatusCode: status,
		Headers:    map[string]string{"content-type": contentType, "cache-control": "no-store"},
		Body:       string(text),
	}
}

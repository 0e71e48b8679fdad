package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"bellhop/localdev/gateway/rawjson"
	"bellhop/localdev/lambda"
)

// integration is what stands behind a route. Its methods are safe for
// concurrent use.
type integration interface {
	// input renders what the backend gets for a message, while body is valid.
	input(g *Gateway, m *moment, body []byte) []byte
	// run asks the backend, for at most the integration's timeout. input is its
	// to keep. An error wraps errFailed, errTimedOut or errUnreachable.
	run(ctx context.Context, m *moment, input []byte) (answer, error)
}

// answer is what a backend said.
type answer struct {
	none     bool // null: the function returned nothing
	status   int
	body     []byte
	protocol string // of header Sec-WebSocket-Protocol
}

var (
	// errFailed: the function failed or its result is malformed; 502.
	errFailed = errors.New("integration failed")
	// errTimedOut: no answer within the integration's timeout; 504.
	errTimedOut = errors.New("integration timed out")
	// errUnreachable: the function does not exist or takes no call; 500.
	errUnreachable = errors.New("integration cannot be invoked")
)

// proxy is a Lambda proxy integration.
type proxy struct {
	invoker  lambda.Invoker
	function string
	timeout  time.Duration
}

var _ integration = (*proxy)(nil)

func (p *proxy) input(g *Gateway, m *moment, body []byte) []byte { return g.messageEvent(m, body) }

func (p *proxy) run(ctx context.Context, _ *moment, input []byte) (answer, error) {
	result, err := p.call(ctx, input)
	if err != nil {
		return answer{}, err
	}
	return parseProxyResult(result)
}

// call invokes the function and sorts its errors.
func (p *proxy) call(ctx context.Context, input []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	result, err := p.invoker.Invoke(ctx, p.function, input)
	if err == nil {
		return result, nil
	}
	kind := errUnreachable
	if fe := (*lambda.FunctionError)(nil); errors.As(err, &fe) {
		kind = errFailed
	} else if ctx.Err() != nil {
		kind = errTimedOut
	}
	return nil, fmt.Errorf("%w: invoke %s: %w", kind, p.function, err)
}

// parseProxyResult reads the result of a function behind a proxy integration.
// Keys that the format does not have make it malformed, as on AWS.
func parseProxyResult(result []byte) (answer, error) {
	if len(result) == 0 || string(result) == "null" {
		return answer{none: true}, nil
	}
	if !json.Valid(result) || bytes.TrimSpace(result)[0] != '{' {
		return answer{}, malformed("not a JSON object")
	}
	var a answer
	for key, value := range rawjson.Members(result) {
		if err := a.member(key, value); err != nil {
			return answer{}, err
		}
	}
	if a.status == 0 {
		return answer{}, malformed("no statusCode")
	}
	return a, nil
}

func malformed(what string) error { return fmt.Errorf("%w: malformed result: %s", errFailed, what) }

func (a *answer) member(key, value []byte) error {
	null := string(value) == "null"
	switch string(key) {
	case `"statusCode"`:
		status, err := strconv.Atoi(string(value))
		if err != nil || status < 200 || status > 599 {
			return malformed("statusCode is not a number from 200 to 599")
		}
		a.status = status
	case `"body"`:
		if !null && value[0] != '"' {
			return malformed("body is not a string")
		}
		a.body = rawjson.AppendString(nil, value)
	case `"headers"`, `"multiValueHeaders"`:
		if !null && value[0] != '{' {
			return malformed("headers are not an object")
		}
		a.headers(value)
	case `"isBase64Encoded"`:
		if s := string(value); !null && s != "true" && s != "false" {
			return malformed("isBase64Encoded is not a boolean")
		}
	default:
		return malformed("unknown key")
	}
	return nil
}

// headers takes the one header that a WebSocket API passes on.
func (a *answer) headers(object []byte) {
	for key, value := range rawjson.Members(object) {
		if !strings.EqualFold(string(rawjson.AppendString(nil, key)), headerProtocol) {
			continue
		}
		for element := range rawjson.Elements(value) {
			value = element
		}
		a.protocol = string(rawjson.AppendString(nil, value))
	}
}

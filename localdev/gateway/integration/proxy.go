package integration

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

// Caller invokes one function.
type Caller struct {
	Invoker  lambda.Invoker
	Function string
	Timeout  time.Duration
	Denied   bool // there is no permission: every call is ErrUnreachable
}

// Call invokes the function and sorts its errors. A *lambda.FunctionError stays
// to be found.
func (c *Caller) Call(ctx context.Context, input []byte) ([]byte, error) {
	if c.Denied {
		return nil, fmt.Errorf("%w: invoke %s: no permission lets API Gateway do so", ErrUnreachable, c.Function)
	}
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	result, err := c.Invoker.Invoke(ctx, c.Function, input)
	if err == nil {
		return result, nil
	}
	kind := ErrUnreachable
	if fe := (*lambda.FunctionError)(nil); errors.As(err, &fe) {
		kind = ErrFailed
	} else if ctx.Err() != nil {
		kind = ErrTimedOut
	}
	return nil, fmt.Errorf("%w: invoke %s: %w", kind, c.Function, err)
}

// proxy is a Lambda proxy integration.
type proxy struct{ Caller }

var _ Integration = (*proxy)(nil)

func (*proxy) WantsEvent() bool { return true }

func (p *proxy) Run(ctx context.Context, r Request) (Answer, error) {
	result, err := p.Call(ctx, r.Input)
	if err != nil {
		return Answer{}, err
	}
	return parseProxyResult(result)
}

// parseProxyResult reads the result of a function behind a proxy integration.
// Keys that the format does not have make it malformed, as on AWS.
func parseProxyResult(result []byte) (Answer, error) {
	if len(result) == 0 || string(result) == "null" {
		return Answer{None: true}, nil
	}
	if !json.Valid(result) || bytes.TrimSpace(result)[0] != '{' {
		return Answer{}, malformed("not a JSON object")
	}
	var a Answer
	for key, value := range rawjson.Members(result) {
		if err := a.member(key, value); err != nil {
			return Answer{}, err
		}
	}
	if a.Status == 0 {
		return Answer{}, malformed("no statusCode")
	}
	return a, nil
}

func malformed(what string) error { return fmt.Errorf("%w: malformed result: %s", ErrFailed, what) }

func (a *Answer) member(key, value []byte) error {
	null := string(value) == "null"
	switch string(key) {
	case `"statusCode"`:
		status, err := strconv.Atoi(string(value))
		if err != nil || status < 200 || status > 599 {
			return malformed("statusCode is not a number from 200 to 599")
		}
		a.Status = status
	case `"body"`:
		if !null && value[0] != '"' {
			return malformed("body is not a string")
		}
		a.Body = rawjson.AppendString(nil, value)
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
func (a *Answer) headers(object []byte) {
	for key, value := range rawjson.Members(object) {
		if !strings.EqualFold(string(rawjson.AppendString(nil, key)), "Sec-WebSocket-Protocol") {
			continue
		}
		for element := range rawjson.Elements(value) {
			value = element
		}
		a.Protocol = string(rawjson.AppendString(nil, value))
	}
}

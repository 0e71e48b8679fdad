package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"bellhop/localdev/gateway/integration"
	"bellhop/localdev/gateway/policy"
	"bellhop/localdev/gateway/rawjson"
	"bellhop/localdev/lambda"
)

// authorizer is the API's Lambda authorizer, made ready.
type authorizer struct {
	call    integration.Caller
	sources []string
	latest  atomic.Pointer[parsedPolicy] // most authorizers give everybody the same
}

type parsedPolicy struct {
	text     string
	document *policy.Document
}

func (a *authorizer) parsePolicy(text []byte) (*policy.Document, error) {
	if p := a.latest.Load(); p != nil && p.text == string(text) {
		return p.document, nil
	}
	document, err := policy.Parse(text)
	if err != nil {
		return nil, err
	}
	a.latest.Store(&parsedPolicy{string(text), document})
	return document, nil
}

// authorize asks the authorizer. It returns nil to let the handshake go on, and
// then h.peer.authorizer and m.latency are set.
func (a *authorizer) authorize(h *handshake, m *moment) *rejection {
	for _, source := range a.sources {
		if h.g.variable(m, source) == "" {
			return reject(401)
		}
	}
	start := time.Now()
	result, err := a.call.Call(h.g.source(m, "authorizer"), h.g.authorizerEvent(h, m))
	m.latency, m.outcome.authorizerStatus = time.Since(start).Milliseconds(), 200
	if err != nil {
		m.outcome.authorizerStatus, m.outcome.authorizerError = 500, err.Error()
		if fe := (*lambda.FunctionError)(nil); errors.As(err, &fe) && fe.Message == "Unauthorized" {
			return reject(401)
		}
		return h.failed("authorizer failed", err)
	}
	verdict, err := a.parseVerdict(result)
	if err != nil {
		return h.failed("authorizer's answer is invalid", err)
	}
	if !verdict.policy.Allows("execute-api:Invoke", h.g.methodARN(routeConnect)) {
		return reject(403)
	}
	m.peer.authorizer, h.usageKey = verdict.members, verdict.usageKey
	return nil
}

// failed is 500: whatever else goes wrong with an authorizer.
func (h *handshake) failed(message string, err error) *rejection {
	h.g.log.Warn(message, "connection", h.peer.id, "error", err)
	return reject(500)
}

// parameter finds a header or a query parameter, "" for none.
func (h *handshake) parameter(source string) string {
	if name, ok := strings.CutPrefix(source, "route.request.header."); ok {
		return h.headers.Last(name)
	}
	if name, ok := strings.CutPrefix(source, "route.request.querystring."); ok {
		return h.query.Last(name)
	}
	return ""
}

// verdict is an authorizer's valid answer.
type verdict struct {
	policy  *policy.Document
	members string // of requestContext.authorizer

	usageKey string // usageIdentifierKey
}

func (a *authorizer) parseVerdict(result []byte) (v verdict, err error) {
	if len(result) > maxAuthorizerAnswer {
		return verdict{}, fmt.Errorf("%d bytes, over %d", len(result), maxAuthorizerAnswer)
	}
	if !json.Valid(result) {
		return verdict{}, errors.New("not JSON")
	}
	var principal, context []byte
	for key, value := range rawjson.Members(result) {
		switch {
		case rawjson.Is(key, "principalId"):
			principal = value
		case rawjson.Is(key, "usageIdentifierKey"):
			v.usageKey = string(rawjson.AppendString(nil, value))
		case rawjson.Is(key, "context"):
			context = value
		case rawjson.Is(key, "policyDocument"):
			if v.policy, err = a.parsePolicy(value); err != nil {
				return verdict{}, err
			}
		}
	}
	if v.policy == nil || len(principal) == 0 || principal[0] != '"' {
		return verdict{}, errors.New("principalId or policyDocument is missing")
	}
	members, err := contextMembers(context)
	members = append(members, `"principalId":`...)
	v.members = string(rawjson.AppendQuoted(members, rawjson.AppendString(nil, principal)))
	return v, err
}

// contextMembers renders the context's values as strings, each member with a
// comma after it. A null is left out; an object or array is invalid.
func contextMembers(context []byte) ([]byte, error) {
	var b []byte
	if len(context) > 0 && context[0] != '{' && string(context) != "null" {
		return nil, errors.New("context is not an object")
	}
	for key, value := range rawjson.Members(context) {
		switch {
		case value[0] == '{' || value[0] == '[':
			return nil, fmt.Errorf("context value of %s is not a string, number or boolean", key)
		case string(value) == "null", rawjson.Is(key, "principalId"), rawjson.Is(key, "integrationLatency"):
			continue
		}
		b = append(rawjson.AppendQuoted(b, rawjson.AppendString(nil, key)), ':')
		b = append(rawjson.AppendQuoted(b, rawjson.AppendString(nil, value)), ',')
	}
	return b, nil
}

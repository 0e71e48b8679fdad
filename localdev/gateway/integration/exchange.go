package integration

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"bellhop/localdev/lambda"
)

// exchange is an integration with templates: it renders the request, asks,
// selects a response and renders that.
type exchange struct {
	request     templates
	passthrough string
	ask         func(ctx context.Context, r Request) (said, error)
	responses   []response // those with an expression, in the order of their keys
	fallback    *response  // of key $default
}

// said is what the backend of an exchange answered.
type said struct {
	status int
	failed bool // text is an errorMessage, which selects instead of the status
	text   string
	body   []byte
	header func(name string) string // nil: there are none
}

// response is a Response made ready.
type response struct {
	key       *regexp.Regexp
	templates templates
	base64    bool
}

var _ Integration = (*exchange)(nil)

func newExchange(s Spec) (*exchange, error) {
	x := &exchange{passthrough: s.Passthrough}
	var err error
	if x.request, err = parseTemplates(s.RequestTemplates, s.TemplateSelectionExpression); err != nil {
		return nil, fmt.Errorf("request: %w", err)
	}
	switch s.Passthrough {
	case "", "WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER":
	default:
		return nil, fmt.Errorf("passthrough behaviour %q is none of WHEN_NO_MATCH, WHEN_NO_TEMPLATES and NEVER", s.Passthrough)
	}
	for key := range s.Responses {
		if err := x.addResponse(key, s.Responses[key]); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(x.responses, func(a, b response) int { return strings.Compare(a.key.String(), b.key.String()) })
	return x, nil
}

func (x *exchange) addResponse(key string, in Response) error {
	r := response{base64: in.Text}
	var err error
	if r.templates, err = parseTemplates(in.ResponseTemplates, in.TemplateSelectionExpression); err != nil {
		return fmt.Errorf("response %s: %w", key, err)
	}
	if key == keyDefault {
		x.fallback = &r
		return nil
	}
	if r.key, err = parseResponseKey(key); err != nil {
		return err
	}
	x.responses = append(x.responses, r)
	return nil
}

// parseResponseKey reads "/2\d\d/"; it must match the whole of what it is held
// against.
func parseResponseKey(key string) (*regexp.Regexp, error) {
	if len(key) < 3 || key[0] != '/' || key[len(key)-1] != '/' {
		return nil, fmt.Errorf("integration response key %q is neither $default nor /expression/", key)
	}
	re, err := regexp.Compile("^(?s:" + key[1:len(key)-1] + ")$")
	if err != nil {
		return nil, fmt.Errorf("integration response key %q: %w", key, err)
	}
	return re, nil
}

func (*exchange) WantsEvent() bool { return false }

func (x *exchange) Run(ctx context.Context, r Request) (Answer, error) {
	r.message = r.Input
	if template := x.request.of(r.Input, r.Vars); template != nil {
		r.Input = template.Append(nil, r.Input, r.Vars)
	} else if x.passthrough == "NEVER" || x.passthrough == "WHEN_NO_TEMPLATES" && len(x.request.byKey) > 0 {
		return Answer{}, ErrMediaType
	}
	s, err := x.ask(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	return x.respond(s, r)
}

// respond selects a response and renders it. The response's templates see the
// backend's answer as $input, and the message's variables.
func (x *exchange) respond(s said, r Request) (Answer, error) {
	selected := x.response(s)
	if selected == nil {
		return Answer{}, fmt.Errorf("%w: no integration response for status %d", ErrFailed, s.status)
	}
	a := Answer{Status: s.status, Body: s.body}
	vars := func(name string) string {
		if name == "integration.response.statuscode" {
			return strconv.Itoa(s.status)
		}
		if header, ok := strings.CutPrefix(name, "integration.response.header."); ok && s.header != nil {
			return s.header(header)
		}
		return r.Vars(name)
	}
	if template := selected.templates.of(s.body, vars); template != nil {
		a.Body = template.Append(nil, s.body, vars)
	}
	if selected.base64 {
		a.Body = []byte(base64.StdEncoding.EncodeToString(a.Body))
	}
	if s.header != nil {
		a.Protocol = s.header("Sec-WebSocket-Protocol")
	}
	return a, nil
}

func (x *exchange) response(s said) *response {
	against := strconv.Itoa(s.status)
	if s.failed {
		against = s.text
	}
	for i := range x.responses {
		if x.responses[i].key.MatchString(against) {
			return &x.responses[i]
		}
	}
	if x.fallback == nil && len(x.responses) == 0 && !s.failed {
		return &response{}
	}
	return x.fallback
}

// loopback is MOCK: the status code is read out of the rendered request, which
// is also the answer.
func loopback(_ context.Context, r Request) (said, error) {
	var request struct {
		StatusCode int `json:"statusCode"`
	}
	if err := json.Unmarshal(r.Input, &request); err != nil || request.StatusCode < 200 || request.StatusCode > 599 {
		return said{}, fmt.Errorf("%w: the mock's request has no statusCode", ErrFailed)
	}
	return said{status: request.StatusCode, body: r.Input}, nil
}

// ask is AWS with a function: its result is a 200, and what selects the response
// to a failure is its errorMessage.
func (c *Caller) ask(ctx context.Context, r Request) (said, error) {
	result, err := c.Call(ctx, r.Input)
	if fe := (*lambda.FunctionError)(nil); errors.As(err, &fe) {
		return said{status: 200, failed: true, text: fe.Message, body: fe.Payload}, nil
	}
	return said{status: 200, body: result}, err
}

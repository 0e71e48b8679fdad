// Package integration runs what stands behind a route of a WebSocket API: a
// Lambda function, an HTTP endpoint, or templates alone.
//
// [New] makes an [Integration] of a [Spec], as a template declares it. Its Run
// asks the backend and returns an [Answer], or an error that says which of the
// gateway's own answers is due.
//
// # Promises
//
// Proxies (AWS_PROXY, HTTP_PROXY) hand on what they get. The others (AWS, HTTP,
// MOCK) render a request template, ask, select an integration response and
// render its template. A body that no template is for passes through, is
// refused, or passes where there are no templates at all, as PassthroughBehavior
// says. Redirects of HTTP endpoints are handed on, not followed.
//
// # Limits
//
// Time: Spec.Timeout, 50 ms to 29 s. An HTTP endpoint's answer 1 MiB (AWS names
// no number; more than 128 KB would not fit a push anyhow).
//
// # Errors
//
// [ErrFailed] (502), [ErrTimedOut] (504), [ErrUnreachable] (500), [ErrMediaType]
// (415). Sources: "Set up WebSocket API integrations" and "Set up data mapping"
// of the API Gateway Developer Guide, and the apigatewayv2 service model.
//
// All methods are safe for concurrent use. Read next: proxy.go for functions,
// exchange.go for templates, http.go for endpoints.
package integration

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"bellhop/localdev/gateway/expression"
	"bellhop/localdev/lambda"
)

// Kind is an integration's type.
type Kind string

// The kinds of integrations.
const (
	Lambda    Kind = "AWS_PROXY"  // a function, called with the event as it is
	AWS       Kind = "AWS"        // a function, called with what a template makes of the message
	HTTP      Kind = "HTTP"       // an endpoint, called with what a template makes of the message
	HTTPProxy Kind = "HTTP_PROXY" // an endpoint, called with the message as it is
	Mock      Kind = "MOCK"       // templates only
)

// Spec describes an integration.
type Spec struct {
	Kind     Kind          // empty for a route without a target, which always fails
	Timeout  time.Duration // 50 ms to 29 s; 0: what the gateway allows
	Function string        // name of the function, for Lambda and AWS
	// Denied says that nothing lets API Gateway invoke the function: it is never
	// called (ErrUnreachable).
	Denied bool
	// URI of an endpoint: http or https, with ${stageVariables.name} and {name} of
	// a path parameter in it. Method: POST unless set, also for ANY.
	URI, Method string
	// Parameters maps "integration.request.header.Name", ….querystring.Name and
	// ….path.Name to values: "route.request.body.a", "route.request.header.Name",
	// "route.request.querystring.name", "context.connectionId",
	// "stageVariables.name" or "'text'". Of endpoints only.
	Parameters map[string]string

	// RequestTemplates by template key. Not of proxies.
	RequestTemplates map[string]string
	// TemplateSelectionExpression yields the template key; empty: $default. A key
	// without template falls back to $default.
	TemplateSelectionExpression string
	// Passthrough is WHEN_NO_MATCH (also if empty), WHEN_NO_TEMPLATES or NEVER.
	Passthrough string
	// Responses by integration response key: $default, or a regular expression
	// between slashes that matches the whole status code, such as /2\d\d/, or a
	// function's errorMessage. None: what the backend says is handed on.
	Responses map[string]Response
	// Binary decodes the message from base64 for the backend
	// (ContentHandlingStrategy CONVERT_TO_BINARY). Of HTTP and HTTP_PROXY.
	Binary bool
}

// Response is an integration response.
type Response struct {
	ResponseTemplates           map[string]string
	TemplateSelectionExpression string // as that of the request
	Text                        bool   // encodes the answer in base64 (CONVERT_TO_TEXT)
}

// Request is what a route asks its integration.
type Request struct {
	// Input is the event where WantsEvent says so, else the message. It is the
	// integration's to keep.
	Input []byte
	// Vars looks up context.*, stageVariables.*, route.request.header.* and
	// route.request.querystring.*. nil where WantsEvent.
	Vars expression.Vars

	message []byte // what the client sent, where Input was rendered since
}

// Answer is what a backend said.
type Answer struct {
	None     bool // null: the function returned nothing
	Status   int
	Body     []byte
	Protocol string // of header Sec-WebSocket-Protocol
}

// Integration is what stands behind a route.
type Integration interface {
	WantsEvent() bool
	// Run asks the backend, for at most the integration's timeout. An error wraps
	// one of this package's.
	Run(ctx context.Context, r Request) (Answer, error)
}

// The errors of Run. Compare with errors.Is.
var (
	// ErrFailed: the backend failed or its result is malformed; 502.
	ErrFailed = errors.New("integration failed")
	// ErrTimedOut: no answer within the integration's timeout; 504.
	ErrTimedOut = errors.New("integration timed out")
	// ErrUnreachable: the function does not exist, takes no call or may not be
	// called, nothing listens at the endpoint; 500.
	ErrUnreachable = errors.New("integration cannot be reached")
	// ErrMediaType: no template is for the message and it may not pass; 415.
	ErrMediaType = errors.New("no template for the message")
)

// Tools is what integrations work with.
type Tools struct {
	Invoker lambda.Invoker
	Client  *http.Client  // for endpoints; its redirects and timeout are not used
	Timeout time.Duration // the longest, and of specs that name none
}

// absent is the integration of a route that has none.
type absent struct{}

var _ Integration = absent{}

func (absent) WantsEvent() bool { return true }

func (absent) Run(context.Context, Request) (Answer, error) {
	return Answer{}, fmt.Errorf("%w: the route has no target", ErrUnreachable)
}

// New makes an integration. It refuses what AWS would refuse, and templates
// beyond package mapping.
func New(s Spec, t Tools) (Integration, error) {
	if s.Timeout == 0 || s.Timeout > t.Timeout {
		s.Timeout = t.Timeout
	}
	function := Caller{Invoker: t.Invoker, Function: s.Function, Timeout: s.Timeout, Denied: s.Denied}
	switch s.Kind {
	case "":
		return absent{}, nil
	case Lambda:
		return &proxy{function}, nil
	case HTTPProxy:
		e, err := newEndpoint(s, t.Client)
		return &httpProxy{e}, err
	case AWS, HTTP, Mock:
	default:
		return nil, fmt.Errorf("integration type %q is not supported", s.Kind)
	}
	x, err := newExchange(s)
	if err != nil {
		return nil, err
	}
	switch s.Kind {
	case AWS:
		x.ask = function.ask
	case HTTP:
		e, err := newEndpoint(s, t.Client)
		if err != nil {
			return nil, err
		}
		x.ask = e.ask
	default:
		x.ask = loopback
	}
	return x, nil
}

package gateway

import (
	"bellhop/localdev/gateway/integration"
	"bellhop/localdev/gateway/throttle"
)

// API is one WebSocket API with one stage, as a template declares it.
type API struct {
	ID      string // 10 characters on AWS, such as "k7demo9x2a"
	Region  string // "eu-west-1"
	Account string // 12 digits
	Stage   string // letters, digits, - and _; at most 128
	// Domain is the domainName of events. Empty: the Host header of each client,
	// its port included, so that https://{domainName} style addresses work here.
	Domain string
	// Domains are custom domain names that lead to the stage. For who comes by one,
	// it is the domainName of events.
	Domains []Domain
	// EndpointDisabled refuses with 403 what comes by another host than those of
	// Domains (DisableExecuteApiEndpoint).
	EndpointDisabled bool
	StageVariables   map[string]string
	// RouteSelectionExpression picks a message's route: "$request.body.type".
	RouteSelectionExpression string
	// Routes by route key: $connect, $disconnect, $default and custom keys.
	Routes     map[string]Route
	Authorizer *Authorizer // of $connect; nil: none
	// Undeployed refuses every handshake with 403: the stage has neither a
	// deployment nor AutoDeploy.
	Undeployed bool
	// IAM asks handshakes for a signature (AuthorizationType AWS_IAM of $connect).
	// There are no IAM policies here: whoever signs may connect.
	IAM bool
	// APIKeyRequired asks handshakes for an API key (of $connect).
	APIKeyRequired bool
	// APIKeySelectionExpression says where it comes from: $request.header.x-api-key
	// (also if empty) or $context.authorizer.usageIdentifierKey.
	APIKeySelectionExpression string
	Throttle                  Throttle
	// AccessLogFormat is the format of the stage's access log; empty: it has none.
	AccessLogFormat string
}

// Route is one route of an API.
type Route struct {
	Integration Integration
	// Models are JSON schemas by model key, which messages of the route must fit;
	// ModelSelectionExpression yields the key, $default if empty.
	Models                   map[string]string
	ModelSelectionExpression string
	// Binary takes messages as base64 and tells the function so
	// (ContentHandlingStrategy CONVERT_TO_BINARY of an AWS_PROXY integration).
	Binary bool
	// Response makes the route two-way: the template has both a
	// RouteResponseSelectionExpression and a RouteResponse with key $default.
	Response bool
}

// Integration is what a route does with a request.
type Integration = integration.Spec

// Kind is an integration's type.
type Kind = integration.Kind

// Response is an integration response.
type Response = integration.Response

// The kinds of integrations that the gateway runs.
const (
	Lambda = integration.Lambda
	Mock   = integration.Mock
)

// Authorizer is a Lambda authorizer of type REQUEST.
type Authorizer struct {
	Function string
	// Denied says that nothing lets API Gateway invoke it: every handshake fails.
	Denied bool
	// IdentitySources, such as "route.request.header.Cookie": all must be there
	// and not empty, else the client gets 401 without a call. None: the
	// authorizer is always called. A source in a form that WebSocket APIs do
	// not know ("$request.header.X") is never there, as on AWS.
	IdentitySources []string
}

// Throttle limits requests by route. Best effort on AWS, exact here.
type Throttle struct {
	Default Rate            // of each route that Routes does not name
	Routes  map[string]Rate // by route key
}

// Rate is a token bucket's.
type Rate = throttle.Rate

// rateOf returns the rate of a route: its own, else the stage's default.
func (t *Throttle) rateOf(key string) Rate {
	if r, ok := t.Routes[key]; ok {
		return r
	}
	return t.Default
}

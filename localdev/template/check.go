package template

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"bellhop/localdev/template/reader"
)

// Check looks for what linters let pass, and what then fails on AWS: at
// deployment, or worse, on every request. It tells of
//
//   - routes and authorizers that may not invoke their function;
//   - two-way routes without a route response, and the other way round;
//   - authorizers of a WebSocket API with a cache, or with identity sources in
//     the form of HTTP APIs;
//   - routes without a target, or with an AuthorizationType that is unknown;
//   - two routes with one key;
//   - integration time-outs outside 50 ms to 29 s (WebSocket) or 30 s (HTTP);
//   - WebSocket APIs without a RouteSelectionExpression;
//   - stages with both a deployment and AutoDeploy, or with neither.
//
// Sources: the pages on WebSocket APIs of the API Gateway Developer Guide, and its
// quotas, read November 2026. The faults are in the order of their lines.
func Check(s *Stack) []Fault {
	c := checker{Faults: reader.NewFaults(s.File), stack: s}
	for _, a := range s.WebSocketAPIs {
		if a.RouteSelectionExpression == "" {
			c.tell(a.Part, "RouteSelectionExpression", "not set: no message would find its route")
		}
		view := apiView{id: a.ID, websocket: true, stages: a.Stages, deployments: a.Deployments}
		c.routes(a.Routes, view)
		c.authorizers(a.Authorizers, view)
		c.stages(view)
	}
	for _, a := range s.HTTPAPIs {
		view := apiView{id: a.ID, stages: a.Stages, deployments: a.Deployments}
		c.routes(a.Routes, view)
		c.authorizers(a.Authorizers, view)
		c.stages(view)
	}
	return c.Sorted()
}

type checker struct {
	*reader.Faults
	stack *Stack
}

// apiView is what the checks need of an API of either protocol.
type apiView struct {
	id          string
	websocket   bool
	stages      []Stage
	deployments []Deployment
}

func (c checker) tell(p Part, property, format string, args ...any) {
	c.Add(reader.Place{LogicalID: p.LogicalID, Property: property}, p.LineOf(property), format, args...)
}

func (c checker) routes(routes []Route, a apiView) {
	first := map[string]Route{}
	for _, r := range routes {
		if other, twice := first[r.Key]; twice {
			c.tell(r.Part, "RouteKey", "%q is the key of %s too", r.Key, other.LogicalID)
		}
		first[r.Key] = r
		c.authorization(r, a)
		if a.websocket {
			c.response(r)
		}
		if r.Integration == nil {
			c.tell(r.Part, "Target", "no target: a request would be answered with an error")
			continue
		}
		c.timeout(*r.Integration, a)
		c.routePermission(r, a)
	}
}

func (c checker) authorization(r Route, a apiView) {
	known := []string{"NONE", "AWS_IAM", "CUSTOM"}
	if !a.websocket {
		known = append(known, "JWT")
	}
	if !slices.Contains(known, r.AuthorizationType) {
		c.tell(r.Part, "AuthorizationType", "%q is none of %s", r.AuthorizationType, strings.Join(known, ", "))
		return
	}
	wants := r.AuthorizationType == "CUSTOM" || r.AuthorizationType == "JWT"
	switch {
	case wants && r.Authorizer == "":
		c.tell(r.Part, "AuthorizerId", "not set, although AuthorizationType is %s", r.AuthorizationType)
	case !wants && r.Authorizer != "":
		c.tell(r.Part, "AuthorizerId", "never asked, since AuthorizationType is %s", r.AuthorizationType)
	case a.websocket && r.AuthorizationType != "NONE" && r.Key != "$connect":
		c.tell(r.Part, "AuthorizationType", "a WebSocket API authorizes on $connect alone")
	}
}

// response wants a two-way route to have both halves.
func (c checker) response(r Route) {
	switch {
	case r.ResponseSelectionExpression != "" && r.Response == nil:
		c.tell(r.Part, "RouteResponseSelectionExpression", "no RouteResponse: the client would get no answer")
	case r.ResponseSelectionExpression == "" && r.Response != nil:
		c.tell(r.Response.Part, "RouteId",
			"%s has no RouteResponseSelectionExpression: the client would get no answer", r.LogicalID)
	}
}

func (c checker) timeout(i Integration, a apiView) {
	least, most := 50*time.Millisecond, 30*time.Second
	if a.websocket {
		most = 29 * time.Second
	}
	if i.Timeout < least || i.Timeout > most {
		c.tell(i.Part, "TimeoutInMillis", "%v is outside %v to %v", i.Timeout, least, most)
	}
}

func (c checker) authorizers(authorizers []Authorizer, a apiView) {
	for _, authorizer := range authorizers {
		if a.websocket {
			c.websocketAuthorizer(authorizer)
		}
		c.authorizerPermission(authorizer, a)
	}
}

func (c checker) websocketAuthorizer(a Authorizer) {
	if a.Has("AuthorizerResultTtlInSeconds") {
		c.tell(a.Part, "AuthorizerResultTtlInSeconds", "a WebSocket API's authorizer has no cache: it would not be created")
	}
	if a.Type != "REQUEST" {
		c.tell(a.Part, "AuthorizerType", "%q: a WebSocket API knows REQUEST alone", a.Type)
	}
	for _, source := range a.IdentitySources {
		if problem := identitySource(source); problem != "" {
			c.tell(a.Part, "IdentitySource", "%q %s", source, problem)
		}
	}
}

// identitySource says what is wrong with an identity source of a WebSocket API.
func identitySource(source string) string {
	if strings.HasPrefix(source, "$") {
		return "is in the form of HTTP APIs: here it is route.request.header.Name"
	}
	for _, form := range []string{"route.request.header.", "route.request.querystring.", "stageVariables.", "context."} {
		if len(source) > len(form) && strings.HasPrefix(source, form) {
			return ""
		}
	}
	return "is none of route.request.header.X, route.request.querystring.X, stageVariables.X, context.X"
}

func (c checker) stages(a apiView) {
	for _, s := range a.stages {
		switch {
		case s.AutoDeploy && s.DeploymentID != "":
			c.tell(s.Part, "DeploymentId", "set together with AutoDeploy, which would change it")
		case !s.AutoDeploy && s.DeploymentID == "":
			c.tell(s.Part, "AutoDeploy", "nothing is deployed: every request would be answered with 403")
		case s.AutoDeploy && len(a.deployments) > 0:
			d := a.deployments[0]
			c.tell(d.Part, "", "a Deployment beside stage %s, which deploys by itself", s.LogicalID)
		}
	}
}

// invocation is what API Gateway would call a function for.
type invocation struct {
	// function is a logical id.
	function string
	// sources are the last parts of the source ARNs that it may come with; all of
	// them must be allowed.
	sources []string
}

func (c checker) authorizerPermission(authorizer Authorizer, a apiView) {
	if authorizer.Function == "" || authorizer.CredentialsARN != "" {
		return
	}
	missing := c.denied(invocation{authorizer.Function, []string{a.id + "/authorizers/" + authorizer.ID}})
	if missing != "" {
		c.tell(authorizer.Part, "AuthorizerUri", "no AWS::Lambda::Permission lets it invoke %s", authorizer.Function)
	}
}

func (c checker) routePermission(r Route, a apiView) {
	if r.Integration.Function == "" || r.Integration.CredentialsARN != "" {
		return
	}
	call := invocation{function: r.Integration.Function}
	for _, stage := range a.stages {
		for _, resource := range routeResources(r.Key) {
			call.sources = append(call.sources, a.id+"/"+stage.Name+"/"+resource)
		}
	}
	if missing := c.denied(call); missing != "" {
		c.tell(r.Part, "RouteKey", "no AWS::Lambda::Permission lets it invoke %s (source %s)", call.function, missing)
	}
}

// routeResources gives the last parts of a route's source ARN: "hello" for a
// route of a WebSocket API, "GET/items" for "GET /items".
func routeResources(key string) []string {
	method, path, ok := strings.Cut(key, " ")
	switch {
	case !ok:
		return []string{key}
	case method == "ANY":
		return []string{"GET" + path, "POST" + path}
	}
	return []string{method + path}
}

// denied gives the first source that no permission allows, or "".
func (c checker) denied(call invocation) string {
	for _, source := range call.sources {
		arn := fmt.Sprintf("arn:aws:execute-api:%s:%s:%s", c.stack.Region, c.stack.Account, source)
		if !slices.ContainsFunc(c.stack.Permissions, func(p Permission) bool { return p.allows(call.function, arn) }) {
			return source
		}
	}
	return ""
}

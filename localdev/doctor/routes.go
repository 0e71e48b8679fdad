package doctor

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"bellhop/localdev/template"
)

func routeSelection(v view, tell teller) {
	for _, a := range v.apis {
		if a.websocket && a.selection == "" {
			tell(a.Part, "RouteSelectionExpression", "not set: no message would find its route")
		}
	}
}

func routeTarget(_ view, _ api, r template.Route, tell teller) {
	if r.Integration == nil {
		tell(r.Part, "Target", "no target: a request would be answered with an error")
	}
}

func routeTwice(v view, tell teller) {
	for _, a := range v.apis {
		first := map[string]template.Route{}
		for _, r := range a.routes {
			if other, twice := first[r.Key]; twice {
				tell(r.Part, "RouteKey", "%q is the key of %s too", r.Key, other.LogicalID)
			}
			first[r.Key] = r
		}
	}
}

// routeResponse wants a two-way route to have both halves. The answers of $connect
// and $disconnect never reach the client.
func routeResponse(_ view, a api, r template.Route, tell teller) {
	if !a.websocket || r.Key == "$connect" || r.Key == "$disconnect" {
		return
	}
	switch {
	case r.ResponseSelectionExpression != "" && r.Response == nil:
		tell(r.Part, "RouteResponseSelectionExpression", "no RouteResponse: the client would get no answer")
	case r.ResponseSelectionExpression == "" && r.Response != nil:
		tell(r.Response.Part, "RouteId", "%s has no RouteResponseSelectionExpression: the client would get no answer", r.LogicalID)
	}
}

func integrationTimeout(_ view, a api, r template.Route, tell teller) {
	if r.Integration == nil {
		return
	}
	least, most := 50*time.Millisecond, 30*time.Second
	if a.websocket {
		most = 29 * time.Second
	}
	if t := r.Integration.Timeout; t < least || t > most {
		tell(r.Integration.Part, timeoutProperty(r.Integration.Part), "%v is outside %v to %v", t, least, most)
	}
}

// timeoutProperty is the name of an integration's time-out, which SAM's WebSocketApi
// calls otherwise.
func timeoutProperty(p template.Part) string {
	if p.Has("IntegrationTimeout") {
		return "IntegrationTimeout"
	}
	return "TimeoutInMillis"
}

func routePermission(v view, a api, r template.Route, tell teller) {
	if r.Integration == nil || r.Integration.Function == "" || r.Integration.CredentialsARN != "" {
		return
	}
	function := r.Integration.Function
	for _, stage := range a.stages {
		for _, resource := range routeResources(r.Key) {
			source := a.id + "/" + stage.Name + "/" + resource
			if !v.permitted(function, source) {
				tell(r.Part, "RouteKey", "no AWS::Lambda::Permission lets it invoke %s (source %s)", function, source)
				return
			}
		}
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

// permitted tells whether API Gateway may invoke a function for a source.
func (v view) permitted(function, source string) bool {
	arn := fmt.Sprintf("arn:aws:execute-api:%s:%s:%s", v.stack.Region, v.stack.Account, source)
	return slices.ContainsFunc(v.stack.Permissions, func(p template.Permission) bool { return allows(p, function, arn) })
}

package doctor

import (
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
	for _, stage := range a.stages {
		if source := v.stack.RouteDenied(a.id, stage.Name, r); source != "" {
			tell(r.Part, "RouteKey", "no AWS::Lambda::Permission lets it invoke %s (source %s)", r.Integration.Function, source)
			return
		}
	}
}

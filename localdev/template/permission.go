package template

import (
	"fmt"
	"slices"
	"strings"

	"bellhop/localdev/gateway/policy"
)

// RouteDenied gives a source that no permission of the template lets call the
// function of a route, such as "k7demo9x2a/live/hello": the API's id, the stage and
// the route. It is empty where all is allowed, where the API calls by a role, and
// where the route has no function of this template.
func (s *Stack) RouteDenied(api, stage string, r Route) (source string) {
	if r.Integration == nil || r.Integration.Function == "" || r.Integration.CredentialsARN != "" {
		return ""
	}
	for _, resource := range routeResources(r.Key) {
		source := api + "/" + stage + "/" + resource
		if !s.permits(r.Integration.Function, source) {
			return source
		}
	}
	return ""
}

// AuthorizerDenied is RouteDenied for an authorizer, which no stage is part of.
func (s *Stack) AuthorizerDenied(api string, a Authorizer) (source string) {
	source = api + "/authorizers/" + a.ID
	if a.Function == "" || a.CredentialsARN != "" || s.permits(a.Function, source) {
		return ""
	}
	return source
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

// permits tells whether API Gateway may invoke a function for a source.
func (s *Stack) permits(function, source string) bool {
	arn := fmt.Sprintf("arn:aws:execute-api:%s:%s:%s", s.Region, s.Account, source)
	return slices.ContainsFunc(s.Permissions, func(p Permission) bool { return p.allows(function, arn) })
}

// allows tells whether the permission lets API Gateway invoke a function, named by
// its logical id, on behalf of a source. One for a function that is not known may
// be for any.
func (p Permission) allows(function, source string) bool {
	return (p.Function == function || p.Function == "") &&
		(p.Principal == "apigateway.amazonaws.com" || p.Principal == "*") &&
		policy.Match(strings.ToLower(p.Action), "lambda:invokefunction") &&
		(p.SourceARN == "" || matchARN(p.SourceARN, source))
}

// matchARN compares as IAM's ArnLike does: part by part, so that a wildcard does
// not reach over a colon. The sixth part is the rest.
func matchARN(pattern, arn string) bool {
	patterns, parts := strings.SplitN(pattern, ":", 6), strings.SplitN(arn, ":", 6)
	if len(patterns) != len(parts) {
		return false
	}
	for i := range parts {
		if !policy.Match(patterns[i], parts[i]) {
			return false
		}
	}
	return true
}

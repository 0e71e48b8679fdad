package doctor

import (
	"slices"
	"strings"

	"bellhop/localdev/template"
)

func authorizationType(_ view, a api, r template.Route, tell teller) {
	if known := authorizationTypes(a); !slices.Contains(known, r.AuthorizationType) {
		tell(r.Part, "AuthorizationType", "%q is none of %s", r.AuthorizationType, strings.Join(known, ", "))
	}
}

func authorizationTypes(a api) []string {
	known := []string{"NONE", "AWS_IAM", "CUSTOM"}
	if !a.websocket {
		known = append(known, "JWT")
	}
	return known
}

func authorizerUse(_ view, a api, r template.Route, tell teller) {
	wants := r.AuthorizationType == "CUSTOM" || r.AuthorizationType == "JWT" && !a.websocket
	switch {
	case !slices.Contains(authorizationTypes(a), r.AuthorizationType):
	case wants && r.Authorizer == "":
		tell(r.Part, "AuthorizerId", "not set, although AuthorizationType is %s", r.AuthorizationType)
	case !wants && r.Authorizer != "":
		tell(r.Part, "AuthorizerId", "never asked, since AuthorizationType is %s", r.AuthorizationType)
	case a.websocket && r.AuthorizationType != "NONE" && r.Key != "$connect":
		tell(r.Part, "AuthorizationType", "a WebSocket API authorizes on $connect alone")
	}
}

func authorizerType(_ view, a api, z template.Authorizer, tell teller) {
	if a.websocket && z.Type != "REQUEST" {
		tell(z.Part, "AuthorizerType", "%q: a WebSocket API knows REQUEST alone", z.Type)
	}
}

func authorizerCache(_ view, a api, z template.Authorizer, tell teller) {
	if a.websocket && z.Has("AuthorizerResultTtlInSeconds") {
		tell(z.Part, "AuthorizerResultTtlInSeconds", "a WebSocket API's authorizer has no cache: it would not be created")
	}
}

func identitySources(_ view, a api, z template.Authorizer, tell teller) {
	if !a.websocket {
		return
	}
	for _, source := range z.IdentitySources {
		if problem := identitySource(source); problem != "" {
			tell(z.Part, "IdentitySource", "%q %s", source, problem)
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

func authorizerPermission(v view, a api, z template.Authorizer, tell teller) {
	if v.stack.AuthorizerDenied(a.id, z) != "" {
		tell(z.Part, "AuthorizerUri", "no AWS::Lambda::Permission lets it invoke %s", z.Function)
	}
}

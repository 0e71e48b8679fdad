package doctor

import (
	"maps"
	"slices"
	"strings"

	"bellhop/localdev/gateway/policy"
	"bellhop/localdev/template"
)

// manageConnections wants the right to push for each function that can be seen to.
func manageConnections(v view, tell teller) {
	if len(v.stack.WebSocketAPIs) == 0 {
		return
	}
	for _, f := range v.stack.Functions {
		if why := v.pushes(f); why != "" && !v.mayPush(f) {
			tell(f.Part, "Policies", "%s, and nothing allows it execute-api:ManageConnections", why)
		}
	}
}

// pushes says by what a function can be seen to push, or "".
func (v view) pushes(f template.Function) string {
	for _, name := range slices.Sorted(maps.Keys(f.Environment)) {
		if v.isEndpoint(f.Environment[name]) {
			return "its variable " + name + " is the management endpoint"
		}
	}
	code := strings.ToLower(v.sources.of(f).text)
	for _, sign := range pushSigns() {
		if strings.Contains(code, sign) {
			return "its code calls @connections"
		}
	}
	return ""
}

// pushSigns are what the code of a function that pushes has in it, in lower case:
// the address, the SDKs' client, or their call.
func pushSigns() []string {
	return []string{"@connections", "apigatewaymanagementapi", "posttoconnection(", "posttoconnectioncommand", "post_to_connection("}
}

// isEndpoint tells whether a variable names the management endpoint of a WebSocket
// API of the template.
func (v view) isEndpoint(value string) bool {
	if strings.Contains(value, "@connections") {
		return true
	}
	return strings.HasPrefix(value, "https://") && slices.ContainsFunc(v.stack.WebSocketAPIs, func(a template.WebSocketAPI) bool {
		return strings.Contains(value, a.ID+".execute-api.")
	})
}

// mayPush tells whether a function has the right to push, or may have it: by a role
// or a policy that the template only names.
func (v view) mayPush(f template.Function) bool {
	return f.ForeignRole || slices.ContainsFunc(f.Policies, mayGrantPush) ||
		slices.ContainsFunc(f.Statements, func(s template.Statement) bool { return v.grantsPush(s) })
}

// mayGrantPush tells it of a policy by its name: AWS's own policies are known, those
// of the account may grant anything.
func mayGrantPush(name string) bool {
	for _, known := range []string{"AmazonAPIGatewayInvokeFullAccess", "AdministratorAccess", "PowerUserAccess"} {
		if strings.HasSuffix(name, known) {
			return true
		}
	}
	return strings.HasPrefix(name, "arn:") && !strings.Contains(name, ":iam::aws:policy/")
}

func (v view) grantsPush(s template.Statement) bool {
	if s.Effect != "Allow" || !slices.ContainsFunc(s.Actions, func(a string) bool {
		return policy.Match(strings.ToLower(a), "execute-api:manageconnections")
	}) {
		return false
	}
	return slices.ContainsFunc(s.Resources, v.reachesConnections) || len(s.Resources) == 0
}

// reachesConnections tells whether a resource covers the connections of one of the
// template's APIs. AWS's documents give it with and without the connection's id.
func (v view) reachesConnections(resource string) bool {
	before := "arn:aws:execute-api:" + v.stack.Region + ":" + v.stack.Account + ":"
	for _, a := range v.stack.WebSocketAPIs {
		for _, s := range a.Stages {
			for _, verb := range []string{"POST", "DELETE", "GET"} {
				path := before + a.ID + "/" + s.Name + "/" + verb + "/@connections"
				if policy.Match(resource, path+"/Zk3TqcW1IAMCJ2w=") || policy.Match(resource, path) {
					return true
				}
			}
		}
	}
	return false
}

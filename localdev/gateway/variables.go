package gateway

import (
	"strconv"
	"strings"

	"bellhop/localdev/gateway/expression"
	"bellhop/localdev/gateway/rawjson"
)

// variable looks up a variable of selection expressions and mapping templates:
// context.*, stageVariables.*, and on $connect route.request.header.* and
// route.request.querystring.*. An unknown one is "".
func (g *Gateway) variable(m *moment, name string) string {
	if key, ok := strings.CutPrefix(name, "stageVariables."); ok {
		return g.api.StageVariables[key]
	}
	if m.handshake != nil && strings.HasPrefix(name, "route.request.") {
		return m.handshake.parameter(name)
	}
	name, ok := strings.CutPrefix(name, "context.")
	if !ok {
		return ""
	}
	if key, ok := strings.CutPrefix(name, "authorizer."); ok {
		return memberOf("{"+m.authorizer+"}", key)
	}
	if key, ok := strings.CutPrefix(name, "identity."); ok {
		return memberOf(m.identity, key)
	}
	switch name {
	case "connectionId":
		return m.id
	case "requestId", "extendedRequestId":
		return m.requestID
	case "messageId":
		return m.messageID
	case "routeKey":
		return m.routeKey
	case "eventType":
		return string(m.kind)
	case "messageDirection":
		return "IN"
	case "apiId":
		return g.api.ID
	case "stage":
		return g.api.Stage
	case "domainName":
		return m.domain
	case "connectedAt":
		return strconv.FormatInt(m.connectedAt, 10)
	case "requestTime":
		return m.at.UTC().Format(requestTimeLayout)
	case "requestTimeEpoch":
		return strconv.FormatInt(m.at.UnixMilli(), 10)
	}
	return ""
}

func memberOf(object, key string) string {
	for k, v := range rawjson.Members([]byte(object)) {
		if rawjson.Is(k, key) {
			return string(rawjson.AppendString(nil, v))
		}
	}
	return ""
}

func (g *Gateway) vars(m *moment) expression.Vars {
	return func(name string) string { return g.variable(m, name) }
}

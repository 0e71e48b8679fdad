package template

import (
	"maps"
	"slices"

	"bellhop/localdev/template/reader"
)

// What properties say that nothing here heeds, by their names.
var (
	unreadOfHTTPAPI     = map[string]string{"CorsConfiguration": "is not applied: answers have no CORS headers but the function's own"}
	unreadOfRoute       = map[string]string{"RequestParameters": "is not read: no parameter is required here"}
	unreadOfIntegration = map[string]string{"ConnectionId": "a VPC link is not there: the address is called from this machine"}
	unreadOfSAMRoute    = map[string]string{
		"RequestParameters":        "is not read: no parameter is required here",
		"RequestModels":            "is not read: messages are not held against a model",
		"ModelSelectionExpression": "is not read: messages are not held against a model",
	}
)

// warnOfUnread tells of those properties that a part has.
func (b *builder) warnOfUnread(part Part, at reader.Place, unread map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(unread)) {
		if part.Has(name) {
			at.Property = name
			b.Warn(at, part.LineOf(name), "%s", unread[name])
		}
	}
}

// warnOfOpenRoute tells of a route of an HTTP API whose authorizer is not asked.
func (b *builder) warnOfOpenRoute(r Route, at reader.Place) {
	if r.AuthorizationType != "NONE" {
		b.Warn(at, r.LineOf("AuthorizationType"), "an HTTP API does not authorize here: every request reaches the function")
	}
}

// Package httpapi emulates an API Gateway HTTP API on a developer's machine, as
// far as Lambda proxy integrations with payload format 2.0 go: it finds the
// route, turns the request into the event, invokes the function, and turns its
// result into the response.
//
// # Promises
//
// A function sees what it sees on AWS, field by field; a client sees API
// Gateway's own answers when the function cannot give one:
//
//	404 {"message":"Not Found"}               no route
//	413 {"message":"Request Entity Too Large"} body over 10 MB
//	500 {"message":"Internal Server Error"}   the function failed, or its result has no valid form
//	503 {"message":"Service Unavailable"}     it took longer than the integration's time-out, or was throttled
//
// There are no authorizers, no CORS answers and no throttling: a template that
// needs them is served without.
//
// # Limits
//
// A body is at most 10 MB, an integration lasts at most 30 s
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html,
// read November 2026).
//
// # Server
//
// The fasthttp server must run with DisableHeaderNamesNormalizing, and with a
// MaxRequestBodySize above MaxBody, or it refuses large bodies itself. HTTPAPI is
// safe for concurrent use and starts no goroutines.
//
// Read httpapi.go first, then route.go, event.go, response.go. The formats:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html.
package httpapi

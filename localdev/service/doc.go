// Package service is Bellhop whole in one process: what a template declares,
// served on one port.
//
//	GET  /                                     the demo page
//	     /notifications …                      the template's HTTP API
//	ws   /ws/notifications/                    the template's first WebSocket API
//	ws   /{stage}                              its address on AWS
//	POST /2015-03-31/functions/{name}/invocations   the Lambda Invoke API
//	     /{stage}/@connections/{id}            the management API
//
// Functions run in this process, across the JSON border of Lambda, over an
// embedded store. The local path never goes through an AWS SDK: pushes are
// plain calls into the gateway.
//
// Or they run as they deploy: Options.Binaries has the built binaries run under
// the Lambda Runtime API, over a DynamoDB endpoint, pushing through the
// management API by the AWS SDK.
//
// Routes, authorizer, functions, their environment and time-outs come from the
// template, so that what runs here is what deploys. One thing is added: with
// no ALLOWED_ORIGINS, pages from localhost, 127.0.0.1 and [::1] may connect, as
// Django does with DEBUG on.
//
// Schedules of the template run as on AWS, if they are rates, and faster with
// Options.Speed; other events of functions, such as DynamoDB streams, do not, and
// a warning says so at the start.
//
// Read next: service.go, then functions.go, binaries.go, apis.go and router.go.
package service

// Package service is Bellhop whole in one process: what a template declares,
// served on one port.
//
//	GET  /                                     the demo page
//	     /_inspector                           the inspector, package inspector
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
// Or they run as they deploy, as processes under the Lambda Runtime API, in Go,
// Node.js or Python, with Options.Binaries or with a template whose functions are
// not of this program. The template's tables are made in a DynamoDB engine that is
// started for them, or in one that is named. The hosts that the APIs have on AWS
// lead back here for these processes (package hosts), and so do the AWS SDKs, so
// that code which builds the management endpoint from its event runs unchanged.
//
// Or they run elsewhere, behind a Lambda Invoke endpoint.
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
// Read next: service.go, then functions.go, processes.go, apis.go and router.go.
package service

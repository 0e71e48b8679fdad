// Package doctor looks for what linters let pass in the template of a WebSocket
// API, and what then fails on AWS: at deployment, or worse, on every request. What
// works and is a trap for later is told as [Advice].
//
// Check applies every rule of Rules to a template.Stack and gives one Finding for
// each breach, with its place, what becomes of it on AWS, and the cure. RULES.md
// lists the rules.
//
// # Promises
//
// A finding is about something that can be seen: where a template or the code of
// a function leaves it open, nothing is said. Findings are in the order of their
// lines, and the same on every run. A Rule may find several things in one
// template.
//
// # Limits
//
// Code is read only where it is source text: inline in the template, or in a
// function's folder at or below the template's own, up to 200 files of at most
// 256 KB each, without node_modules and the like. Roles of other stacks are taken
// to grant what is needed.
//
// # Sources
//
// The pages on WebSocket APIs of the API Gateway Developer Guide, and its quotas,
// read November 2026
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api.html).
//
// Read doctor.go first, then rules.go, then the file of a rule.
package doctor

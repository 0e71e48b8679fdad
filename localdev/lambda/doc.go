// Package lambda runs Lambda functions on a developer's machine and answers
// for them as the Lambda service does.
//
// A Registry knows the functions by every name that Lambda accepts and is the
// Invoker that the rest of localdev calls. A Runner runs one function:
// InProcess runs a Go handler inside this process, and anything else with the
// same method can take its place, such as a built binary behind the Runtime
// API. API is the Invoke API over HTTP, for AWS SDKs and the AWS CLI.
//
// # Promises
//
// A handler sees what it sees on AWS: its event as JSON, a context with request
// id, function ARN and a deadline, and it may be called concurrently. A caller
// sees what it sees on AWS: error types, panics with their stack trace, and
// time-outs, byte for byte as the Go runtime reports them. A caller that goes
// away does not stop a function.
//
// Two things differ. A handler that timed out cannot be killed inside this
// process: its context is done and its result is dropped, but it runs on until
// it returns. And a panic ends the invocation only, not the environment, so
// that other invocations go on.
//
// # Limits
//
// A synchronous payload is at most 6 MB, a result 6 MB, an asynchronous payload
// 1 MB (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html,
// read November 2026). Functions time out after 3 s unless told otherwise.
// Concurrency is not limited unless told otherwise.
//
// # Errors
//
// FunctionError is a failure inside the function; ErrNotFound, ErrThrottled and
// ErrQueueFull are refusals of the service.
//
// Read lambda.go first (the contract), then registry.go, inprocess.go, api.go.
package lambda

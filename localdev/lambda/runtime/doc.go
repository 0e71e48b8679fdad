// Package runtime runs a function as a process under the Lambda Runtime API
// (2018-06-01), as the Lambda service does: the `bootstrap` binary that deploys,
// or the runtime client of another language with the function's code.
//
// A [Runner] is a lambda.Runner. Each of its processes has a Runtime API of its
// own on a loopback port, so that any runtime client works: it asks for the
// next invocation, and posts a response or an error. Source: Lambda Developer
// Guide, "Using the Lambda runtime API for custom runtimes",
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html.
//
// # Promises
//
// One process serves one invocation at a time. Processes are started on demand
// and used again, the one that was free last first. An invocation beyond
// [Options.MaxProcesses] waits its turn; one beyond Spec.Concurrency is
// lambda.ErrThrottled. The time-out counts from the moment at which a process
// is given the invocation.
//
// A process that times out is killed, and so is one that has answered but does
// not ask for its next invocation in that time. A process that ends fails the
// invocation that it held, and no other: what it was not given yet goes to
// another process. A caller that goes away does not stop an invocation that a
// process holds; one that still waits is dropped.
//
// A process sees the environment that Lambda gives, and [Options.Env]; nothing
// of this process's own. No process outlives Close; on Linux none outlives this
// process either, however that ends.
//
// # Limits
//
// 10 s for a process to start and to ask for its first invocation. A result has
// at most 6 MB. A line of output has at most 64 KiB; the rest counts as further
// lines. A process that is asked to end has 500 ms for it.
//
// # Errors
//
// Besides those of lambda.Invoker: a *lambda.FunctionError of type
// Sandbox.Timedout, Runtime.ExitError (the process ended), Runtime.InvalidEntrypoint
// (it could not be started: a binary for another processor, say),
// Function.ResponseSizeTooLarge, or of the type that the function reported.
// [ErrClosed] after Close.
//
// Read next: runner.go, then process.go and api.go.
package runtime

// Package reader takes a SAM or CloudFormation template apart and resolves its
// intrinsic functions. It knows what a template is written in; what the resources
// mean is for package template, its one user.
//
// Open reads a text into an Evaluator: the Document, the parameters with their
// values, and a look at everything that can be told without resolving it. Eval
// then resolves one node after the other into a Value: text, a list or a mapping,
// each with its line.
//
// # Promises
//
// Values that CloudFormation would invent are derived from logical ids, so they
// are the same on every run. What cannot be resolved is recorded as a Fault with
// file, line, logical id and property, and comes back as Broken: whoever reads it
// says nothing more. Warnings are kept apart from faults: they do not keep the
// rest of a template from running.
//
// An Evaluator is not safe for concurrent use.
//
// # Limits
//
// A text is at most 1 MB, as CloudFormation takes it from S3
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html,
// read November 2026). Values are at most 64 levels deep and take at most 16 MB
// together, so that neither aliases nor Join make more of a short text.
//
// Read open.go first (the way through), then document.go, eval.go and walk.go.
package reader

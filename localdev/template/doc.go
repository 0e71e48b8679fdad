// Package template reads a SAM or CloudFormation template and says what it
// would deploy: functions, WebSocket APIs, HTTP APIs, tables, outputs, each with
// its logical id and the line it stands on.
//
// Load reads a file into a Stack, with every intrinsic function resolved as it
// would be in an account of one's own: stack bellhop, region eu-west-1, account
// 123456789012. Names and ids that CloudFormation would invent are derived from
// logical ids, so they are the same on every run. Check then looks for what no
// linter sees and AWS refuses, or accepts and answers with errors.
//
// # Promises
//
// A Stack is plain data: nothing in it is resolved later, and nothing changes
// after Load. Parts stand in the order of the template. A resource whose
// condition is false is not there. Types that are not needed here are carried in
// Stack.Others.
//
// # What is understood
//
// Short and long forms of Ref, GetAtt, Sub, Join, If, Select, Split, FindInMap,
// Base64, Equals, And, Or, Not and Condition; parameters with their constraints;
// mappings; pseudo parameters; Globals of SAM functions. Other intrinsic
// functions of CloudFormation, such as ImportValue, have no value on this
// machine: they are a fault only where a value is needed.
//
// Not read, and left in Stack.Others or aside: AWS::Serverless::WebSocketApi and
// HttpApi, OpenAPI bodies, nested stacks. Of the Events of SAM functions the
// schedules are read, and the names of all others.
//
// # Limits
//
// A template is at most 1 MB, as CloudFormation takes it from S3
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html,
// read November 2026), 64 levels deep, and resolves to at most 16 MB: aliases and
// Join cannot make more of it.
//
// # Errors
//
// Every fault is a *Fault with file, line, logical id and property. All faults
// of a template are reported together, joined by errors.Join.
//
// Read model.go first (what comes out), then load.go (the way through), then
// eval.go (the intrinsics), then check.go.
package template

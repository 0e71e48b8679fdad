// Package template reads a SAM or CloudFormation template and says what it
// would deploy: functions, WebSocket APIs, HTTP APIs, tables, outputs, each with
// its logical id and the line it stands on.
//
// Load reads a file into a Stack, with every intrinsic function resolved as it
// would be in an account of one's own: stack bellhop, region eu-west-1, account
// 123456789012. Names and ids that CloudFormation would invent are derived from
// logical ids, so they are the same on every run. Package reader does the
// resolving; package doctor looks for what would fail on AWS.
//
// # Promises
//
// A Stack is plain data: nothing in it is resolved later, and nothing changes
// after Load. Parts stand in the order of the template. A resource whose
// condition is false is not there. Types that are not needed here are carried in
// Stack.Others; where that leaves something out on this machine, Stack.Warnings
// says so.
//
// # What is understood
//
// YAML and JSON. Short and long forms of Ref, GetAtt, Sub, Join, If, Select, Split,
// FindInMap, Base64, GetAZs, ImportValue (of values that are given), Equals, And,
// Or, Not and Condition; parameters with their constraints; mappings; pseudo
// parameters; Globals of SAM. Other intrinsic functions of CloudFormation have no
// value on this machine: they are a fault only where a value is needed.
//
// WebSocket and HTTP APIs of AWS::ApiGatewayV2, AWS::Serverless::WebSocketApi and
// HttpApi with the HttpApi events of functions; functions and tables of either
// form; roles and policies, as far as they say what functions may do. SAM's
// resources become the parts that SAM makes of them, under its logical ids, with
// the lines of what they are made of.
//
// Not read, and warned of: OpenAPI bodies, REST APIs, nested stacks, custom
// domains of HTTP APIs, layers that are not of the template, and whatever else there is.
// Of the Events of SAM functions schedules are read, too, and the names of all others.
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
// SUPPORT.md has the same as tables, for users.
//
// Read model.go first (what comes out), then build.go (the way through), then
// apis.go, functions.go and tables.go; sam.go and httpevents.go for SAM's own.
package template

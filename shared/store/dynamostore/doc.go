// Package dynamostore keeps everything in DynamoDB. keys.go draws the tables;
// template.yaml declares them.
//
// # Promises
//
// Store implements inbox.Table, connections.Store and session.Store, and is
// safe for concurrent use. Reads are strongly consistent, but for the list of a
// user's sessions, which is a global index. A commit is one transaction, or one
// conditional write where it moves the head alone. There is no Scan.
//
// # Costs
//
// Load is one GetItem, or one BatchGetItem where it names more than the head;
// Query one Query; Commit one TransactWriteItems or one PutItem; every other
// call one request. The SDK repeats a request that failed for a passing reason.
//
// # Errors
//
// A commit whose conditions do not hold, or that met another transaction, is
// inbox.ErrConflict. One whose answer was lost, and that the SDK repeated,
// succeeds if the first attempt did: a transaction by its idempotency token, a
// single write by what it finds.
//
// Read next: keys.go, inbox.go.
package dynamostore

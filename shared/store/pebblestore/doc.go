// Package pebblestore keeps everything in Pebble, an embedded ordered
// key-value store: the default of a developer's machine and of tests.
//
// Its keys are those of the DynamoDB tables, in their order (keys.go draws
// them), so that each index is a range of keys and each change one atomic
// batch.
//
// # Promises
//
// Store implements inbox.Table, connections.Store, session.Store and limit.Store,
// and is safe for concurrent use. Reads are consistent: of one user's log, a read sees
// all of a change or nothing of it. What a write has acknowledged survives the
// end of the process, however it ends; with Options.Sync also that of the
// machine.
//
// Expired rows are hidden from none of inbox.Table's reads, as in DynamoDB;
// Sweep removes them.
//
// Read next: keys.go, codec.go, inbox.go.
package pebblestore

// Package engine runs a DynamoDB engine beside the local service: Dynoxide, a
// server that is compatible with DynamoDB, with its tables in one file.
//
// # Promises
//
// Start returns once the engine answers. It listens on the loopback alone, at a
// port that was free. Close asks it to end and waits; on Linux no engine
// outlives this process, however that ends. What it has acknowledged is in its
// file, also after SIGKILL.
//
// # Limits
//
// 10 s for the engine to answer, 5 s for it to end before it is killed. One
// engine at a time may have a file; nothing guards that.
//
// # Errors
//
// An engine that cannot be started, or ends at once, is an error with the first
// 64 KiB of what it wrote.
//
// Read next: engine.go.
package engine

// Package dynamotest gives tests a DynamoDB engine, and the faults that an
// engine never shows by itself.
//
// What it promises:
//
//   - Endpoint is the one engine of this test process. It is the engine at
//     DYNAMODB_ENDPOINT if that is set, else a Dynoxide (a DynamoDB-compatible
//     server, tables in memory) that the first call starts, in about 10 ms.
//   - Start is an engine of one's own, in memory or in a file, that a test may
//     kill and restart.
//   - No engine outlives its tests. Run and Main end the shared one, t.Cleanup
//     ends the others, and should the test process panic or be killed, Linux
//     kills its engines with it.
//   - Faults puts errors between the SDK and the engine, before or after the
//     engine has done its work, and counts what was asked of it.
//   - An engine that cannot be had fails the test and names the cure. Nothing
//     is skipped.
//
// All tests of a process share the tables of Endpoint, whatever their region
// and credentials: give each test tables of its own name. The engine never
// deletes expired items, which suits tests of the reads that must hide them.
//
// A test binary whose tests need an engine has one of these:
//
//	func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }
//	func TestMain(m *testing.M) { goleak.VerifyTestMain(dynamotest.Main{M: m}) }
//
// Limits: 10 s for an engine to answer, 5 s for it to end when asked. The
// binary is the one that `make setup` installs for Linux on x86-64; elsewhere
// DYNAMODB_ENDPOINT names a running engine, and Start fails.
//
// Read next: endpoint.go for the shared engine, engine.go for one of one's
// own, faults.go for faults.
package dynamotest

// Package gateway emulates one stage of an Amazon API Gateway WebSocket API on
// a developer's machine, on the unhappy paths too.
//
// A [Gateway] takes WebSocket handshakes from a fasthttp server
// ([Gateway.ServeUpgrade]), asks the Lambda authorizer and the $connect route,
// turns every text message into an invocation of the route that the route
// selection expression names, and tells $disconnect when a connection ends.
// Backends push through [Gateway.ServeConnections], the @connections API of the
// AWS SDKs, or in process through [Gateway.Post].
//
// # Promises
//
// Statuses, events, error frames, close codes and limits are API Gateway's as
// far as they are documented or were seen; where they are not, the comment says
// so and [Options] often has a switch. Each message is an invocation of its own,
// concurrent with the others, so answers may overtake each other. Pushes to one
// connection keep their order. A $disconnect event follows every connection
// whose handshake succeeded, once.
//
// # Limits
//
// A frame from the client 32 KiB, a message 128 KiB; a push 128 KiB; an
// integration 29 s; 10 min idle; 2 h altogether; request headers 10,240 bytes;
// an authorizer's answer 8 KiB
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html).
// An idle connection costs about 1 KiB and no goroutine on Linux.
//
// # Errors
//
// [Gateway.Post], [Gateway.Get] and [Gateway.Delete] return [ErrInvalidID],
// [ErrGone], [ErrTooLarge] and [ErrLimit]; they are the statuses 400, 410, 413
// and 429 of the HTTP API.
//
// # Where to read next
//
// CONFORMANCE.md for what AWS does, fact by fact, each with its test. Then
// handshake.go for the way in, reader.go and route.go for a message's way,
// conn.go and writer.go for pushes and endings, poll_linux.go for how idle
// connections wait.
package gateway

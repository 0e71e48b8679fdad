package gateway

import (
	"strings"
	"testing"
	"time"
)

// What each request leaves in the stage's access log.
func TestAccessLog_7(t *testing.T) {
	api, fn := testAPI(), testFunctions()
	withAuthorizer(&api)
	api.AccessLogFormat = "$context.requestId $context.eventType $context.routeKey $context.status $context.integrationStatus $context.error.message " +
		"$context.authorizer.status $context.authorizer.tenant $context.connectionId"
	fn.byName["oneway"] = failsWith("boom")
	lines := make(chan string, 100)
	e := start(t, setup{api: &api, fn: fn, opts: &Options{AccessLog: func(line string) { lines <- line }}})
	want := func(rest string) {
		t.Helper()
		select {
		case line := <-lines:
			id, got, _ := strings.Cut(line, " ")
			if !strings.HasPrefix(got, rest) || len(id) != len("Zk3TqcW1IAMCJ2w=") {
				t.Errorf("line: got %s, want an id and %s", line, rest)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("no line; want %s", rest)
		}
	}
	c := e.connect(t)
	want("CONNECT $connect 200 200 - 200 acme " + c.id)
	c.send(text(`{"type":"twoway"}`))
	want("MESSAGE twoway 200 200 - - acme " + c.id)
	c.send(text(`{"type":"oneway"}`))
	want("MESSAGE oneway 500 500 Internal server error - acme " + c.id)
	c.send(closeFrame(1000, ""))
	want("DISCONNECT $disconnect 200 200 - - acme " + c.id)
	fn.byName["authorizer"] = returns(strings.Replace(allow, "Allow", "Deny", 1))
	e.dialTCP(t).handshake("/live")
	want("CONNECT $connect 403 - Forbidden 200 - ")
}

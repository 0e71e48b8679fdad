package service_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bellhop/localdev/service"

	"github.com/coder/websocket"
)

// Where functions run as processes, the stage's access log stands beside what they
// write.
func TestAccessLog_7_BesideTheFunctions(t *testing.T) {
	src := strings.Replace(strings.Replace(mapped, ", DisableExecuteApiEndpoint: true", "", 1), "AutoDeploy: true}",
		"AutoDeploy: true, AccessLogSettings: {DestinationArn: 'arn:aws:logs:x', Format: '$context.requestId $context.routeKey $context.status'}}", 1)
	path := filepath.Join(t.TempDir(), "template.yaml")
	if err := os.WriteFile(path, []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	out := make(lines, 100)
	e := start(t, service.Options{Template: path, DynamoDB: "http://127.0.0.1:1", Addr: "127.0.0.1:1", Output: out})
	c, _, err := websocket.Dial(within(t), "ws://"+e.addr+"/live", &websocket.DialOptions{HTTPClient: e.http})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	if err := c.Write(within(t), websocket.MessageText, []byte(`{"type":"ping"}`)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{" $connect 200\n", " ping 200\n"} {
		select {
		case line := <-out:
			if got := string(line); !strings.HasPrefix(got, "[Api/live] ") || !strings.HasSuffix(got, want) {
				t.Errorf("got %q, want the API, an id and %q", got, want)
			}
		case <-within(t).Done():
			t.Fatalf("no line %q", want)
		}
	}
}

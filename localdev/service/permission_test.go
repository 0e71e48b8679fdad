package service_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"bellhop/localdev/client"
	"bellhop/localdev/service"

	"github.com/coder/websocket"
)

// without writes the shipped template without some of its resources, and gives its
// path.
func without(t *testing.T, resources ...string) string {
	t.Helper()
	src, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(src)
	for _, r := range resources {
		block := regexp.MustCompile(`(?m)^  ` + r + `:\n(    .*\n|\n)+`)
		if !block.MatchString(text) {
			t.Fatalf("no resource %s", r)
		}
		text = strings.ReplaceAll(block.ReplaceAllString(text, ""), "      - "+r+"\n", "")
	}
	path := filepath.Join(t.TempDir(), "template.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A function that no permission of the template lets API Gateway invoke is not
// called: a message gets an error frame, a request 500.
func TestPermissions_4_2_OfARoute(t *testing.T) {
	e := start(t, service.Options{Template: without(t, "ListPermission", "TicketsPermission")})
	token := e.signIn("ada").Token
	c := e.raw(t, token)
	if err := c.Write(within(t), websocket.MessageText, []byte(`{"type":"list","id":"1"}`)); err != nil {
		t.Fatal(err)
	}
	if _, got, err := c.Read(within(t)); err != nil || !strings.HasPrefix(string(got), `{"message": "Internal server error", "connectionId":"`) {
		t.Errorf("list: got %s, %v, want the gateway's error frame", got, err)
	}
	if r := e.request(t, call{method: "POST", path: "/tickets", bearer: token}); r.status != 500 {
		t.Errorf("POST /tickets: got %d, want 500", r.status)
	}
	if r := e.request(t, call{method: "GET", path: "/notifications", bearer: token}); r.status != 200 {
		t.Errorf("GET /notifications: got %d, want 200", r.status)
	}
}

// What a template sends to a function of another stack fails, and so does a route
// without a target; the rest runs.
func TestWhatIsElsewhereFailsAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "template.yaml")
	src := `Resources:
  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.type}}
  Elsewhere: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: elsewhere, Target: !Sub 'integrations/${I}'}}
  I: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: 'arn:aws:lambda:eu-west-1:1:function:other'}}
  Nowhere: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: nowhere}}
  Stage: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Api, StageName: live, AutoDeploy: true}}
`
	if err := os.WriteFile(path, []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	e := start(t, service.Options{Template: path})
	c, _, err := websocket.Dial(within(t), "ws://"+e.addr+"/live", &websocket.DialOptions{HTTPClient: e.http})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	for typ, want := range map[string]string{"elsewhere": "Internal server error", "nowhere": "Internal server error", "unknown": "Forbidden"} {
		if err := c.Write(within(t), websocket.MessageText, []byte(`{"type":"`+typ+`"}`)); err != nil {
			t.Fatal(err)
		}
		if _, got, err := c.Read(within(t)); err != nil || !strings.HasPrefix(string(got), `{"message": "`+want+`"`) {
			t.Errorf("%s: got %s, %v, want %s", typ, got, err, want)
		}
	}
}

// Without the authorizer's permission nobody gets in, unless permissions are
// ignored.
func TestPermissions_1_2_OfTheAuthorizer(t *testing.T) {
	path := without(t, "AuthorizerPermission")
	e := start(t, service.Options{Template: path})
	o := asPage(e.signIn("ada").Token)
	if _, err := client.Dial(within(t), e.socketURL(), o); err == nil || !strings.Contains(err.Error(), "500") {
		t.Errorf("dial: got %v, want 500", err)
	}
	e = start(t, service.Options{Template: path, Gateway: []string{"permissions=ignored"}})
	e.dial(asPage(e.signIn("ada").Token))
}

package service_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bellhop/localdev/service"

	"github.com/coder/websocket"
)

// mapped is an API without functions, which a custom domain leads to.
const mapped = `Resources:
  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.type, DisableExecuteApiEndpoint: true}}
  Pong: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: ping, RouteResponseSelectionExpression: $default, Target: !Sub 'integrations/${I}'}}
  PongResponse: {Type: AWS::ApiGatewayV2::RouteResponse, Properties: {ApiId: !Ref Api, RouteId: !Ref Pong, RouteResponseKey: $default}}
  I: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, IntegrationType: MOCK, RequestTemplates: {$default: '{"statusCode": 200, "by": "$context.domainName", "id": "$context.connectionId"}'}}}
  Stage: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Api, StageName: live, AutoDeploy: true}}
  Mapping: {Type: AWS::ApiGatewayV2::ApiMapping, Properties: {ApiId: !Ref Api, DomainName: ws.example.com, Stage: !Ref Stage, ApiMappingKey: chat}}
`

// The address of a custom domain is its mapping's key, without the stage.
func TestDomain_1_1_KeyInPlaceOfTheStage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "template.yaml")
	if err := os.WriteFile(path, []byte(mapped), 0o600); err != nil {
		t.Fatal(err)
	}
	e := start(t, service.Options{Template: path})
	for _, tt := range []struct {
		host, path string
		want       int
	}{
		{"ws.example.com", "/chat", 101},
		{"ws.example.com.localhost:8000", "/chat/?a=b", 101},
		{"ws.example.com", "/live", 403},
		{"ws.example.com", "/", 403},
		{"ws.example.com", "/chatter", 403},
		{"localhost:8000", "/live", 403},
		{"localhost:8000", "/chat", 403},
	} {
		c, res, err := websocket.Dial(within(t), "ws://"+e.addr+tt.path, &websocket.DialOptions{HTTPClient: e.http, Host: tt.host})
		if res == nil {
			t.Fatalf("%s%s: %v", tt.host, tt.path, err)
		}
		if res.StatusCode != tt.want {
			t.Errorf("%s%s: got %d, want %d", tt.host, tt.path, res.StatusCode, tt.want)
		}
		if err != nil {
			continue
		}
		if err := c.Write(within(t), websocket.MessageText, []byte(`{"type":"ping"}`)); err != nil {
			t.Fatal(err)
		}
		_, got, err := c.Read(within(t))
		if err != nil || !strings.Contains(string(got), `"by": "ws.example.com"`) {
			t.Errorf("%s: got %s, %v, want the domain's name", tt.host, got, err)
		}
		id := string(got)[len(got)-len(`Zk3TqcW1IAMCJ2w="}`) : len(got)-2]
		for at, want := range map[string]int{"/chat": http.StatusOK, "/live": http.StatusForbidden} {
			if status := e.statusOf(t, call{method: "GET", path: at + "/@connections/" + id}, tt.host, ""); status != want {
				t.Errorf("GET %s%s/@connections: got %d, want %d", tt.host, at, status, want)
			}
		}
		_ = c.CloseNow()
	}
}

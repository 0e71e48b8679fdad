package template_test

import (
	"os"
	"path/filepath"
	"testing"

	"bellhop/localdev/template"
)

func TestModels_OfRoutes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "template.yaml")
	err := os.WriteFile(file, []byte(`
Resources:
  Api:
    Type: AWS::ApiGatewayV2::Api
    Properties: {Name: a, ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.type}
  Chat:
    Type: AWS::ApiGatewayV2::Model
    Properties:
      ApiId: !Ref Api
      Name: chat
      Schema: {type: object, required: ["1"], properties: {text: {type: string, maxLength: 5, pattern: "12"}}, additionalProperties: false}
  Text:
    Type: AWS::ApiGatewayV2::Model
    Properties: {ApiId: !Ref Api, Name: text, Schema: '{"type":"string"}'}
  Mock:
    Type: AWS::ApiGatewayV2::Integration
    Properties: {ApiId: !Ref Api, IntegrationType: MOCK}
  Route:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: !Ref Api
      RouteKey: chat
      Target: !Sub integrations/${Mock}
      ModelSelectionExpression: $request.body.kind
      RequestModels: {a: chat, b: text}
`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	stack, err := template.Load(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	route := stack.WebSocketAPIs[0].Routes[0]
	want := `{"additionalProperties":false,"properties":{"text":{"maxLength":5,"pattern":"12","type":"string"}},"required":["1"],"type":"object"}`
	if got := route.Models["a"]; got != want {
		t.Errorf("mapping: got %s, want %s", got, want)
	}
	if got, want := route.Models["b"], `{"type":"string"}`; got != want {
		t.Errorf("text: got %s, want %s", got, want)
	}
	if got := route.ModelSelectionExpression; got != "$request.body.kind" {
		t.Errorf("selection: got %s", got)
	}
}

// DisableSchemaValidation leaves the models out.
func TestModels_AreLeftOut(t *testing.T) {
	stack := parsed(t, `Resources:
  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.type, DisableSchemaValidation: true}}
  Chat: {Type: AWS::ApiGatewayV2::Model, Properties: {ApiId: !Ref Api, Name: chat, Schema: {type: object}}}
  Mock: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, IntegrationType: MOCK}}
  Route: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: chat, Target: !Sub 'integrations/${Mock}', RequestModels: {a: chat}}}
`)
	if got := stack.WebSocketAPIs[0].Routes[0].Models; got != nil {
		t.Errorf("got models %v, want none", got)
	}
}

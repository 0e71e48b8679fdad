package template_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"bellhop/localdev/template"
)

// Custom domains of either form lead to a stage.
func TestMappings(t *testing.T) {
	t.Parallel()
	stack := parsed(t, `Transform: AWS::Serverless-2016-10-31
Resources:
  F: {Type: AWS::Serverless::Function, Properties: {CodeUri: src/, Runtime: nodejs22.x, Handler: app.handler}}
  Plain: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.x, DisableExecuteApiEndpoint: true}}
  Live: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Plain, StageName: live, AutoDeploy: true}}
  Name: {Type: AWS::ApiGatewayV2::DomainName, Properties: {DomainName: WS.example.com}}
  Mapped: {Type: AWS::ApiGatewayV2::ApiMapping, Properties: {ApiId: !Ref Plain, DomainName: !Ref Name, Stage: !Ref Live, ApiMappingKey: chat}}
  Sam:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      RouteSelectionExpression: $request.body.x
      Routes: {$default: {FunctionArn: !GetAtt F.Arn}}
      Domain: {DomainName: sam.example.com, BasePath: [/one, two]}
  Bare:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      RouteSelectionExpression: $request.body.x
      StageName: prod
      Routes: {$default: {FunctionArn: !GetAtt F.Arn}}
      Domain: {DomainName: bare.example.com}
  Hidden: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.x, DisableExecuteApiEndpoint: true}}
  Web: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: HTTP, DisableExecuteApiEndpoint: true}}
  WebMapped: {Type: AWS::ApiGatewayV2::ApiMapping, Properties: {ApiId: !Ref Web, DomainName: web.example.com, Stage: $default}}
`)
	want := [][]template.Mapping{
		{{Domain: "ws.example.com", Key: "chat", Stage: "live"}},
		{{Domain: "sam.example.com", Key: "one", Stage: "default"}, {Domain: "sam.example.com", Key: "two", Stage: "default"}},
		{{Domain: "bare.example.com", Stage: "prod"}},
		nil,
	}
	for i, api := range stack.WebSocketAPIs {
		if diff := cmp.Diff(want[i], api.Mappings, cmpopts.IgnoreFields(template.Mapping{}, "Part")); diff != "" {
			t.Errorf("%s: -want +got:\n%s", api.LogicalID, diff)
		}
		if want := api.LogicalID == "Plain" || api.LogicalID == "Hidden"; api.EndpointDisabled != want {
			t.Errorf("%s: endpoint disabled: got %v", api.LogicalID, api.EndpointDisabled)
		}
	}
	warned := []string{
		"t.yaml:21: Hidden.DisableExecuteApiEndpoint: the API has no address: every handshake gets 403, as on AWS without a custom domain",
		"t.yaml:22: Web.DisableExecuteApiEndpoint: the HTTP API has its local address all the same",
		"t.yaml:23: WebMapped.ApiId: a custom domain's mapping: the HTTP API has its local address alone",
	}
	if diff := cmp.Diff(warned, warningsOf(stack)); diff != "" {
		t.Errorf("warnings: -want +got:\n%s", diff)
	}
}

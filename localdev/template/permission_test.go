package template_test

import (
	"strings"
	"testing"
)

// What lets an API call the function of its route "say", and what does not.
func TestRouteDenied_3(t *testing.T) {
	t.Parallel()
	const arn = "arn:aws:execute-api:eu-west-1:123456789012:"
	for name, c := range map[string]struct {
		permission string
		denied     bool
	}{
		"none":               {"", true},
		"for all sources":    {"FunctionName: !Ref F, Principal: apigateway.amazonaws.com", false},
		"for the API":        {"FunctionName: !GetAtt F.Arn, Principal: apigateway.amazonaws.com, SourceArn: !Sub '" + arn + "${Api}/*'", false},
		"for the route":      {"FunctionName: !Ref F, Principal: apigateway.amazonaws.com, SourceArn: !Sub '" + arn + "${Api}/live/say'", false},
		"for everybody":      {"FunctionName: !Ref F, Principal: '*'", false},
		"for another route":  {"FunctionName: !Ref F, Principal: apigateway.amazonaws.com, SourceArn: !Sub '" + arn + "${Api}/live/sing'", true},
		"for another stage":  {"FunctionName: !Ref F, Principal: apigateway.amazonaws.com, SourceArn: !Sub '" + arn + "${Api}/dev/*'", true},
		"for a method":       {"FunctionName: !Ref F, Principal: apigateway.amazonaws.com, SourceArn: !Sub '" + arn + "${Api}/live/GET/say'", true},
		"for another who":    {"FunctionName: !Ref F, Principal: events.amazonaws.com", true},
		"another function's": {"FunctionName: !Ref G, Principal: apigateway.amazonaws.com", true},
		"nobody knows whose": {"FunctionName: !Ref Alias, Principal: apigateway.amazonaws.com", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := `Resources:
  F: {Type: AWS::Lambda::Function, Properties: {CodeUri: src/}}
  G: {Type: AWS::Lambda::Function, Properties: {CodeUri: src/}}
  Alias: {Type: AWS::Lambda::Alias, Properties: {FunctionName: !Ref F, FunctionVersion: '1', Name: live}}
  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action}}
  Say: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: say, Target: !Sub 'integrations/${I}'}}
  I: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt F.Arn}}
`
			if c.permission != "" {
				src += "  P: {Type: AWS::Lambda::Permission, Properties: {Action: 'lambda:InvokeFunction', " + c.permission + "}}\n"
			}
			stack := parsed(t, src)
			api := stack.WebSocketAPIs[0]
			if got := stack.RouteDenied(api.ID, "live", api.Routes[0]); (got != "") != c.denied {
				t.Errorf("got source %q, want denied: %v", got, c.denied)
			}
			byRole := stack.WebSocketAPIs[0].Routes[0]
			byRole.Integration.CredentialsARN = "arn:aws:iam::123456789012:role/call"
			if got := stack.RouteDenied(api.ID, "live", byRole); got != "" || !strings.HasSuffix(byRole.Key, "say") {
				t.Errorf("called by a role: got source %q, want none", got)
			}
		})
	}
}

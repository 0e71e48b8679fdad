package template_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bellhop/localdev/template"
)

// parsed reads a template that must be right.
func parsed(t *testing.T, src string) *template.Stack {
	t.Helper()
	stack, err := template.Parse("t.yaml", []byte(src), nil)
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	return stack
}

func TestFunctionUnderAFalseConditionIsNotMade(t *testing.T) {
	t.Parallel()
	stack := parsed(t, `Conditions: {Never: !Equals [a, b], Always: !Equals [a, a]}
Resources:
  Gone: {Type: 'AWS::Lambda::Function', Condition: Never}
  There: {Type: 'AWS::Lambda::Function', Condition: Always}
`)
	if len(stack.Functions) != 1 || stack.Functions[0].LogicalID != "There" {
		t.Errorf("got %+v, want There alone", stack.Functions)
	}
}

func TestNoValueIsNoVariable(t *testing.T) {
	t.Parallel()
	stack := parsed(t, `Resources:
  Fn:
    Type: AWS::Lambda::Function
    Properties: {Environment: {Variables: {A: !Ref AWS::NoValue, B: b}}}
`)
	if got := stack.Functions[0].Environment; len(got) != 1 || got["B"] != "b" {
		t.Errorf("got %v, want B alone", got)
	}
}

// SAM adds a function's list to that of Globals.
func TestGlobalListsAreJoined(t *testing.T) {
	t.Parallel()
	stack := parsed(t, `Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Architectures: [arm64]}}
Resources:
  Fn: {Type: 'AWS::Serverless::Function', Properties: {Architectures: [x86_64]}}
`)
	if got := stack.Functions[0].Architectures; !slices.Equal(got, []string{"arm64", "x86_64"}) {
		t.Errorf("got %v, want [arm64 x86_64]", got)
	}
}

func TestPolicyThatHasNoValueHereIsNoFault(t *testing.T) {
	t.Parallel()
	stack := parsed(t, `Transform: AWS::Serverless-2016-10-31
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      Policies:
        - AWSLambdaExecute
        - Statement: {Effect: Allow, Action: s3:GetObject, Resource: !ImportValue bucket}
`)
	got := stack.Functions[0].Statements
	if len(got) != 1 || got[0].Effect != "Allow" || !slices.Equal(got[0].Actions, []string{"s3:GetObject"}) {
		t.Errorf("got %+v, want the one statement", got)
	}
}

func TestTwoFunctionsOfOneName(t *testing.T) {
	t.Parallel()
	_, err := template.Parse("t.yaml", []byte(`Resources:
  A: {Type: 'AWS::Lambda::Function', Properties: {FunctionName: same}}
  B: {Type: 'AWS::Lambda::Function', Properties: {FunctionName: same}}
`), nil)
	if want := `t.yaml:3: B.FunctionName: "same" is the name of A too`; err == nil || err.Error() != want {
		t.Errorf("got error %v, want %q", err, want)
	}
}

func TestIntegrationTimeoutUnlessSet(t *testing.T) {
	t.Parallel()
	stack := parsed(t, strings.ReplaceAll(`Resources:
  Fn: {Type: 'AWS::Lambda::Function'}
  Web: {Type: 'V2::Api', Properties: {ProtocolType: HTTP}}
  I: {Type: 'V2::Integration', Properties: {ApiId: !Ref Web, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt Fn.Arn}}
  R: {Type: 'V2::Route', Properties: {ApiId: !Ref Web, RouteKey: GET /, Target: !Sub "integrations/${I}"}}
`, "V2::", "AWS::ApiGatewayV2::"))
	if got := stack.HTTPAPIs[0].Routes[0].Integration.Timeout; got != 30*time.Second {
		t.Errorf("got %v, want 30s", got)
	}
}

func TestTTLThatIsOff(t *testing.T) {
	t.Parallel()
	stack := parsed(t, `Resources:
  T:
    Type: AWS::DynamoDB::Table
    Properties: {TimeToLiveSpecification: {AttributeName: expires, Enabled: false}}
`)
	if got := stack.Tables[0].TTLAttribute; got != "" {
		t.Errorf("got %q, want none", got)
	}
}

// What a route's settings do not say of throttling, the stage's say.
func TestRouteThrottles(t *testing.T) {
	t.Parallel()
	stack := parsed(t, `Resources:
  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.x}}
  Live:
    Type: AWS::ApiGatewayV2::Stage
    Properties:
      ApiId: !Ref Api
      StageName: live
      DefaultRouteSettings: {ThrottlingRateLimit: 100, ThrottlingBurstLimit: 50}
      RouteSettings: {say: {ThrottlingRateLimit: 1.5}, sing: {LoggingLevel: INFO}, shout: {ThrottlingRateLimit: 3, ThrottlingBurstLimit: 7}}
`)
	want := map[string]template.Throttle{"say": {Rate: 1.5, Burst: 50}, "sing": {Rate: 100, Burst: 50}, "shout": {Rate: 3, Burst: 7}}
	if diff := cmp.Diff(want, stack.WebSocketAPIs[0].Stages[0].RouteThrottles); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestRouteResponseKey(t *testing.T) {
	t.Parallel()
	_, err := template.Parse("t.yaml", []byte(`Resources:
  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.x}}
  Say: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: say}}
  Answer: {Type: AWS::ApiGatewayV2::RouteResponse, Properties: {ApiId: !Ref Api, RouteId: !Ref Say, RouteResponseKey: "200"}}
`), nil)
	if want := "t.yaml:4: Answer.RouteResponseKey: want $default, the only key there is"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

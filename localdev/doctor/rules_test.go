package doctor_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"bellhop/localdev/doctor"
	"bellhop/localdev/template"
)

// spoilt is one line of testdata/good.yaml that was made wrong. #<< marks the line
// of the finding.
type spoilt struct {
	rule, old, with string
	resource        string
	says            string
}

var spoiltLines = []spoilt{
	{"route-selection", "  Api:\n    Type: AWS::ApiGatewayV2::Api\n    Properties:\n      ProtocolType: WEBSOCKET\n      RouteSelectionExpression: $request.body.action\n", "  Api: #<<\n    Type: AWS::ApiGatewayV2::Api\n    Properties:\n      ProtocolType: WEBSOCKET\n", "Api", "not set"},
	{"route-target", "  Connect:\n    Type: AWS::ApiGatewayV2::Route\n    Properties:\n      ApiId: !Ref Api\n      RouteKey: $connect\n      AuthorizationType: CUSTOM\n      AuthorizerId: !Ref Authorizer\n      Target: !Sub integrations/${Integration}\n", "  Connect: #<<\n    Type: AWS::ApiGatewayV2::Route\n    Properties:\n      ApiId: !Ref Api\n      RouteKey: $connect\n      AuthorizationType: CUSTOM\n      AuthorizerId: !Ref Authorizer\n", "Connect", "no target"},
	{"route-twice", "RouteKey: say\n", "RouteKey: $connect #<<\n", "Say", `"$connect" is the key of Connect too`},
	{"route-permission", "      SourceArn: !Sub arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*\n\n", "      SourceArn: !Sub arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*/$connect\n\n", "Say", "no AWS::Lambda::Permission"},
	{"route-response", "RouteResponseSelectionExpression: $default\n", "OperationName: say\n", "SayResponse", "Say has no RouteResponseSelectionExpression"},
	{"route-response", "  SayResponse:\n    Type: AWS::ApiGatewayV2::RouteResponse\n    Properties: {ApiId: !Ref Api, RouteId: !Ref Say, RouteResponseKey: $default}\n", "  SayResponse: {Type: AWS::CloudFormation::WaitConditionHandle}\n", "Say", "no RouteResponse"},
	{"integration-timeout", "29000", "29001 #<<", "Integration", "29.001s is outside 50ms to 29s"},
	{"authorization-type", "AuthorizationType: CUSTOM", "AuthorizationType: COGNITO_USER_POOLS #<<", "Connect", `"COGNITO_USER_POOLS" is none of`},
	{"authorizer-use", "      AuthorizationType: CUSTOM\n      AuthorizerId: !Ref Authorizer\n", "      AuthorizerId: !Ref Authorizer #<<\n", "Connect", "never asked"},
	{"authorizer-use", "      RouteKey: say\n", "      RouteKey: say\n      AuthorizationType: AWS_IAM #<<\n", "Say", "authorizes on $connect alone"},
	{"authorizer-type", "AuthorizerType: REQUEST", "AuthorizerType: JWT #<<", "Authorizer", "REQUEST alone"},
	{"authorizer-cache", "      Name: gate\n", "      AuthorizerResultTtlInSeconds: 300 #<<\n", "Authorizer", "no cache"},
	{"identity-source", "[route.request.header.Cookie]", "[$request.header.Cookie] #<<", "Authorizer", "form of HTTP APIs"},
	{"identity-source", "[route.request.header.Cookie]", "[method.request.header.Cookie] #<<", "Authorizer", "is none of"},
	{"authorizer-permission", "${Api}/authorizers/${Authorizer}", "${Api}/*/GET/", "Authorizer", "no AWS::Lambda::Permission"},
	{"authorizer-policy", "'arn:aws:execute-api:eu-west-1:123456789012:' + api + '/*'", "`arn:aws:execute-api:${region}:${account}:${api}/${stage}/*/*`", "Gate", "does not match {api}/{stage}/$connect"},
	{"authorizer-policy", "'arn:aws:execute-api:eu-west-1:123456789012:' + api + '/*'", "'arn:aws:execute-api:*:*:*/live/GET/chat'", "Gate", "does not match"},
	{"subprotocol", ", headers: {'Sec-WebSocket-Protocol': 'chat.v1'}", "", "Connect", "clients offer a subprotocol"},
	{"manage-connections", "/${Stage}/POST/", "/other/POST/", "Chat", "its code calls @connections"},
	{"manage-connections", "Action: execute-api:ManageConnections", "Action: execute-api:Invoke", "Chat", "nothing allows it"},
	{"deployment-none", "      DeploymentId: !Ref Deployment1f0c9a7e42\n", "", "LiveStage", "nothing is deployed"},
	{"deployment-twice", "      DeploymentId: !Ref Deployment1f0c9a7e42\n", "      DeploymentId: !Ref Deployment1f0c9a7e42 #<<\n      AutoDeploy: true\n", "LiveStage", "set together with AutoDeploy"},
	{"deployment-twice", "      DeploymentId: !Ref Deployment1f0c9a7e42\n", "      AutoDeploy: true\n", "Deployment1f0c9a7e42", "deploys by itself"},
	{"deployment-order", "[Connect, Say, SayResponse]", "[Connect, SayResponse]", "Deployment1f0c9a7e42", "does not wait for Say"},
	{"deployment-frozen", "Deployment1f0c9a7e42", "Deployment", "Deployment", "made once"},
}

func good(t *testing.T) string {
	t.Helper()
	src, err := os.ReadFile("testdata/good.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

func examine(t *testing.T, src string, code fstest.MapFS) []doctor.Finding {
	t.Helper()
	stack, err := template.Parse("t.yaml", []byte(src), nil)
	if err != nil {
		t.Fatal(err)
	}
	return doctor.Check(stack, code)
}

func TestNothingIsFoundWhereNothingIsWrong(t *testing.T) {
	t.Parallel()
	if found := examine(t, good(t), nil); len(found) != 0 {
		t.Errorf("got %v, want none", found)
	}
}

// SAM grants and deploys by itself what its short form leaves unsaid.
func TestNothingIsFoundInEitherFormOfAChat(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"chat-sam.yaml", "chat-plain.json"} {
		stack, err := template.Load("../template/testdata/"+name, nil)
		if err != nil {
			t.Fatal(err)
		}
		if found := doctor.Check(stack, os.DirFS("../template/testdata")); len(found) != 0 {
			t.Errorf("%s: got %v, want none", name, found)
		}
	}
}

// Each rule finds the one thing that was made wrong, and nothing else is found.
func TestEachRuleFindsItsBreach(t *testing.T) {
	t.Parallel()
	for _, c := range spoiltLines {
		t.Run(c.rule+" "+c.says, func(t *testing.T) {
			t.Parallel()
			src := good(t)
			if !strings.Contains(src, c.old) {
				t.Fatalf("good.yaml has no %q", c.old)
			}
			src = strings.ReplaceAll(src, c.old, c.with)
			found := examine(t, src, nil)
			if len(found) != 1 {
				t.Fatalf("got %d findings, want 1: %v", len(found), found)
			}
			f := found[0]
			if f.Rule != c.rule || f.Resource != c.resource || !strings.Contains(f.Message, c.says) {
				t.Errorf("got %v, want rule %s of %s: …%s…", f, c.rule, c.resource, c.says)
			}
			if before, _, marked := strings.Cut(src, "#<<"); marked && f.Line != strings.Count(before, "\n")+1 {
				t.Errorf("got line %d, want %d", f.Line, strings.Count(before, "\n")+1)
			}
			if fails := c.rule != "deployment-frozen"; doctor.Fails(found) != fails || strings.HasSuffix(f.String(), ", advice)") == fails {
				t.Errorf("got level %s of %v, want advice for deployment-frozen alone", f.Level, f)
			}
			if f.Line < 1 || f.Consequence == "" || f.Cure == "" {
				t.Errorf("got %+v, want a line, a consequence and a cure", f)
			}
		})
	}
}

// Every rule is tried above, and stands in RULES.md under its name.
func TestEveryRuleIsTriedAndDescribed(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("RULES.md")
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range doctor.Rules() {
		ids = append(ids, r.ID)
		if !slices.ContainsFunc(spoiltLines, func(s spoilt) bool { return s.rule == r.ID }) {
			t.Errorf("rule %s is not tried", r.ID)
		}
	}
	var described []string
	for line := range strings.Lines(string(page)) {
		if id, ok := strings.CutPrefix(strings.TrimSpace(line), "### "); ok {
			described = append(described, id)
		}
	}
	if !slices.Equal(described, ids) {
		t.Errorf("RULES.md describes %v, want %v", described, ids)
	}
}

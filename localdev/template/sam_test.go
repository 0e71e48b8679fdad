package template_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"bellhop/localdev/template"
)

// What SAM makes of a WebSocketApi, in both forms, is the same stack.
func TestWebSocketAPIOfSAMIsThePlainForm(t *testing.T) {
	t.Parallel()
	short, err := template.Load("testdata/chat-sam.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := template.Load("testdata/chat-plain.json", nil)
	if err != nil {
		t.Fatal(err)
	}
	same := cmp.Options{
		cmpopts.IgnoreTypes(template.Part{}), cmpopts.EquateEmpty(),
		cmpopts.IgnoreFields(template.Integration{}, "URI"), cmpopts.IgnoreFields(template.Authorizer{}, "URI"),
	}
	if diff := cmp.Diff(plain.WebSocketAPIs, short.WebSocketAPIs, same); diff != "" {
		t.Errorf("APIs: -plain +SAM:\n%s", diff)
	}
	if diff := cmp.Diff(plain.Permissions, short.Permissions, same); diff != "" {
		t.Errorf("permissions: -plain +SAM:\n%s", diff)
	}
	if diff := cmp.Diff(plain.Outputs, short.Outputs, same); diff != "" {
		t.Errorf("outputs: -plain +SAM:\n%s", diff)
	}
}

func TestWebSocketAPIOfSAM(t *testing.T) {
	t.Parallel()
	stack, err := template.Load("testdata/chat-sam.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	api := stack.WebSocketAPIs[0]
	say := api.Routes[2]
	if say.LogicalID != "ChatSayRoute" || say.Key != "say" || !say.TwoWay() || say.Integration.Timeout != 5*time.Second {
		t.Errorf("got %+v, want the two-way route say with a time-out of 5 s", say)
	}
	if say.Line != 32 || say.LineOf("FunctionArn") != 33 {
		t.Errorf("got lines %d and %d, want 32 and 33", say.Line, say.LineOf("FunctionArn"))
	}
	stage := api.Stages[0]
	if stage.Name != "live" || !stage.AutoDeploy || stage.Variables["room"] != "lobby" || stage.RouteThrottles["say"].Burst != 5 {
		t.Errorf("got stage %+v, want live with its variable and its throttle", stage)
	}
	if len(stack.Warnings) != 0 {
		t.Errorf("got warnings %v, want none", stack.Warnings)
	}
}

// What SAM itself refuses is told with its line.
func TestWhatSAMRefuses(t *testing.T) {
	t.Parallel()
	const before = `Resources:
  F: {Type: AWS::Serverless::Function, Properties: {InlineCode: x}}
  W:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      RouteSelectionExpression: $request.body.action
`
	const routes = "      Routes: {$connect: {FunctionArn: !GetAtt F.Arn}}\n"
	cases := []struct{ name, rest, want string }{
		{"no routes", "", "t.yaml:3: W.Routes: at least one route is wanted"},
		{"route key", "      Routes: {a/b: {FunctionArn: !GetAtt F.Arn}}\n", "t.yaml:7: W.Routes.a/b: SAM wants letters and digits"},
		{"no function", "      Routes:\n        $default: {}\n", "t.yaml:8: W.Routes.$default.FunctionArn: not set"},
		{"stage name", routes + "      StageName: $default\n", "t.yaml:8: W.StageName: a WebSocket API has no stage $default"},
		{"request parameters", "      Routes: {x: {FunctionArn: !GetAtt F.Arn, RequestParameters: {a: b}}}\n", "t.yaml:7: W.Routes.x: SAM takes RequestParameters on $connect alone"},
		{"auth without connect", "      Routes: {x: {FunctionArn: !GetAtt F.Arn}}\n      Auth: {AuthType: AWS_IAM}\n", "t.yaml:8: W.Auth: SAM takes Auth only beside a $connect route"},
		{"auth without type", routes + "      Auth: {AuthArn: !GetAtt F.Arn}\n", "t.yaml:8: W.Auth: SAM wants an AuthType"},
		{"auth of another type", routes + "      Auth: {AuthType: JWT}\n", "t.yaml:8: W.Auth: SAM takes the AuthTypes NONE, AWS_IAM and CUSTOM"},
		{"auth without function", routes + "      Auth: {AuthType: CUSTOM}\n", "t.yaml:8: W.Auth: AuthType CUSTOM wants an AuthArn"},
		{"auth with too much", routes + "      Auth: {AuthType: NONE, Name: x}\n", "t.yaml:8: W.Auth: SAM takes nothing beside AuthType NONE"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := template.Parse("t.yaml", []byte(before+c.rest), nil)
			if err == nil || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want %q alone", err, c.want)
			}
		})
	}
}

// An authorizer that is called by a role needs no permission, and SAM makes none.
func TestAuthorizerCalledByARole(t *testing.T) {
	t.Parallel()
	stack := parsed(t, `Resources:
  F: {Type: AWS::Serverless::Function, Properties: {CodeUri: x}}
  W:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      RouteSelectionExpression: $request.body.action
      Routes: {$connect: {FunctionArn: !GetAtt F.Arn}}
      Auth: {AuthType: CUSTOM, AuthArn: !GetAtt F.Arn, InvokeRole: 'arn:aws:iam::1:role/r', Name: gate}
`)
	z := stack.WebSocketAPIs[0].Authorizers[0]
	if z.Name != "gate" || z.CredentialsARN != "arn:aws:iam::1:role/r" || z.Function != "F" || z.Line != 8 {
		t.Errorf("got %+v, want gate, called by the role, on line 8", z)
	}
	if len(stack.Permissions) != 1 || !strings.HasSuffix(stack.Permissions[0].SourceARN, "/default/$connect") {
		t.Errorf("got permissions %+v, want that of the route alone", stack.Permissions)
	}
}

func TestHTTPAPIEvents(t *testing.T) {
	t.Parallel()
	stack := parsed(t, `Resources:
  Web: {Type: AWS::Serverless::HttpApi, Properties: {StageName: v1}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: x
      Events:
        Get: {Type: HttpApi, Properties: {ApiId: !Ref Web, Path: '/items/{id}', Method: get}}
        Any: {Type: HttpApi, Properties: {Path: /all, Method: ANY}}
        Rest: {Type: HttpApi}
        Timer: {Type: Schedule, Properties: {Schedule: cron(0 12 * * ? *)}}
`)
	got := map[string][]string{}
	for _, a := range stack.HTTPAPIs {
		for _, r := range a.Routes {
			got[a.LogicalID+" "+a.Stages[0].Name] = append(got[a.LogicalID+" "+a.Stages[0].Name], r.Key+" "+r.Integration.Function)
		}
	}
	want := map[string][]string{"Web v1": {"GET /items/{id} F"}, "ServerlessHttpApi $default": {"ANY /all F", "$default F"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if len(stack.Warnings) != 1 || stack.Warnings[0].Property != "Events.Timer.Schedule" || stack.Warnings[0].Line != 11 {
		t.Errorf("got warnings %v, want one about the event Timer", stack.Warnings)
	}
}

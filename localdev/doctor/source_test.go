package doctor_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"bellhop/localdev/doctor"
)

// pusher is a template whose functions have no right to push.
const pusher = `Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.13, Handler: app.handler}}
Resources:
  Api:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      RouteSelectionExpression: $request.body.action
      Routes:
        $connect: {FunctionArn: !GetAtt First.Arn}
        say: {FunctionArn: !GetAtt Second.Arn}
  First: {Type: AWS::Serverless::Function, Properties: {CodeUri: FIRST}}
  Second: {Type: AWS::Serverless::Function, Properties: {CodeUri: SECOND, Handler: say.handler}}
`

func TestCodeIsReadForPushes(t *testing.T) {
	t.Parallel()
	push := &fstest.MapFile{Data: []byte("client.post_to_connection(ConnectionId=c, Data=d)")}
	other := &fstest.MapFile{Data: []byte("def handler(event, context): return {'statusCode': 200}")}
	cases := []struct {
		name          string
		first, second string
		code          fstest.MapFS
		want          string
	}{
		{"none pushes", "a/", "b/", fstest.MapFS{"a/app.py": other, "b/say.py": other}, ""},
		{"a folder of its own", "./a", "b/", fstest.MapFS{"a/app.py": other, "b/lib/push.py": push}, "Second"},
		{"a folder that both share", "src/", "./src", fstest.MapFS{"src/app.py": other, "src/say.py": push}, "Second"},
		{"code of others", "a", "b", fstest.MapFS{"a/app.py": other, "b/node_modules/sdk/push.js": push}, ""},
		{"a name that sounds like it", "a", "b", fstest.MapFS{"b/say.py": {Data: []byte("FunctionName='WebsocketPostToConnectionId'")}}, ""},
		{"what is no source", "a", "b", fstest.MapFS{"a/app.py": other, "b/README.md": push}, ""},
		{"a folder that is not there", "a", "b", fstest.MapFS{}, ""},
		{"a folder outside", "../a", "/b", fstest.MapFS{"a/app.py": push}, ""},
		{"a file that is too large", "a", "b", fstest.MapFS{"b/big.py": {Data: []byte(strings.Repeat(" ", 1<<18) + "@connections")}}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, f := range examine(t, strings.NewReplacer("FIRST", c.first, "SECOND", c.second).Replace(pusher), c.code) {
				got = append(got, f.Rule+" "+f.Resource)
			}
			want := ""
			if c.want != "" {
				want = "manage-connections " + c.want
			}
			if strings.Join(got, ", ") != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// Every way to give a function the right is enough.
func TestWaysToGrantPushes(t *testing.T) {
	t.Parallel()
	statement := "{Statement: {Effect: Allow, Action: 'execute-api:*', Resource: '*'}}"
	for name, policies := range map[string]string{
		"statement":        "Policies: [" + statement + "]",
		"one policy":       "Policies: " + statement,
		"managed policy":   "Policies: [AWSLambdaExecute, AmazonAPIGatewayInvokeFullAccess]",
		"account's policy": "Policies: 'arn:aws:iam::123456789012:policy/push'",
		"role elsewhere":   "Role: 'arn:aws:iam::123456789012:role/push'",
		"API's ARN":        "Policies: [{Statement: {Effect: Allow, Action: ['execute-api:ManageConnections'], Resource: !Sub 'arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*'}}]",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := strings.Replace(pusher, "CodeUri: FIRST", "InlineCode: '@connections', "+policies, 1)
			if found := examine(t, src, nil); len(found) != 0 {
				t.Errorf("got %v, want none", found)
			}
		})
	}
}

func TestEndpointInTheEnvironmentIsAPush(t *testing.T) {
	t.Parallel()
	endpoint := "Environment: {Variables: {ENDPOINT: !Sub 'https://${Api}.execute-api.${AWS::Region}.amazonaws.com/default'}}"
	found := examine(t, strings.Replace(pusher, "CodeUri: FIRST", endpoint, 1), nil)
	if len(found) != 1 || found[0].Rule != "manage-connections" || !strings.Contains(found[0].Message, "variable ENDPOINT") {
		t.Errorf("got %v, want one finding about ENDPOINT", found)
	}
}

func TestReports(t *testing.T) {
	t.Parallel()
	found := []doctor.Finding{{
		Rule: "route-target", File: "t.yaml", Line: 3, Resource: "Say", Property: "Target",
		Message: "no target", Consequence: "it fails", Cure: "set <it>",
	}}
	cases := []struct {
		format   string
		findings []doctor.Finding
		want     string
	}{
		{"text", found, "t.yaml:3: Say.Target: no target (route-target)\n    on AWS: it fails\n    cure:   set <it>\n1 finding\n"},
		{"text", nil, "nothing found\n"},
		{"json", nil, "{\n  \"findings\": []\n}\n"},
	}
	for _, c := range cases {
		var out strings.Builder
		if err := doctor.Report(&out, c.format, c.findings); err != nil || out.String() != c.want {
			t.Errorf("%s: got %q, %v; want %q", c.format, out.String(), err, c.want)
		}
	}
	var out strings.Builder
	if err := doctor.Report(&out, "json", found); err != nil || !strings.Contains(out.String(), `"cure": "set <it>"`) {
		t.Errorf("json: got %q, %v; want the cure as it stands", out.String(), err)
	}
	if err := doctor.Report(&out, "xml", nil); err == nil {
		t.Error("xml: got no error, want one")
	}
}

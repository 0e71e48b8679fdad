package template_test

import (
	"errors"
	"io/fs"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bellhop/localdev/template"
)

// All that is wrong is told at once, each with its place.
func TestFaultsAreReportedTogether(t *testing.T) {
	t.Parallel()
	src := `Resources:
  Api:
    Type: AWS::ApiGatewayV2::Api
    Properties:
      ProtocolType: GRPC
      Name: !Sub "${Nobody}"
  Fn:
    Type: AWS::Serverless::Function
    DependsOn: [Api, Missing]
    Condition: Never
    Properties:
      Timeout: soon
      Environment:
        Variables:
          STAGE: !Reff Stage
          STAGE: twice
  Route:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: !Ref Api
      RouteKey: hello
      Target: integrations/abc
  Lost: {Properties: {}}
Outputs:
  Out: {Value: !GetAtt Fn.Arm}
`
	want := `t.yaml:5: Api.ProtocolType: want WEBSOCKET or HTTP, got "GRPC"
t.yaml:6: Api.Name: no parameter or resource "Nobody"
t.yaml:9: Fn.DependsOn: no resource "Missing"
t.yaml:10: Fn: no condition "Never"
t.yaml:12: Fn.Timeout: want a whole number, got "soon"
t.yaml:15: Fn.Environment.Variables.STAGE: unknown intrinsic function "Reff"
t.yaml:16: Fn.Environment.Variables: key "STAGE" stands twice, first on line 15
t.yaml:22: Route.Target: "integrations/abc" names no Integration of this template
t.yaml:23: Lost: a resource without a Type
t.yaml:25: Out.Value: Fn of type AWS::Serverless::Function has no attribute "Arm"`
	_, err := template.Parse("t.yaml", []byte(src), nil)
	var got []string
	for _, f := range faultsOf(t, err) {
		got = append(got, f.Error())
	}
	if diff := cmp.Diff(want, strings.Join(got, "\n")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestWhatIsNoTemplate(t *testing.T) {
	t.Parallel()
	const resource = "Resources:\n  T: {Type: 'AWS::SNS::Topic'}\n"
	cases := []struct{ name, src, want string }{
		{"empty", "", "no documents in stream"},
		{"text", "hello", "t.yaml:1: a template is a mapping with Resources"},
		{"no resources", "Outputs: {}", "t.yaml:1: no Resources"},
		{"syntax", "Resources:\n  A: [\n", "t.yaml:3: not YAML"},
		{"two documents", "a: b\n---\nc: d\n", "multiple"},
		{"too large", strings.Repeat("#", 1<<20+1), "t.yaml: larger than 1048576 bytes"},
		{"hash merge", resource + "Globals: {Function: {<<: {Timeout: 3}}}\n", "t.yaml:3: Globals.Function: a hash merge"},
		{"section twice", resource + resource, `t.yaml:3: key "Resources" stands twice, first on line 1`},
		{
			"condition of itself", resource + "Conditions:\n  A: !Not [!Condition A]\nOutputs:\n  O: {Condition: A, Value: x}\n",
			`t.yaml:4: A: condition "A" refers to itself`,
		},
		{
			"resource that names itself", "Resources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties: {FunctionName: !Ref F}\n",
			"F names itself",
		},
		{
			"resource that is not made", `Resources:
  F: {Type: 'AWS::Lambda::Function', Condition: Never}
Conditions: {Never: !Equals [a, b]}
Outputs:
  O: {Value: !Ref F}
`, "t.yaml:5: O.Value: F is not made, since its condition Never is false",
		},
		{
			"alias of itself", resource + "Outputs:\n  O: {Value: &a [*a]}\n",
			"nested more than 64 levels deep",
		},
		{
			"nesting", resource + "Metadata: {}\nOutputs:\n  O: {Value: " + strings.Repeat("[", 80) + strings.Repeat("]", 80) + "}\n",
			"nested more than 64 levels deep",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := template.Parse("t.yaml", []byte(c.src), nil)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got error %v, want %q", err, c.want)
			}
			faultsOf(t, err)
		})
	}
}

// A few lines of aliases would stand for 8^12 values.
func TestAliasesAreBounded(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("Resources:\n  T: {Type: 'AWS::SNS::Topic'}\nMetadata:\n  a0: &a0 lol\n")
	for i := 1; i <= 12; i++ {
		before := "*a" + strconv.Itoa(i-1)
		list := strings.Repeat(", "+before, 8)
		b.WriteString("  a" + strconv.Itoa(i) + ": &a" + strconv.Itoa(i) + " !Join ['', [" + list[2:] + "]]\n")
	}
	b.WriteString("Outputs:\n  O: {Value: *a12}\n")
	started := time.Now()
	_, err := template.Parse("t.yaml", []byte(b.String()), nil)
	if err == nil || !strings.Contains(err.Error(), "resolves to more than 16 MB") {
		t.Errorf("got error %v, want one that names the limit", err)
	}
	if took := time.Since(started); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestLoadOfAMissingFile(t *testing.T) {
	t.Parallel()
	if _, err := template.Load("nowhere.yaml", nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got error %v, want fs.ErrNotExist", err)
	}
}

// Globals lie under a SAM function's own properties: mappings are merged, lists
// joined, anything else replaced. A plain Lambda function has no Globals.
func TestGlobals(t *testing.T) {
	t.Parallel()
	src := `Transform: [AWS::Serverless-2016-10-31]
Parameters: {Stage: {Type: String, Default: live}}
Globals:
  Function:
    Timeout: 10
    MemorySize: 256
    Runtime: provided.al2023
    CodeUri: build/
    Architectures: [arm64]
    Environment: {Variables: {STAGE: !Ref Stage, LEVEL: info}}
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      Timeout: 20
      Handler: bootstrap
      Environment: {Variables: {LEVEL: debug, OWN: !Ref AWS::Region}}
  Plain:
    Type: AWS::Lambda::Function
    Properties: {Handler: index.handler, Runtime: nodejs22.x, Code: {ZipFile: ""}}
  Remote:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: s3://bucket/key, VpcConfig: {SubnetIds: [!ImportValue subnet]}}
`
	stack, err := template.Parse("t.yaml", []byte(src), nil)
	if err != nil {
		t.Fatal(err)
	}
	arn := "arn:aws:lambda:eu-west-1:123456789012:function:bellhop-"
	want := []template.Function{
		{
			Name: "bellhop-Fn", ARN: arn + "Fn", CodeURI: "build/", Handler: "bootstrap", Runtime: "provided.al2023",
			Architectures: []string{"arm64"}, Timeout: 20 * time.Second, MemorySize: 256,
			Environment: map[string]string{"STAGE": "live", "LEVEL": "debug", "OWN": "eu-west-1"},
		},
		{
			Name: "bellhop-Plain", ARN: arn + "Plain", Handler: "index.handler", Runtime: "nodejs22.x",
			Architectures: []string{"x86_64"}, Timeout: 3 * time.Second, MemorySize: 128,
		},
		{
			Name: "bellhop-Remote", ARN: arn + "Remote", Runtime: "provided.al2023",
			Architectures: []string{"arm64"}, Timeout: 10 * time.Second, MemorySize: 256,
			Environment: map[string]string{"STAGE": "live", "LEVEL": "info"},
		},
	}
	for i := range stack.Functions {
		stack.Functions[i].Part = template.Part{}
	}
	if diff := cmp.Diff(want, stack.Functions); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// A URI leads back to its function in every form that AWS takes.
func TestIntegrationURIs(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"long form":           `!Sub "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations"`,
		"joined":              `!Join ['', ['arn:aws:apigateway:', !Ref AWS::Region, ':lambda:path/2015-03-31/functions/', !GetAtt Fn.Arn, /invocations]]`,
		"ARN":                 "!GetAtt Fn.Arn",
		"ARN with qualifier":  `!Sub "${Fn.Arn}:live"`,
		"long form qualified": `!Sub "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${Fn.Arn}:live/invocations"`,
	}
	for name, uri := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := `Resources:
  Fn: {Type: 'AWS::Lambda::Function'}
  Api: {Type: 'AWS::ApiGatewayV2::Api', Properties: {ProtocolType: WEBSOCKET}}
  I: {Type: 'AWS::ApiGatewayV2::Integration', Properties: {ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: ` + uri + `}}
  R: {Type: 'AWS::ApiGatewayV2::Route', Properties: {ApiId: !Ref Api, RouteKey: x, Target: !Join [/, [integrations, !Ref I]]}}
`
			stack, err := template.Parse("t.yaml", []byte(src), nil)
			if err != nil {
				t.Fatal(err)
			}
			route := stack.WebSocketAPIs[0].Routes[0]
			if route.Integration.Function != "Fn" || route.Integration.Timeout != 29*time.Second {
				t.Errorf("got function %q, time-out %v; want Fn, 29s", route.Integration.Function, route.Integration.Timeout)
			}
		})
	}
}

// What is made under a condition is there or not, and the rest is carried along.
func TestConditionalResources(t *testing.T) {
	t.Parallel()
	for role, want := range map[string]bool{"existing": false, "create": true} {
		stack := loadShipped(t, &template.Options{Parameters: map[string]string{"ApiLogsRole": role}})
		got := false
		for _, r := range stack.Others {
			got = got || r.Type == "AWS::ApiGateway::Account"
		}
		if got != want {
			t.Errorf("ApiLogsRole=%s: account resource there: got %v, want %v", role, got, want)
		}
	}
}

// The same template gives the same names, ids and order on every run.
func TestLoadIsDeterministic(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(loadShipped(t, nil), loadShipped(t, nil)); diff != "" {
		t.Errorf("two runs differ:\n%s", diff)
	}
}

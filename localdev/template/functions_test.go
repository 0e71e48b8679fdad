package template_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bellhop/localdev/template"
)

// Where a function's code is, in every form that templates have for it.
func TestCode(t *testing.T) {
	t.Parallel()
	type code struct{ uri, inline, image string }
	cases := []struct {
		name, typ, properties string
		want                  code
		warning               string
	}{
		{"folder", "Serverless", "{CodeUri: src/}", code{uri: "src/"}, ""},
		{"archive in S3", "Serverless", "{CodeUri: s3://bucket/key}", code{}, "t.yaml:2: F.CodeUri: its code is in S3, and does not run here"},
		{"object in S3", "Serverless", "{CodeUri: {Bucket: b, Key: k}}", code{}, "t.yaml:2: F.CodeUri: its code is in S3, and does not run here"},
		{"inline", "Serverless", "{Runtime: python3.13, InlineCode: 'x = 1'}", code{inline: "x = 1"}, ""},
		{"inline of another runtime", "Serverless", "{Runtime: ruby3.4, InlineCode: x}", code{inline: "x"}, `t.yaml:2: F.Runtime: "ruby3.4" takes no inline code: Node.js and Python do`},
		{"image", "Serverless", "{PackageType: Image, ImageUri: repo/app}", code{image: "repo/app"}, "t.yaml:2: F: is a container image, which does not run here"},
		{"image that SAM builds", "Serverless", "{PackageType: Image}", code{}, "t.yaml:2: F: is a container image, which does not run here"},
		{"folder to package", "Lambda", "{Code: src/}", code{uri: "src/"}, ""},
		{"inline, plain", "Lambda", "{Runtime: nodejs22.x, Code: {ZipFile: 'x = 1'}}", code{inline: "x = 1"}, ""},
		{"S3, plain", "Lambda", "{Code: {S3Bucket: !ImportValue bucket, S3Key: k}}", code{}, "t.yaml:2: F.Code: its code is in S3, and does not run here"},
		{"image, plain", "Lambda", "{Code: {ImageUri: repo/app}}", code{image: "repo/app"}, "t.yaml:2: F: is a container image, which does not run here"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			stack := parsed(t, "Resources:\n  F: {Type: AWS::"+c.typ+"::Function, Properties: "+c.properties+"}\n")
			f := stack.Functions[0]
			if got := (code{f.CodeURI, f.Inline, f.Image}); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
			if got := warningsOf(stack); !slices.Equal(got, wanted(c.warning)) {
				t.Errorf("got warnings %q, want %q", got, c.warning)
			}
		})
	}
}

func warningsOf(s *template.Stack) []string {
	var all []string
	for _, w := range s.Warnings {
		all = append(all, w.Error())
	}
	return all
}

func wanted(warning string) []string {
	if warning == "" {
		return nil
	}
	return []string{warning}
}

func TestInlineFile(t *testing.T) {
	t.Parallel()
	for runtime, want := range map[string]string{"nodejs22.x": "index.js", "python3.13": "index.py", "provided.al2023": ""} {
		if got, ok := (template.Function{Inline: "x", Runtime: runtime}).InlineFile(); got != want || ok != (want != "") {
			t.Errorf("%s: got %q, %v; want %q", runtime, got, ok, want)
		}
	}
	if got, ok := (template.Function{Runtime: "python3.13"}).InlineFile(); ok {
		t.Errorf("no inline code: got %q", got)
	}
}

func TestLayersAndBuildMethod(t *testing.T) {
	t.Parallel()
	stack := parsed(t, `Resources:
  Shared: {Type: AWS::Serverless::LayerVersion, Metadata: {BuildMethod: python3.13}, Properties: {ContentUri: layer/}}
  Away: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: s3://bucket/layer.zip}}
  F:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: esbuild}
    Properties: {Runtime: python3.13, CodeUri: src, Layers: [!Ref Shared, !Ref Away, 'arn:aws:lambda:eu-west-1:1:layer:x:1']}
  G: {Type: AWS::Serverless::Function, Properties: {Runtime: provided.al2023, CodeUri: src, Layers: [!Ref Shared]}}
`)
	f := stack.Functions[0]
	if want := []string{"bellhop-Shared", "bellhop-Away", "arn:aws:lambda:eu-west-1:1:layer:x:1"}; !slices.Equal(f.Layers, want) || f.BuildMethod != "esbuild" {
		t.Errorf("got %v, %q; want %v, esbuild", f.Layers, f.BuildMethod, want)
	}
	if got := f.LocalLayers; len(got) != 1 || got[0].ContentURI != "layer/" || got[0].BuildMethod != "python3.13" {
		t.Errorf("got layers %+v, want the template's own", got)
	}
	want := []string{
		"t.yaml:3: Away.ContentUri: its content is no local folder: functions run without it",
		`t.yaml:7: F.Layers: "arn:aws:lambda:eu-west-1:1:layer:x:1" is no layer of this template: the function runs without it`,
		"t.yaml:8: G.Layers: Shared: layers are applied to Node.js and Python alone",
	}
	if diff := cmp.Diff(want, warningsOf(stack)); diff != "" {
		t.Errorf("warnings: -want +got:\n%s", diff)
	}
}

// What a function may do is gathered from wherever a template grants it.
func TestGrantsOfRoles(t *testing.T) {
	t.Parallel()
	stack := parsed(t, `Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      ManagedPolicyArns: [!Ref Managed, 'arn:aws:iam::aws:policy/ReadOnlyAccess']
      Policies: [{PolicyName: own, PolicyDocument: {Statement: [{Effect: Allow, Action: a:Own, Resource: '*'}]}}]
  Beside:
    Type: AWS::IAM::Policy
    Properties: {Roles: [!Ref Role], PolicyDocument: {Statement: {Effect: Allow, Action: a:Beside, Resource: '*'}}}
  Managed:
    Type: AWS::IAM::ManagedPolicy
    Properties: {PolicyDocument: {Statement: {Effect: Deny, Action: [a:Managed], Resource: '*'}}}
  F: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt Role.Arn, Code: src}}
  Elsewhere: {Type: AWS::Lambda::Function, Properties: {Role: 'arn:aws:iam::1:role/x', Code: src}}
  SAM:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src
      Policies:
        - AWSLambdaExecute
        - DynamoDBCrudPolicy: {TableName: t}
        - Statement: [{Effect: Allow, Action: a:Inline, Resource: '*'}]
`)
	type grants struct {
		actions, policies []string
		foreign           bool
	}
	got := map[string]grants{}
	for _, f := range stack.Functions {
		g := grants{policies: f.Policies, foreign: f.ForeignRole}
		for _, s := range f.Statements {
			g.actions = append(g.actions, s.Effect+" "+s.Actions[0])
		}
		got[f.LogicalID] = g
	}
	want := map[string]grants{
		"F": {
			actions:  []string{"Allow a:Own", "Allow a:Beside", "Deny a:Managed"},
			policies: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"},
		},
		"Elsewhere": {foreign: true},
		"SAM":       {actions: []string{"Allow a:Inline"}, policies: []string{"AWSLambdaExecute", "DynamoDBCrudPolicy"}},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(grants{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTablesOfEitherForm(t *testing.T) {
	t.Parallel()
	stack := parsed(t, `Globals: {SimpleTable: {SSESpecification: {SSEEnabled: true}}}
Resources:
  Plain:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: rooms
      AttributeDefinitions: [{AttributeName: room, AttributeType: S}, {AttributeName: at, AttributeType: N}]
      KeySchema: [{AttributeName: room, KeyType: HASH}, {AttributeName: at, KeyType: RANGE}]
      ProvisionedThroughput: {ReadCapacityUnits: 5, WriteCapacityUnits: 2}
      StreamSpecification: {StreamViewType: NEW_IMAGE}
      GlobalSecondaryIndexes:
        - IndexName: by-time
          KeySchema: [{AttributeName: at, KeyType: HASH}]
          Projection: {ProjectionType: KEYS_ONLY}
          ProvisionedThroughput: {ReadCapacityUnits: 1, WriteCapacityUnits: 1}
  Simple: {Type: AWS::Serverless::SimpleTable}
  Numbered:
    Type: AWS::Serverless::SimpleTable
    Properties: {TableName: n, PrimaryKey: {Name: number, Type: Number}, ProvisionedThroughput: {ReadCapacityUnits: 1, WriteCapacityUnits: 1}}
`)
	arn := "arn:aws:dynamodb:eu-west-1:123456789012:table/"
	want := []template.Table{
		{
			Name: "rooms", ARN: arn + "rooms", BillingMode: "PROVISIONED", Attributes: map[string]string{"room": "S", "at": "N"},
			Key: template.Key{Hash: "room", Range: "at"}, Throughput: template.Throughput{Read: 5, Write: 2}, Stream: "NEW_IMAGE",
			GlobalIndexes: []template.Index{{
				Name: "by-time", Key: template.Key{Hash: "at"}, Projection: "KEYS_ONLY", Throughput: template.Throughput{Read: 1, Write: 1},
			}},
		},
		{
			Name: "bellhop-Simple", ARN: arn + "bellhop-Simple", BillingMode: "PAY_PER_REQUEST",
			Attributes: map[string]string{"id": "S"}, Key: template.Key{Hash: "id"}, Encrypted: true,
		},
		{
			Name: "n", ARN: arn + "n", BillingMode: "PROVISIONED", Attributes: map[string]string{"number": "N"},
			Key: template.Key{Hash: "number"}, Encrypted: true, Throughput: template.Throughput{Read: 1, Write: 1},
		},
	}
	for i := range stack.Tables {
		stack.Tables[i].Part = template.Part{}
	}
	if diff := cmp.Diff(want, stack.Tables); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// What is not there on this machine is told of, and the rest is read.
func TestWarnings(t *testing.T) {
	t.Parallel()
	stack := parsed(t, `Parameters: {Stored: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /chat/key}}
Resources:
  Queue: {Type: AWS::SQS::Queue}
  F: {Type: AWS::Lambda::Function, Properties: {Code: src, Environment: {Variables: {KEY: '{{resolve:ssm:/key}}'}}}}
  Logs: {Type: AWS::Logs::LogGroup}
  Nested: {Type: AWS::CloudFormation::Stack}
  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.x}}
  I:
    Type: AWS::ApiGatewayV2::Integration
    Properties: {ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: 'arn:aws:lambda:eu-west-1:1:function:other'}
  R: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: x, Target: !Sub 'integrations/${I}'}}
  Lost: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: abcdefghij, StageName: live}}
  Web: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: HTTP, Body: {openapi: 3.0.1}}}
  P: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Web, IntegrationType: HTTP_PROXY, IntegrationUri: 'https://example.com'}}
`)
	want := []string{
		"t.yaml:1: Stored: is kept in Parameter Store, and not looked up here: its value is its name, unless --parameter-overrides gives one",
		"t.yaml:3: Queue: is an AWS::SQS::Queue, which is not there on this machine",
		"t.yaml:4: F.Environment.Variables.KEY: a dynamic reference ({{resolve:…}}) is not looked up here: the function gets it as it stands",
		"t.yaml:6: Nested: a nested stack: what it holds is not there",
		"t.yaml:10: I.IntegrationUri: names no function of this template: what is sent there fails",
		`t.yaml:12: Lost.ApiId: "abcdefghij" is no API of this template: left out`,
		"t.yaml:13: Web.Body: an OpenAPI document is not read: its routes are not there",
		`t.yaml:14: P.IntegrationType: "HTTP_PROXY" of an HTTP API does not run here: what is sent there fails`,
	}
	if diff := cmp.Diff(want, warningsOf(stack)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if n := len(stack.WebSocketAPIs[0].Routes); n != 1 {
		t.Errorf("got %d routes, want 1", n)
	}
}

func TestImportedValues(t *testing.T) {
	t.Parallel()
	src := []byte("Resources: {T: {Type: AWS::SNS::Topic}}\nOutputs:\n  O: {Value: !ImportValue {'Fn::Sub': '${AWS::StackName}-vpc'}}\n")
	stack, err := template.Parse("t.yaml", src, &template.Options{Imports: map[string]string{"bellhop-vpc": "vpc-1"}})
	if err != nil || stack.Outputs[0].Value != "vpc-1" {
		t.Errorf("got %v, %v; want vpc-1", stack, err)
	}
	_, err = template.Parse("t.yaml", src, nil)
	if want := `t.yaml:3: O.Value: ImportValue: no value for "bellhop-vpc"; give one: --import-value bellhop-vpc=VALUE`; err == nil || err.Error() != want {
		t.Errorf("got error %v, want %q", err, want)
	}
}

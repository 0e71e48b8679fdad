package template_test

import (
	"strings"
	"testing"
)

// values are the sections that TestEval resolves against.
const values = `
Transform: AWS::Serverless-2016-10-31
Parameters:
  Name: {Type: String, Default: ada}
  Many: {Type: CommaDelimitedList, Default: "a, b,c"}
  Size: {Type: Number, Default: 7}
Mappings:
  Sizes:
    eu-west-1: {small: 1, large: !Ref Size, list: [x, y]}
Conditions:
  IsAda: !Equals [!Ref Name, ada]
  IsBob: {"Fn::Equals": [{Ref: Name}, bob]}
  Both: !And [!Condition IsAda, !Condition IsBob]
  Any: !Or [!Condition IsAda, {Condition: IsBob}]
  Neither: !Not [!Condition Any]
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties: {FunctionName: !Sub "${AWS::StackName}-fn"}
  Plain: {Type: 'AWS::Lambda::Function'}
  Table: {Type: 'AWS::DynamoDB::Table'}
  Api: {Type: 'AWS::ApiGatewayV2::Api', Properties: {ProtocolType: WEBSOCKET}}
  Web: {Type: 'AWS::ApiGatewayV2::Api', Properties: {ProtocolType: HTTP}}
  Queue: {Type: 'AWS::SQS::Queue', Properties: {QueueName: jobs}}
  Topic: {Type: 'AWS::SNS::Topic'}
  Role: {Type: 'AWS::IAM::Role'}
  Logs: {Type: 'AWS::Logs::LogGroup', Properties: {LogGroupName: /aws/lambda/x}}
  Key: {Type: 'AWS::KMS::Key'}
`

func TestEval(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, value, want string }{
		{"scalar", "plain", "plain"},
		{"date stays text", "2012-10-17", "2012-10-17"},
		{"number stays text", "007", "007"},
		{"ref parameter", "!Ref Name", "ada"},
		{"ref long form", "{Ref: Name}", "ada"},
		{"ref pseudo", "!Ref AWS::AccountId", "123456789012"},
		{"ref function is its name", "!Ref Fn", "bellhop-fn"},
		{"ref function without a name", "!Ref Plain", "bellhop-Plain"},
		{"ref table", "!Ref Table", "bellhop-Table"},
		{"ref api", "!Ref Api", "mzyfbybphj"},
		{"ref queue is its url", "!Ref Queue", "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs"},
		{"ref topic is its arn", "!Ref Topic", "arn:aws:sns:eu-west-1:123456789012:bellhop-Topic"},
		{"ref unknown type", "!Ref Key", "bellhop-Key"},
		{"getatt function", "!GetAtt Fn.Arn", "arn:aws:lambda:eu-west-1:123456789012:function:bellhop-fn"},
		{"getatt list", "{'Fn::GetAtt': [Table, Arn]}", "arn:aws:dynamodb:eu-west-1:123456789012:table/bellhop-Table"},
		{"getatt websocket endpoint", "!GetAtt Api.ApiEndpoint", "wss://mzyfbybphj.execute-api.eu-west-1.amazonaws.com"},
		{"getatt http endpoint", "!Select [0, !Split ['://', !GetAtt Web.ApiEndpoint]]", "https"},
		{"getatt role", "!GetAtt Role.Arn", "arn:aws:iam::123456789012:role/bellhop-Role"},
		{"getatt log group", "!GetAtt Logs.Arn", "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/x:*"},
		{"getatt unknown type", "!GetAtt Key.Arn", "arn:aws:kms:eu-west-1:123456789012:bellhop-Key"},
		{"getatt unknown attribute of unknown type", "!GetAtt Key.KeyId", "Key.KeyId"},
		{"what sam generates", "!Ref FnRole", "bellhop-FnRole"},
		{"sub", `!Sub "x-${Name}-${Fn.Arn}"`, "x-ada-arn:aws:lambda:eu-west-1:123456789012:function:bellhop-fn"},
		{"sub literal", `!Sub "${!Name} $connect ${Size}"`, "${Name} $connect 7"},
		{"sub long form", `{"Fn::Sub": "${AWS::Region}.${AWS::URLSuffix}"}`, "eu-west-1.amazonaws.com"},
		{"sub with variables", `!Sub ["${A}/${Name}", {A: !Ref Size, Name: own}]`, "7/own"},
		{"join", "!Join ['-', [a, !Ref Name, !Ref AWS::NoValue, b]]", "a-ada-b"},
		{"join a list parameter", "!Join ['', !Ref Many]", "abc"},
		{"select", "!Select [1, !Ref Many]", "b"},
		{"split", "!Select [2, !Split ['.', a.b.c]]", "c"},
		{"find in map", "!FindInMap [Sizes, !Ref AWS::Region, large]", "7"},
		{"find in map, default", "!FindInMap [Sizes, mars, large, {DefaultValue: none}]", "none"},
		{"find a list in map", "!Join ['+', !FindInMap [Sizes, eu-west-1, list]]", "x+y"},
		{"base64", "!Base64 hi", "aGk="},
		{"base64 of a sub", "{'Fn::Base64': !Sub '${Name}'}", "YWRh"},
		{"if true", "!If [IsAda, yes, no]", "yes"},
		{"if false", "!If [IsBob, yes, no]", "no"},
		{"and", "!If [Both, yes, no]", "no"},
		{"or", "!If [Any, yes, no]", "yes"},
		{"not", "!If [Neither, yes, no]", "no"},
		{"the other branch is not resolved", "!If [IsAda, yes, !GetAtt Fn.Nothing]", "yes"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := output(t, c.value, values)
			if err != nil || got != c.want {
				t.Errorf("%s: got %q, %v; want %q", c.value, got, err, c.want)
			}
		})
	}
}

func TestEvalFaults(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, value, want string }{
		{"unknown ref", "!Ref Nobody", `no parameter or resource "Nobody"`},
		{"unknown function", "!Reff Name", `unknown intrinsic function "Reff"`},
		{"unknown long form", "{'Fn::Nope': x}", `unknown intrinsic function "Nope"`},
		{"no value here", "!Cidr x", "Cidr has no value on this machine"},
		{"wrong attribute", "!GetAtt Fn.Arm", `Fn of type AWS::Serverless::Function has no attribute "Arm"`},
		{"getatt without attribute", "!GetAtt Fn", "GetAtt wants a logical id and an attribute"},
		{"unknown name in sub", `!Sub "${Nobody}"`, `no parameter or resource "Nobody"`},
		{"unknown resource in sub", `!Sub "${Nobody.Arn}"`, `no parameter or resource "Nobody"`},
		{"sub not closed", `!Sub "${Name"`, "Sub: ${ without its }"},
		{"list for text", "!Ref Many", "want text, got a list"},
		{"mapping for text", "{a: b}", "want text, got a mapping"},
		{"unknown condition", "!If [Nope, a, b]", `no condition "Nope"`},
		{"if of two", "!If [IsAda, a]", "If wants a list of 3 elements"},
		{"condition as value", "!Equals [a, a]", "Equals is a condition, and stands where a value is wanted"},
		{"select beyond", "!Select [3, [a]]", `Select wants an index below 1, got "3"`},
		{"join of text", "!Join ['-', a]", "want a list, got text"},
		{"split without delimiter", "!Select [0, !Split ['', a]]", "Split wants a delimiter"},
		{"no such mapping", "!FindInMap [Sizes, mars, large]", "no mapping Sizes.mars.large"},
	}
	line := strings.Count(values, "\n") + 4
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := output(t, c.value, values)
			if err == nil {
				t.Fatalf("%s: got no fault, want %q", c.value, c.want)
			}
			faults := faultsOf(t, err)
			if len(faults) != 1 || faults[0].Message != c.want {
				t.Fatalf("%s: got %v, want the one fault %q", c.value, err, c.want)
			}
			if f := faults[0]; f.File != "t.yaml" || f.Line != line || f.LogicalID != "Out" {
				t.Errorf("%s: got it at %s:%d of %q, want t.yaml:%d of Out", c.value, f.File, f.Line, f.LogicalID, line)
			}
		})
	}
}

package template

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"strings"
)

// resourceType says what Ref and GetAtt give for resources of a type, in texts
// with the placeholders of expand.
type resourceType struct {
	// nameProperty names the resource; without it the name is "stack-LogicalID".
	nameProperty string
	ref          string
	attributes   map[string]string
}

const functionARN = "arn:{partition}:lambda:{region}:{account}:function:{name}"

var tableType = resourceType{"TableName", "{name}", map[string]string{
	"Arn":       "arn:{partition}:dynamodb:{region}:{account}:table/{name}",
	"StreamArn": "arn:{partition}:dynamodb:{region}:{account}:table/{name}/stream/2026-01-01T00:00:00.000",
}}

var functionType = resourceType{"FunctionName", "{name}", map[string]string{"Arn": functionARN}}

// resourceTypes are the types whose attributes are known to the letter. Of any
// other type, an attribute is made up.
var resourceTypes = map[string]resourceType{
	"AWS::Serverless::Function": functionType,
	"AWS::Lambda::Function":     functionType,
	"AWS::ApiGatewayV2::Api": {"", "{api}", map[string]string{
		"ApiId": "{api}", "ApiEndpoint": "{scheme}://{api}.execute-api.{region}.{suffix}",
	}},
	"AWS::Serverless::WebSocketApi": {"", "{api}", map[string]string{
		"ApiId": "{api}", "ApiEndpoint": "wss://{api}.execute-api.{region}.{suffix}",
	}},
	"AWS::Serverless::HttpApi": {"", "{api}", map[string]string{
		"ApiId": "{api}", "ApiEndpoint": "https://{api}.execute-api.{region}.{suffix}",
	}},
	"AWS::ApiGatewayV2::Stage":       {"StageName", "{name}", nil},
	"AWS::ApiGatewayV2::Route":       {"", "{id}", map[string]string{"RouteId": "{id}"}},
	"AWS::ApiGatewayV2::Integration": {"", "{id}", map[string]string{"IntegrationId": "{id}"}},
	"AWS::ApiGatewayV2::Authorizer":  {"", "{id}", map[string]string{"AuthorizerId": "{id}"}},
	"AWS::ApiGatewayV2::Deployment":  {"", "{id}", map[string]string{"DeploymentId": "{id}"}},
	"AWS::DynamoDB::Table":           tableType,
	"AWS::DynamoDB::GlobalTable":     tableType,
	"AWS::Serverless::SimpleTable":   tableType,
	"AWS::Logs::LogGroup": {"LogGroupName", "{name}", map[string]string{
		"Arn": "arn:{partition}:logs:{region}:{account}:log-group:{name}:*",
	}},
	"AWS::SQS::Queue": {"QueueName", "https://sqs.{region}.{suffix}/{account}/{name}", map[string]string{
		"Arn":       "arn:{partition}:sqs:{region}:{account}:{name}",
		"QueueName": "{name}", "QueueUrl": "https://sqs.{region}.{suffix}/{account}/{name}",
	}},
	"AWS::SNS::Topic": {"TopicName", "arn:{partition}:sns:{region}:{account}:{name}", map[string]string{
		"TopicArn": "arn:{partition}:sns:{region}:{account}:{name}", "TopicName": "{name}",
	}},
	"AWS::IAM::Role": {"RoleName", "{name}", map[string]string{
		"Arn": "arn:{partition}:iam::{account}:role/{name}", "RoleId": "AROA{api}",
	}},
	"AWS::S3::Bucket": {"BucketName", "{name}", map[string]string{
		"Arn": "arn:{partition}:s3:::{name}", "DomainName": "{name}.s3.{suffix}",
		"RegionalDomainName": "{name}.s3.{region}.{suffix}", "WebsiteURL": "http://{name}.s3-website-{region}.{suffix}",
	}},
}

// typeOf gives what is known of a type; ok is false when its attributes are not.
func typeOf(typ string) (t resourceType, ok bool) {
	t, ok = resourceTypes[typ]
	if !ok {
		t.ref = "{name}"
	}
	return t, ok
}

// resourceRef gives what Ref gives for a resource.
func (e *evaluator) resourceRef(name string, line int, at place) value {
	r, ok := e.target(name, line, at)
	if !ok {
		return brokenValue(line)
	}
	t, _ := typeOf(r.typ)
	return e.physical(r, t.ref, line, at)
}

// attribute gives what GetAtt gives for a resource's attribute.
func (e *evaluator) attribute(id, attribute string, line int, at place) value {
	r, ok := e.target(id, line, at)
	if !ok {
		return brokenValue(line)
	}
	t, known := typeOf(r.typ)
	format, ok := t.attributes[attribute]
	switch {
	case !ok && known:
		e.add(at, line, "%s of type %s has no attribute %q", id, r.typ, shorten(attribute))
		return brokenValue(line)
	case !ok && strings.HasSuffix(attribute, "Arn"):
		format = "arn:{partition}:{service}:{region}:{account}:{name}"
	case !ok:
		return textValue(id+"."+attribute, line)
	}
	return e.physical(r, format, line, at)
}

// generatedStage is the logical id of the stage that SAM makes for an API.
func generatedStage(r *resource) string {
	name := child(r.properties, "StageName")
	if name == nil || !isScalar(name) {
		if name != nil {
			return r.logicalID + "Stage"
		}
		if r.typ == "AWS::Serverless::WebSocketApi" {
			return r.logicalID + "DefaultStage"
		}
		return r.logicalID + "ApiGatewayDefaultStage"
	}
	return r.logicalID + text(name) + "Stage"
}

// referable gives what Ref gives for the stage that SAM makes for an API, which is
// named by its logical id or as "Api.Stage", and for a function's alias or version.
func (e *evaluator) referable(name string, at place) (value, bool) {
	for _, r := range e.doc.order {
		if v, ok := e.versionOf(r, name, at); ok {
			return v, true
		}
		standard, ok := map[string]string{"AWS::Serverless::WebSocketApi": "default", "AWS::Serverless::HttpApi": "$default"}[r.typ]
		if !ok || name != r.logicalID+".Stage" && name != generatedStage(r) {
			continue
		}
		if v := e.eval(child(r.properties, "StageName"), at.deeper()); v.kind != absent {
			return v, true
		}
		return textValue(standard, r.line), true
	}
	return value{}, false
}

// versionOf gives what Ref gives for the alias or the version that SAM makes for a
// function: its ARN with a qualifier.
func (e *evaluator) versionOf(r *resource, name string, at place) (value, bool) {
	if r.typ != "AWS::Serverless::Function" || name != r.logicalID+".Alias" && name != r.logicalID+".Version" {
		return value{}, false
	}
	v := e.attribute(r.logicalID, "Arn", r.line, at.deeper())
	if v.kind == scalar && strings.HasSuffix(name, ".Alias") {
		v.text += ":" + text(child(r.properties, "AutoPublishAlias"))
	}
	return v, true
}

// target finds the resource that a name stands for.
func (e *evaluator) target(name string, line int, at place) (*resource, bool) {
	r := e.doc.resources[name]
	switch {
	case r == nil && e.doc.mayBeGenerated(name):
		return &resource{logicalID: name, typ: "AWS::Serverless::Generated", line: line}, true
	case r == nil:
		e.add(at, line, "no parameter or resource %q", shorten(name))
		return nil, false
	case !e.exists(r, at):
		e.add(at, line, "%s is not made, since its condition %s is false", name, r.condition)
		return nil, false
	}
	return r, true
}

// exists tells whether a resource's condition, if any, is true.
func (e *evaluator) exists(r *resource, at place) bool {
	if r.condition == "" {
		return true
	}
	yes, ok := e.holds(r.condition, r.conditionLine, place{logicalID: r.logicalID, depth: at.depth})
	return yes || !ok
}

// name is a resource's name, worked out when it is first asked for.
type name struct {
	known bool
	text  string
	ok    bool
}

// nameOf gives a resource's name: what the template says, else one derived from
// the stack and the logical id.
func (e *evaluator) nameOf(r *resource, line int, at place) (string, bool) {
	t, _ := typeOf(r.typ)
	property := child(r.properties, t.nameProperty)
	if t.nameProperty == "" || property == nil {
		return e.pseudo["AWS::StackName"].text + "-" + r.logicalID, true
	}
	n := e.names[r.logicalID]
	if n == nil {
		n = &name{}
		e.names[r.logicalID] = n
		n.text, n.ok = e.text(property, place{r.logicalID, t.nameProperty, at.depth + 1})
		n.known = true
	}
	if !n.known {
		e.add(at, line, "%s names itself", r.logicalID)
		return "", false
	}
	return n.text, n.ok
}

// physical fills in the placeholders of a resource type.
func (e *evaluator) physical(r *resource, format string, line int, at place) value {
	called, ok := e.nameOf(r, line, at)
	if !ok {
		return brokenValue(line)
	}
	scheme := "https"
	if text(child(r.properties, "ProtocolType")) == websocketProtocol {
		scheme = "wss"
	}
	filled := strings.NewReplacer(
		"{name}", called, "{api}", derivedID(r.logicalID, 10), "{id}", derivedID(r.logicalID, 7),
		"{scheme}", scheme, "{service}", serviceOf(r.typ),
		"{region}", e.pseudo["AWS::Region"].text, "{account}", e.pseudo["AWS::AccountId"].text,
		"{partition}", e.pseudo["AWS::Partition"].text, "{suffix}", e.pseudo["AWS::URLSuffix"].text,
	).Replace(format)
	if !e.charge(len(filled)) {
		return brokenValue(line)
	}
	return textValue(filled, line)
}

// serviceOf gives "kms" for AWS::KMS::Key.
func serviceOf(typ string) string {
	parts := strings.Split(typ, "::")
	return strings.ToLower(parts[min(1, len(parts)-1)])
}

// derivedID gives an id as API Gateway's look, lower-case letters and digits, that
// depends on the logical id alone.
func derivedID(logicalID string, length int) string {
	sum := sha256.Sum256([]byte(logicalID))
	id := strconv.FormatUint(binary.BigEndian.Uint64(sum[:8])>>1|1<<62, 36)
	return id[len(id)-length:]
}

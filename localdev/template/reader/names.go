package reader

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
	"AWS::ApiGatewayV2::DomainName": {"DomainName", "{name}", map[string]string{
		"DomainNameArn":      "arn:{partition}:apigateway:{region}::/domainnames/{name}",
		"RegionalDomainName": "d-{api}.execute-api.{region}.{suffix}", "RegionalHostedZoneId": "Z{api}",
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
	"AWS::IAM::ManagedPolicy": {"ManagedPolicyName", "arn:{partition}:iam::{account}:policy/{name}", map[string]string{
		"PolicyArn": "arn:{partition}:iam::{account}:policy/{name}",
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

// ResourceRef gives what Ref gives for a resource.
func (e *Evaluator) ResourceRef(name string, line int, at Place) Value {
	r, ok := e.target(name, line, at)
	if !ok {
		return brokenValue(line)
	}
	t, _ := typeOf(r.Typ)
	return e.physical(r, t.ref, line, at)
}

// Attribute gives what GetAtt gives for a resource's attribute.
func (e *Evaluator) Attribute(id, attribute string, line int, at Place) Value {
	r, ok := e.target(id, line, at)
	if !ok {
		return brokenValue(line)
	}
	t, known := typeOf(r.Typ)
	format, ok := t.attributes[attribute]
	switch {
	case !ok && known:
		e.Add(at, line, "%s of type %s has no attribute %q", id, r.Typ, Shorten(attribute))
		return brokenValue(line)
	case !ok && strings.HasSuffix(attribute, "Arn"):
		format = "arn:{partition}:{service}:{region}:{account}:{name}"
	case !ok:
		return textValue(id+"."+attribute, line)
	}
	return e.physical(r, format, line, at)
}

// GeneratedStage is the logical id of the stage that SAM makes for an API.
func GeneratedStage(r *Resource) string {
	name := Child(r.Properties, "StageName")
	if name == nil || !isScalar(name) {
		if name != nil {
			return r.LogicalID + "Stage"
		}
		if r.Typ == "AWS::Serverless::WebSocketApi" {
			return r.LogicalID + "DefaultStage"
		}
		return r.LogicalID + "ApiGatewayDefaultStage"
	}
	return r.LogicalID + Text(name) + "Stage"
}

// referable gives what Ref gives for the stage that SAM makes for an API, which is
// named by its logical id or as "Api.Stage", and for a function's alias or version.
func (e *Evaluator) referable(name string, at Place) (Value, bool) {
	for _, r := range e.Doc.samParents(name) {
		if v, ok := e.versionOf(r, name, at); ok {
			return v, true
		}
		standard, ok := map[string]string{"AWS::Serverless::WebSocketApi": "default", "AWS::Serverless::HttpApi": "$default"}[r.Typ]
		if !ok || name != r.LogicalID+".Stage" && name != GeneratedStage(r) {
			continue
		}
		if v := e.Eval(Child(r.Properties, "StageName"), at.deeper()); v.Kind != Absent {
			return v, true
		}
		return textValue(standard, r.Line), true
	}
	return Value{}, false
}

// versionOf gives what Ref gives for the alias or the version that SAM makes for a
// function: its ARN with a qualifier.
func (e *Evaluator) versionOf(r *Resource, name string, at Place) (Value, bool) {
	if r.Typ != "AWS::Serverless::Function" || name != r.LogicalID+".Alias" && name != r.LogicalID+".Version" {
		return Value{}, false
	}
	v := e.Attribute(r.LogicalID, "Arn", r.Line, at.deeper())
	if v.Kind == Scalar && strings.HasSuffix(name, ".Alias") {
		v.Text += ":" + Text(Child(r.Properties, "AutoPublishAlias"))
	}
	return v, true
}

// target finds the resource that a name stands for.
func (e *Evaluator) target(name string, line int, at Place) (*Resource, bool) {
	r := e.Doc.resources[name]
	switch {
	case r == nil && e.Doc.mayBeGenerated(name):
		return &Resource{LogicalID: name, Typ: "AWS::Serverless::Generated", Line: line}, true
	case r == nil:
		e.Add(at, line, "no parameter or resource %q", Shorten(name))
		return nil, false
	case !e.Exists(r, at):
		e.Add(at, line, "%s is not made, since its condition %s is false", name, r.condition)
		return nil, false
	}
	return r, true
}

// Exists tells whether a resource's condition, if any, is true.
func (e *Evaluator) Exists(r *Resource, at Place) bool {
	if r.condition == "" {
		return true
	}
	yes, ok := e.Holds(r.condition, r.conditionLine, Place{LogicalID: r.LogicalID, Depth: at.Depth})
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
func (e *Evaluator) nameOf(r *Resource, line int, at Place) (string, bool) {
	t, _ := typeOf(r.Typ)
	property := Child(r.Properties, t.nameProperty)
	if t.nameProperty == "" || property == nil {
		return e.pseudo["AWS::StackName"].Text + "-" + r.LogicalID, true
	}
	n := e.names[r.LogicalID]
	if n == nil {
		n = &name{}
		e.names[r.LogicalID] = n
		n.text, n.ok = e.text(property, Place{r.LogicalID, t.nameProperty, at.Depth + 1})
		n.known = true
	}
	if !n.known {
		e.Add(at, line, "%s names itself", r.LogicalID)
		return "", false
	}
	return n.text, n.ok
}

// physical fills in the placeholders of a resource type.
func (e *Evaluator) physical(r *Resource, format string, line int, at Place) Value {
	called, ok := e.nameOf(r, line, at)
	if !ok {
		return brokenValue(line)
	}
	scheme := "https"
	if Text(Child(r.Properties, "ProtocolType")) == "WEBSOCKET" {
		scheme = "wss"
	}
	filled := strings.NewReplacer(
		"{name}", called, "{api}", DerivedID(r.LogicalID, 10), "{id}", DerivedID(r.LogicalID, 7),
		"{scheme}", scheme, "{service}", serviceOf(r.Typ),
		"{region}", e.pseudo["AWS::Region"].Text, "{account}", e.pseudo["AWS::AccountId"].Text,
		"{partition}", e.pseudo["AWS::Partition"].Text, "{suffix}", e.pseudo["AWS::URLSuffix"].Text,
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

// DerivedID gives an id as API Gateway's look, lower-case letters and digits, that
// depends on the logical id alone.
func DerivedID(logicalID string, length int) string {
	sum := sha256.Sum256([]byte(logicalID))
	id := strconv.FormatUint(binary.BigEndian.Uint64(sum[:8])>>1|1<<62, 36)
	return id[len(id)-length:]
}

package template

import (
	"time"
)

// Stack is what a template would deploy.
type Stack struct {
	// File is the template's path, as it was given to Load.
	File string
	// Name, Region and Account are the pseudo parameters that everything was
	// resolved with.
	Name, Region, Account string

	Parameters    []Parameter
	Functions     []Function
	WebSocketAPIs []WebSocketAPI
	HTTPAPIs      []HTTPAPI
	Tables        []Table
	Permissions   []Permission
	Outputs       []Output
	// Others are the resources of types that are not needed here.
	Others []Resource
	// Warnings say what of the template does not run on this machine, in the
	// order of their lines. The rest does.
	Warnings []Fault
}

// Function is an AWS::Serverless::Function or AWS::Lambda::Function.
type Function struct {
	Part
	// Name is the FunctionName, ARN the unqualified ARN.
	Name, ARN string
	// CodeURI is the folder of the code, relative to the template; empty when the
	// code is elsewhere (S3, inline, image).
	CodeURI string
	// Inline is the code itself, when the template holds it (ZipFile, InlineCode):
	// see InlineFile for where Lambda keeps it.
	Inline string
	// Image is the URI of a container image, which runs in place of code.
	Image string
	// BuildMethod is how sam build makes the code, empty when it goes by Runtime.
	BuildMethod string
	// Handler is "bootstrap" for a custom runtime.
	Handler, Runtime string
	// Architectures is {"x86_64"} unless set.
	Architectures []string
	// Timeout is 3 s unless set.
	Timeout time.Duration
	// MemorySize is in MB, 128 unless set.
	MemorySize int
	// Environment holds the variables, those of Globals included.
	Environment map[string]string
	// Schedules are the Events of type Schedule.
	Schedules []Schedule
	// Layers are the ARNs of layers, or the names of the template's own.
	Layers []string
	// LocalLayers are those that are folders here, in their order.
	LocalLayers []Layer
	// Statements are those of the inline policies, and of the role when it is one
	// of this template. SAM's policy templates and managed policies are not among
	// them: Policies are their names or ARNs, but for managed policies of this
	// template, whose statements are known.
	Statements []Statement
	Policies   []string
	// Role is the ARN of the role that the function is given, empty when SAM
	// makes it one. ForeignRole tells that it is none of this template.
	Role        string
	ForeignRole bool
}

// Layer is an AWS::Serverless::LayerVersion or AWS::Lambda::LayerVersion.
type Layer struct {
	Part
	// ContentURI is the folder of the content, relative to the template; empty when
	// it is elsewhere.
	ContentURI string
	// BuildMethod is how sam build makes the content; empty when it is ready.
	BuildMethod string
}

// Schedule is an event of a function that comes by the clock.
type Schedule struct {
	// Name is that of the event, Line where its expression stands.
	Name string
	Line int
	// Expression is for instance "rate(1 minute)". Every is the pause that a rate
	// means; 0 for a cron expression.
	Expression string
	Every      time.Duration
	// Input is the payload; empty: the event that EventBridge makes.
	Input string
	// Disabled schedules never come.
	Disabled bool
}

// Statement is one statement of an IAM policy.
type Statement struct {
	Sid, Effect        string
	Actions, Resources []string
}

// WebSocketAPI is an AWS::ApiGatewayV2::Api of protocol WEBSOCKET.
type WebSocketAPI struct {
	Part
	// ID is what Ref gives: 10 lower-case letters and digits.
	ID, Name string
	// RouteSelectionExpression is for instance "$request.body.action".
	RouteSelectionExpression string
	// APIKeySelectionExpression is "$request.header.x-api-key" unless set.
	APIKeySelectionExpression string
	// EndpointDisabled leaves the API to its custom domains.
	EndpointDisabled bool
	Routes           []Route
	Authorizers      []Authorizer
	Stages           []Stage
	Deployments      []Deployment
	Mappings         []Mapping
}

// Mapping is an AWS::ApiGatewayV2::ApiMapping: a custom domain that leads to a
// stage.
type Mapping struct {
	Part
	// Domain is the domain name, Key the path after it, which may be empty; Stage is
	// the name of one.
	Domain, Key, Stage string
}

// HTTPAPI is an AWS::ApiGatewayV2::Api of protocol HTTP.
type HTTPAPI struct {
	Part
	// ID is what Ref gives: 10 lower-case letters and digits.
	ID, Name    string
	Routes      []Route
	Authorizers []Authorizer
	Stages      []Stage
	Deployments []Deployment
}

// Route is an AWS::ApiGatewayV2::Route of either kind of API.
type Route struct {
	Part
	// Key is "$connect", "$default" or a custom key of a WebSocket API;
	// "METHOD /path" or "$default" of an HTTP API.
	Key string
	// AuthorizationType is NONE unless set.
	AuthorizationType string
	// Authorizer is the logical id of the authorizer, or empty.
	Authorizer string
	// Models are JSON schemas by model key; ModelSelectionExpression picks one.
	Models                   map[string]string
	ModelSelectionExpression string
	// APIKeyRequired asks for an API key at the handshake.
	APIKeyRequired bool
	// ResponseSelectionExpression is "$default" on a two-way route.
	ResponseSelectionExpression string
	// Response is the route response with key $default, nil when there is none.
	Response *RouteResponse
	// Integration is nil when the route has no target.
	Integration *Integration
}

// TwoWay tells whether the integration's answer goes back to the client: the
// route needs a selection expression as well as a route response.
func (r Route) TwoWay() bool {
	return r.ResponseSelectionExpression != "" && r.Response != nil
}

// RouteResponse is an AWS::ApiGatewayV2::RouteResponse.
type RouteResponse struct {
	Part
	Key string
}

// Integration is an AWS::ApiGatewayV2::Integration.
type Integration struct {
	Part
	// Type is AWS_PROXY, MOCK, AWS, HTTP or HTTP_PROXY.
	Type string
	// URI is the IntegrationUri; Function the logical id of the function that it
	// names, empty when it names none.
	URI, Function string
	// Method is the HTTP method of an HTTP integration.
	Method string
	// RequestParameters are by their target, such as "integration.request.header.X".
	RequestParameters map[string]string
	// CredentialsARN is the role that the API calls with, in place of a
	// permission.
	CredentialsARN string
	// Timeout is 29 s (WebSocket) or 30 s (HTTP) unless set.
	Timeout time.Duration
	// PayloadFormatVersion is "1.0" unless set.
	PayloadFormatVersion string
	// ContentHandling is CONVERT_TO_BINARY, CONVERT_TO_TEXT or empty.
	ContentHandling string
	// PassthroughBehavior is WHEN_NO_MATCH, WHEN_NO_TEMPLATES, NEVER or empty.
	PassthroughBehavior string
	// TemplateSelectionExpression picks one of RequestTemplates by its key.
	TemplateSelectionExpression string
	RequestTemplates            map[string]string
	Responses                   []IntegrationResponse
}

// IntegrationResponse is an AWS::ApiGatewayV2::IntegrationResponse.
type IntegrationResponse struct {
	Part
	// Key is "$default" or an expression between slashes, such as "/4\d{2}/".
	Key             string
	ContentHandling string
	// TemplateSelectionExpression picks one of Templates by its key.
	TemplateSelectionExpression string
	Templates                   map[string]string
}

// Authorizer is an AWS::ApiGatewayV2::Authorizer.
type Authorizer struct {
	Part
	// ID is what Ref gives.
	ID, Name string
	// Type is REQUEST or JWT.
	Type string
	// URI is the AuthorizerUri; Function the logical id of the function that it
	// names, empty when it names none.
	URI, Function string
	// CredentialsARN is the role that the API calls with, in place of a
	// permission.
	CredentialsARN string
	// IdentitySources must all be present in a request, else it is refused.
	IdentitySources []string
}

// Stage is an AWS::ApiGatewayV2::Stage.
type Stage struct {
	Part
	Name       string
	Variables  map[string]string
	AutoDeploy bool
	// DeploymentID is empty when the stage names no deployment.
	DeploymentID string
	// Throttle applies to every route that has none of its own.
	Throttle Throttle
	// AccessLogFormat is that of AccessLogSettings; empty: no access log.
	AccessLogFormat string
	// RouteThrottles are by route key.
	RouteThrottles map[string]Throttle
}

// Throttle is a token bucket. Zero means that the template sets no limit.
type Throttle struct {
	// Rate is in requests a second, Burst in requests.
	Rate  float64
	Burst int
}

// Deployment is an AWS::ApiGatewayV2::Deployment.
type Deployment struct {
	Part
	// ID is what Ref gives.
	ID string
	// After are the logical ids that it waits for (DependsOn).
	After []string
}

// Permission is an AWS::Lambda::Permission.
type Permission struct {
	Part
	// Function is the logical id of the function, empty when it is not one of
	// this template.
	Function string
	// Action is for instance "lambda:InvokeFunction", Principal
	// "apigateway.amazonaws.com".
	Action, Principal string
	// SourceARN may hold * and ?; empty allows every source.
	SourceARN string
}

// Table is an AWS::DynamoDB::Table or AWS::Serverless::SimpleTable.
type Table struct {
	Part
	Name, ARN string
	// BillingMode is PROVISIONED unless set.
	BillingMode string
	// Attributes are the types (S, N, B) of key attributes, by name.
	Attributes map[string]string
	Key        Key
	// LocalIndexes and GlobalIndexes are the secondary indexes.
	LocalIndexes, GlobalIndexes []Index
	// TTLAttribute is empty when items do not expire.
	TTLAttribute string
	// Retained tables outlive the stack and their own replacement: both policies
	// are Retain.
	Retained bool
	// Recoverable tables have point-in-time recovery; Encrypted ones a key of
	// their account.
	Recoverable, Encrypted bool
	// Throughput is what a PROVISIONED table has.
	Throughput Throughput
	// Stream is the StreamViewType, such as NEW_AND_OLD_IMAGES; empty when the
	// table has no stream.
	Stream string
}

// Throughput counts capacity units a second.
type Throughput struct {
	Read, Write int64
}

// Key names the attributes of a primary key. Range may be empty.
type Key struct {
	Hash, Range string
}

// Index is a secondary index.
type Index struct {
	Name string
	Key  Key
	// Projection is ALL, KEYS_ONLY or INCLUDE; NonKey are the attributes that
	// INCLUDE adds.
	Projection string
	NonKey     []string
	// Throughput is what a global index of a PROVISIONED table has.
	Throughput Throughput
}

// Output is one of the template's outputs, resolved.
type Output struct {
	Part
	Description, Value string
}

// Resource is a resource of a type that is not needed here.
type Resource struct {
	Part
	Type string
}

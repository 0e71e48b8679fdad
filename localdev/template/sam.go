package template

import (
	"strings"
	"time"

	"bellhop/localdev/template/reader"
)

// addWebSocketAPI makes of an AWS::Serverless::WebSocketApi the API that SAM makes
// of it, with a stage that deploys by itself. Its other parts come later.
func (b *builder) addWebSocketAPI(p properties) {
	p.globals = reader.Child(b.Doc.Globals, "WebSocketApi")
	a := &api{
		Part:         p.part(),
		id:           b.physicalID(p.r),
		name:         p.text("Name", p.r.LogicalID),
		protocol:     websocketProtocol,
		selection:    p.text("RouteSelectionExpression", ""),
		keySelection: p.text("ApiKeySelectionExpression", defaultKeySelection),
	}
	b.disable(p, a)
	b.apis[a.LogicalID] = a
	stage := Stage{Part: b.generated(p, reader.GeneratedStage(p.r)), Name: p.text("StageName", "default"), AutoDeploy: true}
	if stage.Name == "$default" {
		b.Add(p.at("StageName"), a.LineOf("StageName"), "a WebSocket API has no stage $default")
	}
	p.settings(&stage)
	a.stages = []Stage{stage}
	a.mappings = b.domainOf(p, stage.Name)
	for _, route := range reader.Pairs(reader.Child(p.r.Properties, "Routes")) {
		id := p.r.LogicalID + routeName(route.Key) + "Route"
		b.ids["AWS::ApiGatewayV2::Route "+b.ResourceRef(id, route.Line, p.at("Routes")).Text] = id
	}
}

// addWebSocketRoutes makes a route, an integration and a permission for each of
// Routes, and the authorizer with its permission.
func (b *builder) addWebSocketRoutes(p properties) {
	a := b.apis[p.r.LogicalID]
	s := samAPI{b, p, a}
	s.validate()
	authorizer := s.authorizer()
	for _, f := range p.value("Routes").Fields {
		s.route(f, authorizer)
	}
	if len(a.routes) == 0 && p.value("Routes").Kind != reader.Broken {
		b.Add(p.at("Routes"), a.LineOf("Routes"), "at least one route is wanted")
	}
}

// domainOf makes the mappings that SAM makes of Domain: one for each base path, or
// one without a key.
func (b *builder) domainOf(p properties, stage string) []Mapping {
	domain, at := p.value("Domain"), p.at("Domain")
	if domain.Kind != reader.Object {
		return nil
	}
	paths := p.textsOf(domain.Field("BasePath"), at.In("BasePath"))
	if len(paths) == 0 {
		paths = []string{""}
	}
	var all []Mapping
	for _, path := range paths {
		all = append(all, Mapping{
			Part: b.generated(p, p.r.LogicalID+"ApiMapping"), Stage: stage, Key: strings.Trim(path, "/"),
			Domain: strings.ToLower(p.scalar(domain.Field("DomainName"), at.In("DomainName"), "")),
		})
	}
	return all
}

// generated gives the place of a part that SAM makes: that of the resource it
// comes from.
func (b *builder) generated(p properties, logicalID string) Part {
	return Part{LogicalID: logicalID, Line: p.r.Line, Lines: reader.Lines(p.r.Properties)}
}

// samAPI makes the parts of one of SAM's APIs.
type samAPI struct {
	*builder
	p   properties
	api *api
}

// routeName is how a route's key stands in the logical ids of its parts.
func routeName(key string) string {
	key = strings.TrimPrefix(key, "$")
	return strings.ToUpper(key[:min(1, len(key))]) + strings.ToLower(key[min(1, len(key)):])
}

func (s samAPI) route(f reader.Field, authorizer *Authorizer) {
	at := s.p.at("Routes").In(f.Key)
	id := s.p.r.LogicalID + routeName(f.Key)
	part := Part{LogicalID: id + "Route", Line: s.routeLine(f.Key), Lines: linesOf(f.Value)}
	route := Route{
		Part: part, Key: f.Key, AuthorizationType: "NONE",
		APIKeyRequired:              s.p.scalar(f.Value.Field("ApiKeyRequired"), at, "false") == "true",
		ResponseSelectionExpression: s.p.scalar(f.Value.Field("RouteResponseSelectionExpression"), at, ""),
		Response:                    s.responses[id+"Route"],
	}
	if f.Key == "$connect" {
		route.AuthorizationType = s.authType()
		if authorizer != nil {
			route.Authorizer = authorizer.LogicalID
		}
	}
	route.Integration = s.integration(f, id, part)
	s.api.routes = append(s.api.routes, route)
}

// integration makes a route's integration, and the permission that goes with it.
func (s samAPI) integration(f reader.Field, id string, part Part) *Integration {
	v, key := f.Value, f.Key
	at := s.p.at("Routes").In(key).In("FunctionArn")
	arn := s.p.scalar(v.Field("FunctionArn"), at, "")
	millis := s.p.wholeOf(v.Field("IntegrationTimeout"), at, 29000)
	part.LogicalID = id + "Integration"
	i := &Integration{
		Part: part, Type: "AWS_PROXY", URI: arn, Function: s.functionIn(arn), PayloadFormatVersion: "1.0",
		Timeout: time.Duration(millis) * time.Millisecond,
	}
	switch {
	case v.Field("FunctionArn").Kind == reader.Absent:
		s.Add(at, part.Line, "not set")
	case i.Function == "" && arn != "":
		s.Warn(at, part.Line, "names no function of this template: what is sent there fails")
	}
	s.permit(i.Function, "/"+s.api.stages[0].Name+"/"+key, part)
	return i
}

// permit adds a permission as SAM makes it.
func (s samAPI) permit(function, rest string, part Part) {
	if function == "" {
		return
	}
	part.LogicalID += "Permission"
	s.stack.Permissions = append(s.stack.Permissions, Permission{
		Part: part, Function: function, Action: "lambda:InvokeFunction", Principal: "apigateway.amazonaws.com",
		SourceARN: "arn:aws:execute-api:" + s.stack.Region + ":" + s.stack.Account + ":" + s.api.id + rest,
	})
}

func (s samAPI) authType() string {
	auth := s.p.value("Auth")
	if auth.Kind != reader.Object {
		return "NONE"
	}
	return s.p.scalar(auth.Field("AuthType"), s.p.at("Auth"), "")
}

// authorizer makes the authorizer that Auth asks for; nil when it asks for none.
func (s samAPI) authorizer() *Authorizer {
	auth, at := s.p.value("Auth"), s.p.at("Auth")
	if auth.Kind != reader.Object || s.authType() != "CUSTOM" {
		return nil
	}
	part := s.generated(s.p, s.p.r.LogicalID+"ConnectAuthorizer")
	part.Line = auth.Line
	arn := s.p.scalar(auth.Field("AuthArn"), at, "")
	a := Authorizer{
		Part: part, ID: reader.DerivedID(part.LogicalID, 7), Name: s.p.scalar(auth.Field("Name"), at, part.LogicalID), Type: "REQUEST",
		URI: arn, Function: s.functionIn(arn), CredentialsARN: s.p.scalar(auth.Field("InvokeRole"), at, ""),
		IdentitySources: s.p.textsOf(auth.Field("IdentitySource"), at),
	}
	if a.Function == "" {
		s.Warn(at.In("AuthArn"), auth.Line, "names no function of this template: every handshake fails")
	}
	if a.CredentialsARN == "" {
		s.permit(a.Function, "/authorizers/*", part)
	}
	s.api.authorizers = []Authorizer{a}
	return &a
}

// linesOf gives the lines of an object's fields.
func linesOf(v reader.Value) map[string]int {
	at := map[string]int{}
	for _, f := range v.Fields {
		at[f.Key] = f.Value.Line
	}
	return at
}

// routeLines are the lines of the keys below Routes.
func routeLines(p properties) map[string]int {
	return reader.Lines(reader.Child(p.r.Properties, "Routes"))
}

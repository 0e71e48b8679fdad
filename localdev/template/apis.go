package template

import (
	"strings"
	"time"

	"bellhop/localdev/template/reader"
)

// api gathers the parts of one API, of either protocol, as they come along.
type api struct {
	Part
	id, name, protocol, selection, keySelection string

	routes      []Route
	authorizers []Authorizer
	stages      []Stage
	deployments []Deployment
	mappings    []Mapping
	disabled    bool // of its own address
}

func (b *builder) addAPI(p properties) {
	a := &api{
		Part:      p.part(),
		id:        b.physicalID(p.r),
		name:      p.text("Name", p.r.LogicalID),
		protocol:  p.text("ProtocolType", ""),
		selection: p.text("RouteSelectionExpression", ""),

		keySelection: p.text("ApiKeySelectionExpression", defaultKeySelection),
	}
	for _, body := range []string{"Body", "BodyS3Location"} {
		if a.Has(body) {
			b.Warn(p.at(body), a.LineOf(body), "an OpenAPI document is not read: its routes are not there")
		}
	}
	if a.protocol != websocketProtocol && a.protocol != httpProtocol {
		b.Add(p.at("ProtocolType"), a.LineOf("ProtocolType"), "want WEBSOCKET or HTTP, got %q", reader.Shorten(a.protocol))
	}
	b.disable(p, a)
	b.apis[a.LogicalID] = a
}

// disable reads whether the API has no address of its own.
func (b *builder) disable(p properties, a *api) {
	const property = "DisableExecuteApiEndpoint"
	a.disabled = p.truth(property)
	if a.disabled && a.protocol == httpProtocol {
		b.Warn(p.at(property), a.LineOf(property), "the HTTP API has its local address all the same")
	}
}

// addMapping reads a custom domain's mapping.
func (b *builder) addMapping(p properties) {
	a := b.apiOf(p)
	switch {
	case a == nil:
	case a.protocol == httpProtocol:
		b.Warn(p.at("ApiId"), p.r.Line, "a custom domain's mapping: the HTTP API has its local address alone")
	default:
		a.mappings = append(a.mappings, Mapping{
			Part: p.part(), Domain: strings.ToLower(p.text("DomainName", "")), Key: p.text("ApiMappingKey", ""), Stage: p.text("Stage", ""),
		})
	}
}

// warnOfNoAddress tells of an API that nobody can reach.
func (b *builder) warnOfNoAddress(a *api) {
	if a.disabled && len(a.mappings) == 0 {
		const property = "DisableExecuteApiEndpoint"
		at := reader.Place{LogicalID: a.LogicalID, Property: property}
		b.Warn(at, a.LineOf(property), "the API has no address: every handshake gets 403, as on AWS without a custom domain")
	}
}

// defaultKeySelection is where API Gateway looks for an API key.
const defaultKeySelection = "$request.header.x-api-key"

// apiOf finds the API that a part belongs to; nil, with a warning, when it is none
// of this template.
func (b *builder) apiOf(p properties) *api {
	if a := b.apiNamed(p); a != nil {
		return a
	}
	switch v := p.value("ApiId"); v.Kind {
	case reader.Absent:
		b.Add(p.at("ApiId"), p.r.Line, "not set")
	case reader.Scalar:
		b.Warn(p.at("ApiId"), v.Line, "%q is no API of this template: left out", reader.Shorten(v.Text))
	}
	return nil
}

// apiNamed finds the API of ApiId, nil when it is none of this template.
func (b *builder) apiNamed(p properties) *api {
	id := p.aside().text("ApiId", "")
	for _, typ := range []string{"AWS::ApiGatewayV2::Api ", "AWS::Serverless::WebSocketApi ", "AWS::Serverless::HttpApi "} {
		if a := b.apis[b.ids[typ+id]]; a != nil {
			return a
		}
	}
	return nil
}

// assembleAPIs sorts the APIs by protocol, in the order of the template.
func (b *builder) assembleAPIs() {
	all := make([]*api, 0, len(b.Doc.Order)+1)
	for _, r := range b.Doc.Order {
		all = append(all, b.apis[r.LogicalID])
	}
	for _, a := range append(all, b.implicit) {
		switch {
		case a == nil:
		case a.protocol == websocketProtocol:
			b.warnOfNoAddress(a)
			b.stack.WebSocketAPIs = append(b.stack.WebSocketAPIs, WebSocketAPI{
				Part: a.Part, ID: a.id, Name: a.name, RouteSelectionExpression: a.selection,
				APIKeySelectionExpression: a.keySelection, EndpointDisabled: a.disabled, Mappings: a.mappings,
				Routes: a.routes, Authorizers: a.authorizers, Stages: a.stages, Deployments: a.deployments,
			})
		case a.protocol == httpProtocol:
			b.stack.HTTPAPIs = append(b.stack.HTTPAPIs, HTTPAPI{
				Part: a.Part, ID: a.id, Name: a.name,
				Routes: a.routes, Authorizers: a.authorizers, Stages: a.stages, Deployments: a.deployments,
			})
		}
	}
}

func (b *builder) addIntegration(p properties) {
	b.physicalID(p.r)
	standard := 29 * time.Second
	if a := b.apiOf(p); a != nil && a.protocol == httpProtocol {
		standard = 30 * time.Second
	}
	i := &Integration{
		Part:                        p.part(),
		Type:                        p.text("IntegrationType", ""),
		URI:                         p.text("IntegrationUri", ""),
		Method:                      p.text("IntegrationMethod", ""),
		RequestParameters:           p.textMap("RequestParameters"),
		CredentialsARN:              p.text("CredentialsArn", ""),
		Timeout:                     p.duration("TimeoutInMillis", time.Millisecond, standard),
		PayloadFormatVersion:        p.text("PayloadFormatVersion", "1.0"),
		ContentHandling:             p.text("ContentHandlingStrategy", ""),
		PassthroughBehavior:         p.text("PassthroughBehavior", ""),
		TemplateSelectionExpression: p.text("TemplateSelectionExpression", ""),
		RequestTemplates:            p.textMap("RequestTemplates"),
	}
	i.Function = b.functionIn(i.URI)
	b.warnOfTarget(p, i)
	b.integrations[i.LogicalID] = i
}

// warnOfTarget tells of an integration with something that is not here.
func (b *builder) warnOfTarget(p properties, i *Integration) {
	switch a := b.apiNamed(p); {
	case strings.HasPrefix(i.Type, "AWS") && i.Function == "":
		b.Warn(p.at("IntegrationUri"), i.LineOf("IntegrationUri"), "names no function of this template: what is sent there fails")
	case a != nil && a.protocol == httpProtocol && i.Type != "AWS_PROXY":
		b.Warn(p.at("IntegrationType"), i.LineOf("IntegrationType"), "%q of an HTTP API does not run here: what is sent there fails", reader.Shorten(i.Type))
	}
}

func (b *builder) addIntegrationResponse(p properties) {
	i := b.integrations[b.partNamed(p, "IntegrationId", "Integration")]
	if i == nil {
		return
	}
	i.Responses = append(i.Responses, IntegrationResponse{
		Part:                        p.part(),
		Key:                         p.text("IntegrationResponseKey", ""),
		ContentHandling:             p.text("ContentHandlingStrategy", ""),
		TemplateSelectionExpression: p.text("TemplateSelectionExpression", ""),
		Templates:                   p.textMap("ResponseTemplates"),
	})
}

func (b *builder) addAuthorizer(p properties) {
	authorizer := Authorizer{
		Part:            p.part(),
		ID:              b.physicalID(p.r),
		Name:            p.text("Name", p.r.LogicalID),
		Type:            p.text("AuthorizerType", ""),
		URI:             p.text("AuthorizerUri", ""),
		CredentialsARN:  p.text("AuthorizerCredentialsArn", ""),
		IdentitySources: p.texts("IdentitySource"),
	}
	authorizer.Function = b.functionIn(authorizer.URI)
	if authorizer.Type == "REQUEST" && authorizer.Function == "" {
		b.Warn(p.at("AuthorizerUri"), authorizer.LineOf("AuthorizerUri"), "names no function of this template: every handshake fails")
	}
	if a := b.apiOf(p); a != nil {
		a.authorizers = append(a.authorizers, authorizer)
	}
}

func (b *builder) addDeployment(p properties) {
	d := Deployment{Part: p.part(), ID: b.physicalID(p.r), After: p.r.DependsOn()}
	if a := b.apiOf(p); a != nil {
		a.deployments = append(a.deployments, d)
	}
}

func (b *builder) nameRoute(p properties) { b.physicalID(p.r) }

func (b *builder) addRouteResponse(p properties) {
	response := &RouteResponse{Part: p.part(), Key: p.text("RouteResponseKey", "")}
	route := b.partNamed(p, "RouteId", "Route")
	if response.Key == "$default" {
		b.responses[route] = response
		return
	}
	b.Add(p.at("RouteResponseKey"), response.LineOf("RouteResponseKey"), "want $default, the only key there is")
}

func (b *builder) addRoute(p properties) {
	route := Route{
		Part:                        p.part(),
		Key:                         p.text("RouteKey", ""),
		AuthorizationType:           p.text("AuthorizationType", "NONE"),
		ModelSelectionExpression:    p.text("ModelSelectionExpression", ""),
		APIKeyRequired:              p.truth("ApiKeyRequired"),
		ResponseSelectionExpression: p.text("RouteResponseSelectionExpression", ""),
		Response:                    b.responses[p.r.LogicalID],
	}
	if route.Has("AuthorizerId") {
		route.Authorizer = b.partNamed(p, "AuthorizerId", "Authorizer")
	}
	if route.Has("Target") {
		route.Integration = b.integrations[b.partNamed(p, "Target", "Integration")]
	}
	if route.Key == "" {
		b.Add(p.at("RouteKey"), route.LineOf("RouteKey"), "not set")
	}
	if a := b.apiOf(p); a != nil {
		route.Models = b.modelsOf(p, a)
		a.routes = append(a.routes, route)
	}
}

func (b *builder) addStage(p properties) {
	stage := Stage{
		Part:         p.part(),
		Name:         p.text("StageName", ""),
		AutoDeploy:   p.truth("AutoDeploy"),
		DeploymentID: p.text("DeploymentId", ""),
	}
	p.settings(&stage)
	if strings.TrimSpace(stage.Name) == "" {
		b.Add(p.at("StageName"), stage.LineOf("StageName"), "not set")
	}
	if a := b.apiOf(p); a != nil {
		a.stages = append(a.stages, stage)
	}
}

// settings reads what a stage of either form has.
func (p properties) settings(stage *Stage) {
	stage.Variables = p.textMap("StageVariables")
	format := p.aside().value("AccessLogSettings").Field("Format")
	stage.AccessLogFormat = p.scalar(format, p.at("AccessLogSettings.Format"), "")
	stage.Throttle = p.throttle(p.value("DefaultRouteSettings"), p.at("DefaultRouteSettings"))
	at := p.at("RouteSettings")
	for _, f := range p.value("RouteSettings").Fields {
		if stage.RouteThrottles == nil {
			stage.RouteThrottles = map[string]Throttle{}
		}
		stage.RouteThrottles[f.Key] = p.throttle(f.Value, at.In(f.Key))
	}
}

func (p properties) throttle(v reader.Value, at reader.Place) Throttle {
	return Throttle{
		Rate:  p.number(v.Field("ThrottlingRateLimit"), at.In("ThrottlingRateLimit")),
		Burst: p.wholeOf(v.Field("ThrottlingBurstLimit"), at.In("ThrottlingBurstLimit"), 0),
	}
}

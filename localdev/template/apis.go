package template

import (
	"strings"
	"time"
)

// api gathers the parts of one API, of either protocol, as they come along.
type api struct {
	Part
	id, name, protocol, selection, keySelection string

	routes      []Route
	authorizers []Authorizer
	stages      []Stage
	deployments []Deployment
}

func (b *builder) addAPI(p properties) {
	a := &api{
		Part:         p.r.part(),
		id:           b.physicalID(p.r),
		name:         p.text("Name", p.r.logicalID),
		protocol:     p.text("ProtocolType", ""),
		selection:    p.text("RouteSelectionExpression", ""),
		keySelection: p.text("ApiKeySelectionExpression", ""),
	}
	if a.protocol != websocketProtocol && a.protocol != httpProtocol {
		b.add(p.at("ProtocolType"), a.LineOf("ProtocolType"), "want WEBSOCKET or HTTP, got %q", shorten(a.protocol))
	}
	b.apis[a.LogicalID] = a
}

// apiOf finds the API that a part belongs to, or nil.
func (b *builder) apiOf(p properties) *api {
	return b.apis[b.partNamed(p, "ApiId", "Api")]
}

// assembleAPIs sorts the APIs by protocol, in the order of the template.
func (b *builder) assembleAPIs() {
	for _, r := range b.doc.order {
		a := b.apis[r.logicalID]
		switch {
		case a == nil:
		case a.protocol == websocketProtocol:
			b.stack.WebSocketAPIs = append(b.stack.WebSocketAPIs, WebSocketAPI{
				Part: a.Part, ID: a.id, Name: a.name, RouteSelectionExpression: a.selection,
				APIKeySelectionExpression: a.keySelection,
				Routes:                    a.routes, Authorizers: a.authorizers, Stages: a.stages, Deployments: a.deployments,
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
		Part:                        p.r.part(),
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
	if i.Type == "AWS_PROXY" && i.Function == "" && !i.Has("IntegrationSubtype") {
		b.add(p.at("IntegrationUri"), i.LineOf("IntegrationUri"), "names no function of this template")
	}
	b.integrations[i.LogicalID] = i
}

func (b *builder) addIntegrationResponse(p properties) {
	i := b.integrations[b.partNamed(p, "IntegrationId", "Integration")]
	if i == nil {
		return
	}
	i.Responses = append(i.Responses, IntegrationResponse{
		Part:                        p.r.part(),
		Key:                         p.text("IntegrationResponseKey", ""),
		ContentHandling:             p.text("ContentHandlingStrategy", ""),
		TemplateSelectionExpression: p.text("TemplateSelectionExpression", ""),
		Templates:                   p.textMap("ResponseTemplates"),
	})
}

func (b *builder) addAuthorizer(p properties) {
	authorizer := Authorizer{
		Part:            p.r.part(),
		ID:              b.physicalID(p.r),
		Name:            p.text("Name", p.r.logicalID),
		Type:            p.text("AuthorizerType", ""),
		URI:             p.text("AuthorizerUri", ""),
		CredentialsARN:  p.text("AuthorizerCredentialsArn", ""),
		IdentitySources: p.texts("IdentitySource"),
	}
	authorizer.Function = b.functionIn(authorizer.URI)
	if authorizer.Type == "REQUEST" && authorizer.Function == "" {
		b.add(p.at("AuthorizerUri"), authorizer.LineOf("AuthorizerUri"), "names no function of this template")
	}
	if a := b.apiOf(p); a != nil {
		a.authorizers = append(a.authorizers, authorizer)
	}
}

func (b *builder) addDeployment(p properties) {
	d := Deployment{Part: p.r.part(), ID: b.physicalID(p.r)}
	if a := b.apiOf(p); a != nil {
		a.deployments = append(a.deployments, d)
	}
}

func (b *builder) nameRoute(p properties) { b.physicalID(p.r) }

func (b *builder) addRouteResponse(p properties) {
	response := &RouteResponse{Part: p.r.part(), Key: p.text("RouteResponseKey", "")}
	route := b.partNamed(p, "RouteId", "Route")
	if response.Key == "$default" {
		b.responses[route] = response
		return
	}
	b.add(p.at("RouteResponseKey"), response.LineOf("RouteResponseKey"), "want $default, the only key there is")
}

func (b *builder) addRoute(p properties) {
	route := Route{
		Part:                        p.r.part(),
		Key:                         p.text("RouteKey", ""),
		AuthorizationType:           p.text("AuthorizationType", "NONE"),
		ModelSelectionExpression:    p.text("ModelSelectionExpression", ""),
		APIKeyRequired:              p.truth("ApiKeyRequired"),
		ResponseSelectionExpression: p.text("RouteResponseSelectionExpression", ""),
		Response:                    b.responses[p.r.logicalID],
	}
	if route.Has("AuthorizerId") {
		route.Authorizer = b.partNamed(p, "AuthorizerId", "Authorizer")
	}
	if route.Has("Target") {
		route.Integration = b.integrations[b.partNamed(p, "Target", "Integration")]
	}
	if route.Key == "" {
		b.add(p.at("RouteKey"), route.LineOf("RouteKey"), "not set")
	}
	if a := b.apiOf(p); a != nil {
		route.Models = b.modelsOf(p, a)
		a.routes = append(a.routes, route)
	}
}

func (b *builder) addStage(p properties) {
	stage := Stage{
		Part:         p.r.part(),
		Name:         p.text("StageName", ""),
		Variables:    p.textMap("StageVariables"),
		AutoDeploy:   p.truth("AutoDeploy"),
		DeploymentID: p.text("DeploymentId", ""),
		Throttle:     p.throttle(p.value("DefaultRouteSettings"), p.at("DefaultRouteSettings")),
	}
	at := p.at("RouteSettings")
	for _, f := range p.value("RouteSettings").fields {
		if stage.RouteThrottles == nil {
			stage.RouteThrottles = map[string]Throttle{}
		}
		stage.RouteThrottles[f.key] = p.throttle(f.value, at.in(f.key))
	}
	if strings.TrimSpace(stage.Name) == "" {
		b.add(p.at("StageName"), stage.LineOf("StageName"), "not set")
	}
	if a := b.apiOf(p); a != nil {
		a.stages = append(a.stages, stage)
	}
}

func (p properties) throttle(v value, at place) Throttle {
	return Throttle{
		Rate:  p.number(v.field("ThrottlingRateLimit"), at.in("ThrottlingRateLimit")),
		Burst: p.wholeOf(v.field("ThrottlingBurstLimit"), at.in("ThrottlingBurstLimit"), 0),
	}
}

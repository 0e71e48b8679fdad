package template

import "strings"

const (
	websocketProtocol = "WEBSOCKET"
	httpProtocol      = "HTTP"
)

// builder makes the Stack out of a template's resources.
type builder struct {
	*evaluator
	stack *Stack
	// functions finds a function's logical id by its name and by its ARN.
	functions map[string]string
	// ids finds the logical id of an API's part by its type and its id.
	ids map[string]string
	// integrations and apis are by logical id.
	integrations map[string]*Integration
	apis         map[string]*api
	// responses are the route responses, by the route's logical id.
	responses map[string]*RouteResponse
	// models are JSON schemas, by their API's logical id and their name.
	models map[[2]string]string
}

func newBuilder(e *evaluator, stack *Stack) *builder {
	return &builder{
		evaluator: e, stack: stack,
		functions:    map[string]string{},
		ids:          map[string]string{},
		integrations: map[string]*Integration{},
		apis:         map[string]*api{},
		responses:    map[string]*RouteResponse{},
		models:       map[[2]string]string{},
	}
}

// step builds the resources of some types. Later steps refer to what earlier ones
// made.
type step map[string]func(properties)

func (b *builder) build() {
	apiPart := "AWS::ApiGatewayV2::"
	steps := []step{
		{
			"AWS::Serverless::Function": b.addFunction,
			"AWS::Lambda::Function":     b.addFunction,
			"AWS::DynamoDB::Table":      b.addTable,
			apiPart + "Api":             b.addAPI,
		},
		{apiPart + "Integration": b.addIntegration, "AWS::Lambda::Permission": b.addPermission},
		{apiPart + "Authorizer": b.addAuthorizer, apiPart + "Deployment": b.addDeployment, apiPart + "Model": b.addModel},
		{apiPart + "IntegrationResponse": b.addIntegrationResponse},
		// Route responses are kept by the id of their route, and routes take them
		// up: routes must have ids first.
		{apiPart + "Route": b.nameRoute},
		{apiPart + "RouteResponse": b.addRouteResponse},
		{apiPart + "Route": b.addRoute, apiPart + "Stage": b.addStage},
	}
	known := map[string]bool{}
	for _, s := range steps {
		b.run(s)
		for typ := range s {
			known[typ] = true
		}
	}
	b.assembleAPIs()
	b.addOthers(known)
	b.addOutputs()
}

// run calls a step for each resource that is made and has a type of the step.
func (b *builder) run(s step) {
	for _, r := range b.doc.order {
		add, ok := s[r.typ]
		if ok && b.exists(r, place{}) {
			add(b.propertiesOf(r))
		}
	}
}

func (b *builder) addOthers(known map[string]bool) {
	for _, r := range b.doc.order {
		if !known[r.typ] && b.exists(r, place{}) {
			b.stack.Others = append(b.stack.Others, Resource{Part: r.part(), Type: r.typ})
		}
	}
}

func (b *builder) addOutputs() {
	for _, p := range b.doc.outputs {
		at := place{logicalID: p.key}
		if condition := child(p.value, "Condition"); condition != nil {
			if yes, ok := b.holds(text(condition), condition.Line, at); !yes || !ok {
				continue
			}
		}
		v := b.eval(child(p.value, "Value"), at.in("Value"))
		if v.kind == absent {
			b.add(at, p.line, "an output without a Value")
			continue
		}
		s, _ := b.asText(v, at.in("Value"))
		b.stack.Outputs = append(b.stack.Outputs, Output{
			Part:        Part{LogicalID: p.key, Line: p.line, Lines: lines(p.value)},
			Description: text(child(p.value, "Description")),
			Value:       s,
		})
	}
}

// functionIn finds the function that a text names: a name, an ARN, or the URI of
// its invocations, with or without a qualifier. It gives "" when that is no
// function of this template.
func (b *builder) functionIn(s string) string {
	if _, after, ok := strings.Cut(s, "/functions/"); ok {
		s = strings.TrimSuffix(after, "/invocations")
	}
	if id, ok := b.functions[s]; ok {
		return id
	}
	i := strings.LastIndex(s, ":")
	if i < 0 {
		return ""
	}
	return b.functions[s[:i]]
}

// physicalID gives a resource its id, and remembers whose it is.
func (b *builder) physicalID(r *resource) string {
	id := b.resourceRef(r.logicalID, r.line, place{logicalID: r.logicalID}).text
	b.ids[r.typ+" "+id] = r.logicalID
	return id
}

// partNamed resolves a property that holds the id of another part of an API, to
// that part's logical id.
func (b *builder) partNamed(p properties, property, typ string) string {
	v := p.value(property)
	id := p.scalar(v, p.at(property), "")
	if id == "" {
		if v.kind == absent {
			b.add(p.at(property), p.r.line, "not set")
		}
		return ""
	}
	logicalID := b.ids["AWS::ApiGatewayV2::"+typ+" "+strings.TrimPrefix(id, "integrations/")]
	if logicalID == "" {
		b.add(p.at(property), v.line, "%q names no %s of this template", shorten(id), typ)
	}
	return logicalID
}

package template

import (
	"strings"

	"bellhop/localdev/template/reader"
)

const (
	websocketProtocol = "WEBSOCKET"
	httpProtocol      = "HTTP"
)

// builder makes the Stack out of a template's resources.
type builder struct {
	*reader.Evaluator
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
	// roles are by name and by ARN, managed are the statements of the template's
	// managed policies by their ARN.
	// implicit is the API of HttpApi events that name none; nil unless there are.
	implicit *api
	roles    map[string]*role
	managed  map[string][]Statement
	// models are JSON schemas, by their API's logical id and their name.
	models map[[2]string]string
	// layers are by what Ref gives for them.
	layers map[string]Layer
}

func newBuilder(e *reader.Evaluator, stack *Stack) *builder {
	return &builder{
		Evaluator: e, stack: stack,
		functions:    map[string]string{},
		ids:          map[string]string{},
		integrations: map[string]*Integration{},
		apis:         map[string]*api{},
		responses:    map[string]*RouteResponse{},
		roles:        map[string]*role{},
		managed:      map[string][]Statement{},
		models:       map[[2]string]string{},
		layers:       map[string]Layer{},
	}
}

// step builds the resources of some types. Later steps refer to what earlier ones
// made.
type step map[string]func(properties)

func (b *builder) build() {
	b.warnOfStored()
	for _, s := range b.rolePolicies() {
		b.run(s)
	}
	apiPart := "AWS::ApiGatewayV2::"
	steps := []step{
		{"AWS::Serverless::LayerVersion": b.addLayer, "AWS::Lambda::LayerVersion": b.addLayer},
		{
			"AWS::Serverless::Function":     b.addFunction,
			"AWS::Lambda::Function":         b.addFunction,
			"AWS::DynamoDB::Table":          b.addTable,
			"AWS::DynamoDB::GlobalTable":    b.addTable,
			"AWS::Serverless::SimpleTable":  b.addSimpleTable,
			apiPart + "Api":                 b.addAPI,
			"AWS::Serverless::HttpApi":      b.addHTTPAPI,
			"AWS::Serverless::WebSocketApi": b.addWebSocketAPI,
		},
		{"AWS::Serverless::Function": b.addEvents},
		{apiPart + "Integration": b.addIntegration, "AWS::Lambda::Permission": b.addPermission},
		{apiPart + "Authorizer": b.addAuthorizer, apiPart + "Deployment": b.addDeployment, apiPart + "Model": b.addModel},
		{apiPart + "IntegrationResponse": b.addIntegrationResponse},
		// Route responses are kept by the id of their route, and routes take them
		// up: routes must have ids first.
		{apiPart + "Route": b.nameRoute},
		{apiPart + "RouteResponse": b.addRouteResponse},
		{"AWS::Serverless::WebSocketApi": b.addWebSocketRoutes},
		{apiPart + "Route": b.addRoute, apiPart + "Stage": b.addStage, apiPart + "ApiMapping": b.addMapping},
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

// warnOfStored tells of parameters whose value CloudFormation would look up.
func (b *builder) warnOfStored() {
	for _, p := range b.stack.Parameters {
		_, given := b.Options.Parameters[p.LogicalID]
		if strings.HasPrefix(p.Type, "AWS::SSM::Parameter::Value") && !given {
			b.Warn(reader.Place{LogicalID: p.LogicalID}, p.Line, "is kept in Parameter Store, and not looked up here: its value is its name, unless --parameter-overrides gives one")
		}
	}
}

// run calls a step for each resource that is made and has a type of the step.
func (b *builder) run(s step) {
	for _, r := range b.Doc.Order {
		add, ok := s[r.Typ]
		if ok && b.Exists(r, reader.Place{}) {
			add(properties{e: b.Evaluator, r: r})
		}
	}
}

func (b *builder) addOthers(known map[string]bool) {
	for _, r := range b.Doc.Order {
		if !known[r.Typ] && b.Exists(r, reader.Place{}) {
			other := Resource{Part: partOf(r), Type: r.Typ}
			b.stack.Others = append(b.stack.Others, other)
			b.warnOf(other)
		}
	}
}

func (b *builder) addOutputs() {
	for _, p := range b.Doc.Outputs {
		at := reader.Place{LogicalID: p.Key}
		if condition := reader.Child(p.Value, "Condition"); condition != nil {
			if yes, ok := b.Holds(reader.Text(condition), condition.Line, at); !yes || !ok {
				continue
			}
		}
		v := b.Eval(reader.Child(p.Value, "Value"), at.In("Value"))
		if v.Kind == reader.Absent {
			b.Add(at, p.Line, "an output without a Value")
			continue
		}
		s, _ := b.AsText(v, at.In("Value"))
		b.stack.Outputs = append(b.stack.Outputs, Output{
			Part:        Part{LogicalID: p.Key, Line: p.Line, Lines: reader.Lines(p.Value)},
			Description: reader.Text(reader.Child(p.Value, "Description")),
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
func (b *builder) physicalID(r *reader.Resource) string {
	id := b.ResourceRef(r.LogicalID, r.Line, reader.Place{LogicalID: r.LogicalID}).Text
	b.ids[r.Typ+" "+id] = r.LogicalID
	return id
}

// partNamed resolves a property that holds the id of another part of an API, to
// that part's logical id.
func (b *builder) partNamed(p properties, property, typ string) string {
	v := p.value(property)
	id := p.scalar(v, p.at(property), "")
	if id == "" {
		if v.Kind == reader.Absent {
			b.Add(p.at(property), p.r.Line, "not set")
		}
		return ""
	}
	logicalID := b.ids["AWS::ApiGatewayV2::"+typ+" "+strings.TrimPrefix(id, "integrations/")]
	if logicalID == "" {
		b.Add(p.at(property), v.Line, "%q names no %s of this template", reader.Shorten(id), typ)
	}
	return logicalID
}

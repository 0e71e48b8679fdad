package template

import (
	"strings"
	"time"
)

// implicitHTTPAPI is the API that SAM makes for HttpApi events that name none.
const implicitHTTPAPI = "ServerlessHttpApi"

// addHTTPAPI makes an API of an AWS::Serverless::HttpApi. Its routes come from
// the events of functions.
func (b *builder) addHTTPAPI(p properties) {
	p.globals = child(b.doc.globals, "HttpApi")
	a := &api{Part: p.r.part(), id: b.physicalID(p.r), name: p.text("Name", p.r.logicalID), protocol: httpProtocol}
	stage := Stage{Part: b.generated(p, generatedStage(p.r)), Name: p.text("StageName", "$default"), AutoDeploy: true}
	p.settings(&stage)
	a.stages = []Stage{stage}
	for _, property := range []string{"DefinitionBody", "DefinitionUri", "Auth"} {
		if a.Has(property) {
			b.warn(p.at(property), a.LineOf(property), "is not read: what it says is not there")
		}
	}
	b.apis[a.LogicalID] = a
}

// addEvents makes routes of a function's HttpApi events, and warns of those of
// other types.
func (b *builder) addEvents(p properties) {
	for _, event := range p.aside().value("Events").fields {
		at := p.at("Events").in(event.key)
		typ := event.value.field("Type").text
		if typ != "HttpApi" {
			b.warn(at, event.value.line, "no event of type %q comes on this machine; invoke the function yourself", shorten(typ))
			continue
		}
		if a := b.eventAPI(event.value.field("Properties"), p.r); a != nil {
			b.addEventRoute(samAPI{b, p, a}, event)
		}
	}
}

// eventAPI finds the API of an HttpApi event, or makes the implicit one.
func (b *builder) eventAPI(v value, r *resource) *api {
	id := v.field("ApiId")
	if id.kind == scalar {
		for _, typ := range []string{"AWS::Serverless::HttpApi ", "AWS::ApiGatewayV2::Api "} {
			if a := b.apis[b.ids[typ+id.text]]; a != nil {
				return a
			}
		}
		b.warn(place{logicalID: r.logicalID, property: "Events"}, id.line, "%q is no API of this template: left out", shorten(id.text))
		return nil
	}
	if a := b.apis[implicitHTTPAPI]; a != nil {
		return a
	}
	a := &api{
		Part: Part{LogicalID: implicitHTTPAPI, Line: r.line}, id: derivedID(implicitHTTPAPI, 10),
		name: implicitHTTPAPI, protocol: httpProtocol,
		stages: []Stage{{Part: Part{LogicalID: implicitHTTPAPI + "ApiGatewayDefaultStage", Line: r.line}, Name: "$default", AutoDeploy: true}},
	}
	b.apis[implicitHTTPAPI] = a
	b.implicit = a
	return a
}

func (b *builder) addEventRoute(s samAPI, event field) {
	v := event.value.field("Properties")
	part := Part{LogicalID: s.p.r.logicalID + event.key, Line: event.value.line, Lines: linesOf(v)}
	key := "$default"
	if path := v.field("Path").text; path != "" {
		method := strings.ToUpper(v.field("Method").text)
		if method == "X-AMAZON-APIGATEWAY-ANY-METHOD" || method == "" {
			method = "ANY"
		}
		key = method + " " + path
	}
	f := b.logicalFunction(s.p.r)
	s.permit(f.LogicalID, "/*", part)
	s.api.routes = append(s.api.routes, Route{
		Part: part, Key: key, AuthorizationType: "NONE",
		Integration: &Integration{
			Part: part, Type: "AWS_PROXY", URI: f.ARN, Function: f.LogicalID,
			Timeout: 30 * time.Second, PayloadFormatVersion: "2.0",
		},
	})
}

func (b *builder) logicalFunction(r *resource) Function {
	for _, f := range b.stack.Functions {
		if f.LogicalID == r.logicalID {
			return f
		}
	}
	return Function{Part: Part{LogicalID: r.logicalID, Line: r.line}}
}

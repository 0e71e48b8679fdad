package template

import (
	"strings"
	"time"

	"bellhop/localdev/template/reader"
)

// implicitHTTPAPI is the API that SAM makes for HttpApi events that name none.
const implicitHTTPAPI = "ServerlessHttpApi"

// addHTTPAPI makes an API of an AWS::Serverless::HttpApi. Its routes come from
// the events of functions.
func (b *builder) addHTTPAPI(p properties) {
	p.globals = reader.Child(b.Doc.Globals, "HttpApi")
	a := &api{Part: p.part(), id: b.physicalID(p.r), name: p.text("Name", p.r.LogicalID), protocol: httpProtocol}
	stage := Stage{Part: b.generated(p, reader.GeneratedStage(p.r)), Name: p.text("StageName", "$default"), AutoDeploy: true}
	p.settings(&stage)
	a.stages = []Stage{stage}
	for _, property := range []string{"DefinitionBody", "DefinitionUri", "Auth"} {
		if a.Has(property) {
			b.Warn(p.at(property), a.LineOf(property), "is not read: what it says is not there")
		}
	}
	b.warnOfUnread(a.Part, p.at(""), unreadOfHTTPAPI)
	b.apis[a.LogicalID] = a
}

// addEvents makes routes of a function's HttpApi events, and warns of those of
// other types.
func (b *builder) addEvents(p properties) {
	for _, event := range p.aside().value("Events").Fields {
		at := p.at("Events").In(event.Key)
		typ := event.Value.Field("Type").Text
		if typ == "Schedule" || typ == "ScheduleV2" {
			continue // see addSchedules
		}
		if typ != "HttpApi" {
			b.Warn(at, event.Value.Line, "no event of type %q comes on this machine; invoke the function yourself", reader.Shorten(typ))
			continue
		}
		if a := b.eventAPI(event.Value.Field("Properties"), p.r); a != nil {
			b.addEventRoute(samAPI{b, p, a}, event)
		}
	}
}

// eventAPI finds the API of an HttpApi event, or makes the implicit one.
func (b *builder) eventAPI(v reader.Value, r *reader.Resource) *api {
	id := v.Field("ApiId")
	if id.Kind == reader.Scalar {
		for _, typ := range []string{"AWS::Serverless::HttpApi ", "AWS::ApiGatewayV2::Api "} {
			if a := b.apis[b.ids[typ+id.Text]]; a != nil {
				return a
			}
		}
		b.Warn(reader.Place{LogicalID: r.LogicalID, Property: "Events"}, id.Line, "%q is no API of this template: left out", reader.Shorten(id.Text))
		return nil
	}
	if a := b.apis[implicitHTTPAPI]; a != nil {
		return a
	}
	a := &api{
		Part: Part{LogicalID: implicitHTTPAPI, Line: r.Line}, id: reader.DerivedID(implicitHTTPAPI, 10),
		name: implicitHTTPAPI, protocol: httpProtocol,
		stages: []Stage{{Part: Part{LogicalID: implicitHTTPAPI + "ApiGatewayDefaultStage", Line: r.Line}, Name: "$default", AutoDeploy: true}},
	}
	b.apis[implicitHTTPAPI] = a
	b.implicit = a
	return a
}

func (b *builder) addEventRoute(s samAPI, event reader.Field) {
	v := event.Value.Field("Properties")
	part := Part{LogicalID: s.p.r.LogicalID + event.Key, Line: event.Value.Line, Lines: linesOf(v)}
	key := "$default"
	if path := v.Field("Path").Text; path != "" {
		method := strings.ToUpper(v.Field("Method").Text)
		if method == "X-AMAZON-APIGATEWAY-ANY-METHOD" || method == "" {
			method = "ANY"
		}
		key = method + " " + path
	}
	if part.Has("Auth") {
		b.Warn(s.p.at("Events").In(event.Key), part.LineOf("Auth"), "an HTTP API does not authorize here: every request reaches the function")
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

func (b *builder) logicalFunction(r *reader.Resource) Function {
	for _, f := range b.stack.Functions {
		if f.LogicalID == r.LogicalID {
			return f
		}
	}
	return Function{Part: Part{LogicalID: r.LogicalID, Line: r.Line}}
}

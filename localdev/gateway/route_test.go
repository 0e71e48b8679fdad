package gateway

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"bellhop/localdev/gateway/connid"
	"bellhop/localdev/lambda"
)

func sorted(s []string) []string {
	slices.Sort(s)
	return s
}

func TestRouting_4_1(t *testing.T) {
	e := start(t, setup{})
	c := e.connect(t)
	for _, tt := range []struct{ body, route string }{
		{`{"type":"twoway"}`, "twoway"},
		{`{"type":"Twoway"}`, "default"},
		{`{"type":"unknown"}`, "default"},
		{`{"type":"$connect"}`, "default"},
		{`{"type":"$disconnect"}`, "default"},
		{`{"type":"$default"}`, "default"},
		{`{"type":null}`, "default"},
		{`{"other":1}`, "default"},
		{`not JSON`, "default"},
		{``, "default"},
		{`{"type":"two\u0077ay"}`, "twoway"},
	} {
		n := len(e.fn.calls(tt.route))
		c.send(text(tt.body))
		c.wantText(tt.body)
		if got := len(e.fn.calls(tt.route)); got != n+1 {
			t.Errorf("%s: route %s was not taken", tt.body, tt.route)
		}
	}
}

func TestRouting_4_2_NoRouteIsForbidden(t *testing.T) {
	api := testAPI()
	delete(api.Routes, "$default")
	e := start(t, setup{api: &api})
	c := e.connect(t)
	c.send(text("not JSON"))
	c.wantErrorFrame("Forbidden")
	c.send(text(`{"type":"twoway"}`)) // the connection stays open
	c.wantText(`{"type":"twoway"}`)
}

// A message, its function and what the client gets.
func TestRouting_4_3_Results(t *testing.T) {
	const none, ise = "(none)", "Internal server error"
	for _, tt := range []struct {
		name           string
		fn             function
		oneway, twoway string
	}{
		{"Body", returns(`{"statusCode":200,"body":"hi \"ü\""}`), none, `hi "ü"`},
		{"NoBody", returns(`{"statusCode":200}`), none, ""},
		{"NullBody", returns(`{"statusCode":200,"body":null}`), none, ""},
		{"OtherStatus", returns(`{"statusCode":501,"body":"no"}`), none, "no"},
		{"AllKeys", returns(`{"statusCode":200,"headers":{},"multiValueHeaders":{},"body":"x","isBase64Encoded":false}`), none, "x"},
		{"UnknownKey", returns(`{"statusCode":200,"body":"x","ConnectionId":"y"}`), ise, ise},
		{"Null", returns(`null`), none, none},
		{"Nothing", returns(``), none, none},
		{"Text", returns(`"hi"`), ise, ise},
		{"NotJSON", returns(`{`), ise, ise},
		{"ObjectBody", returns(`{"statusCode":200,"body":{}}`), ise, ise},
		{"FunctionError", failsWith("boom"), ise, ise},
		{"FunctionThrottled", func(context.Context, []byte) ([]byte, error) { return nil, lambda.ErrThrottled }, ise, ise},
		{"TimeOut", hangs, "Endpoint request timed out", "Endpoint request timed out"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			fn := testFunctions()
			fn.byName["oneway"], fn.byName["twoway"] = tt.fn, tt.fn
			e := start(t, setup{fn: fn, opts: &Options{Limits: Limits{IntegrationTimeout: 30 * time.Millisecond}}})
			c := e.connect(t)
			for route, want := range map[string]string{"oneway": tt.oneway, "twoway": tt.twoway} {
				c.send(text(`{"type":"` + route + `"}`))
				switch want {
				case none:
					fn.wait(t, route)
				case ise, "Endpoint request timed out":
					c.wantErrorFrame(want)
				default:
					c.wantText(want)
				}
			}
			c.send(text("end")) // nothing else came before
			c.wantText("end")
		})
	}
}

func TestRouting_4_3_TwoWayErrorsReplacedWhenSwitchedOn(t *testing.T) {
	fn := testFunctions()
	fn.byName["twoway"] = returns(`{"statusCode":400,"body":"x"}`)
	e := start(t, setup{fn: fn, opts: &Options{Uncertain: Uncertain{ReplaceTwoWayErrors: true}}})
	c := e.connect(t)
	c.send(text(`{"type":"twoway"}`))
	c.wantErrorFrame("Internal server error")
}

func TestRouting_4_2_RouteWithoutATargetIsInternalServerError(t *testing.T) {
	api := testAPI()
	api.Routes["none"] = Route{}
	e := start(t, setup{api: &api})
	c := e.connect(t)
	c.send(text(`{"type":"none"}`))
	c.wantErrorFrame("Internal server error")
}

// A function that nothing lets API Gateway invoke is not called, unless permissions
// are of no account.
func TestRouting_4_2_NoPermissionIsInternalServerError(t *testing.T) {
	for _, ignored := range []bool{false, true} {
		api := testAPI()
		r := twoWay("twoway")
		r.Integration.Denied = true
		api.Routes["twoway"] = r
		e := start(t, setup{api: &api, opts: &Options{Uncertain: Uncertain{PermissionsIgnored: ignored}}})
		c := e.connect(t)
		c.send(text(`{"type":"twoway"}`))
		if ignored {
			c.wantText(`{"type":"twoway"}`)
		} else {
			c.wantErrorFrame("Internal server error")
		}
		if called := len(e.fn.calls("twoway")) > 0; called != ignored {
			t.Errorf("ignored %v: function called: %v", ignored, called)
		}
	}
}

// An integration's own time-out ends the wait before the gateway's.
func TestRouting_4_2_TimeoutOfTheIntegration(t *testing.T) {
	api, fn := testAPI(), testFunctions()
	r := lambdaRoute("oneway")
	r.Integration.Timeout = 50 * time.Millisecond
	api.Routes["oneway"] = r
	fn.byName["oneway"] = hangs
	e := start(t, setup{api: &api, fn: fn})
	c := e.connect(t)
	c.send(text(`{"type":"oneway"}`))
	c.wantErrorFrame("Endpoint request timed out")
}

func TestRouting_4_3_FunctionMissingIsInternalServerError(t *testing.T) {
	api := testAPI()
	api.Routes["oneway"] = lambdaRoute("nobody")
	e := start(t, setup{api: &api})
	c := e.connect(t)
	c.send(text(`{"type":"oneway"}`))
	c.wantErrorFrame("Internal server error")
}

func TestRouting_ThrottledMessage(t *testing.T) {
	api := testAPI()
	api.Throttle = Throttle{Default: Rate{PerSecond: 1e-9, Burst: 1}}
	e := start(t, setup{api: &api})
	c := e.connect(t)
	c.send(text(`{"type":"twoway"}`))
	c.wantText(`{"type":"twoway"}`)
	c.send(text(`{"type":"twoway"}`))
	c.wantErrorFrame("Too Many Requests")
	c.send(text(`{"type":"other"}`)) // $default has a bucket of its own
	c.wantText(`{"type":"other"}`)
}

// Every message is an invocation of its own: an earlier one that hangs holds
// nothing up.
func TestRouting_4_3_MessagesRunConcurrently(t *testing.T) {
	bothTransports(t, func(t *testing.T, stream bool) {
		fn := testFunctions()
		release := make(chan struct{})
		fn.byName["twoway"] = func(ctx context.Context, event []byte) ([]byte, error) {
			if strings.Contains(string(event), "slow") {
				<-release
			}
			return echo(ctx, event)
		}
		e := start(t, setup{fn: fn, stream: stream})
		c := e.connect(t)
		c.send(append(text(`{"type":"twoway","n":"slow"}`), text(`{"type":"twoway","n":"fast"}`)...))
		c.wantText(`{"type":"twoway","n":"fast"}`)
		c.send(text(`{"type":"twoway","n":"faster"}`))
		c.wantText(`{"type":"twoway","n":"faster"}`)
		close(release)
		c.wantText(`{"type":"twoway","n":"slow"}`)
	})
}

func mockRoute(response bool, in Integration) Route {
	in.Kind = Mock
	return Route{Integration: in, Response: response}
}

func TestRouting_4_Mock(t *testing.T) {
	api := testAPI()
	pong := Integration{
		RequestTemplates:            map[string]string{"200": `{"statusCode":200}`},
		TemplateSelectionExpression: "200",
		Responses: map[string]Response{"$default": {
			ResponseTemplates: map[string]string{"$default": `{"type":"pong","c":"$context.connectionId"}`},
		}},
	}
	api.Routes["ping"] = mockRoute(true, pong)
	api.Routes["quiet"] = mockRoute(false, pong)
	api.Routes["status"] = mockRoute(true, Integration{
		RequestTemplates: map[string]string{"$default": `{"statusCode": $input.json('$.status'), "said": "$input.path('$.text')"}`},
		Responses: map[string]Response{
			`/2\d\d/`: {ResponseTemplates: map[string]string{"$default": "fine $input.json('$.said')"}},
			`/404/`:   {ResponseTemplates: map[string]string{"$default": "not found"}},
		},
	})
	e := start(t, setup{api: &api})
	c := e.connect(t)
	c.send(text(`{"type":"quiet"}`))
	for _, tt := range []struct{ send, want string }{
		{`{"type":"ping"}`, `{"type":"pong","c":"` + c.id + `"}`},
		{`{"type":"status","status":201,"text":"ü"}`, `fine "ü"`},
		{`{"type":"status","status":404}`, `not found`},
	} {
		c.send(text(tt.send))
		c.wantText(tt.want)
	}
	c.send(text(`{"type":"status","status":500}`)) // no integration response
	c.wantErrorFrame("Internal server error")
	c.send(text(`{"type":"status"}`)) // no status code
	c.wantErrorFrame("Internal server error")
}

func TestRouting_MockConnect(t *testing.T) {
	api := testAPI()
	api.Routes["$connect"] = mockRoute(false, Integration{RequestTemplates: map[string]string{"$default": `{"statusCode":403}`}})
	e := start(t, setup{api: &api})
	if r := e.dialTCP(t).handshake("/live"); r.StatusCode != 403 {
		t.Errorf("got %d, want 403", r.StatusCode)
	}
}

func TestNew_RefusesWhatAWSRefuses(t *testing.T) {
	for name, spoil := range map[string]func(*API){
		"no selection expression":  func(a *API) { a.RouteSelectionExpression = "" },
		"bad selection expression": func(a *API) { a.RouteSelectionExpression = "$request.body" + "." },
		"no routes":                func(a *API) { a.Routes = nil },
		"stage name":               func(a *API) { a.Stage = "$default" },
		"no ID":                    func(a *API) { a.ID = "" },
		"empty route key":          func(a *API) { a.Routes[""] = lambdaRoute("x") },
		"reserved route key":       func(a *API) { a.Routes["$other"] = lambdaRoute("x") },
		"no function":              func(a *API) { a.Routes["x"] = lambdaRoute("") },
		"unknown integration":      func(a *API) { a.Routes["x"] = Route{Integration: Integration{Kind: "TELNET"}} },
		"long timeout": func(a *API) {
			a.Routes["x"] = Route{Integration: Integration{Kind: Lambda, Function: "x", Timeout: 30 * time.Second}}
		},
		"short timeout": func(a *API) {
			a.Routes["x"] = Route{Integration: Integration{Kind: Lambda, Function: "x", Timeout: 49 * time.Millisecond}}
		},
		"API key expression":      func(a *API) { a.APIKeySelectionExpression = "$request.header.key" },
		"mapping key":             func(a *API) { a.Domains = []Domain{{Name: "ws.example.com", Key: "a/b"}} },
		"stage variable":          func(a *API) { a.StageVariables = map[string]string{"a-b": "x"} },
		"authorizer, no function": func(a *API) { a.Authorizer = &Authorizer{} },
		"authorizer, no $connect": func(a *API) { withAuthorizer(a); delete(a.Routes, "$connect") },
		"throttle of no route":    func(a *API) { a.Throttle.Routes = map[string]Rate{"x": {}} },
		"template directive": func(a *API) {
			a.Routes["x"] = mockRoute(true, Integration{RequestTemplates: map[string]string{"$default": "#macro(a)"}})
		},
		"response key": func(a *API) {
			a.Routes["x"] = mockRoute(true, Integration{Responses: map[string]Response{"200": {}}})
		},
	} {
		api := testAPI()
		spoil(&api)
		if g, err := New(api, testFunctions(), nil); err == nil {
			closeGateway(t, g)
			t.Errorf("%s: got no error", name)
		}
	}
}

// An HTTP endpoint behind a two-way route, from frame to frame; it learns the
// connection's id by a request parameter.
func TestRouting_4_3_HTTPProxy(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s", r.Header.Get("Connection-Id"), body)
	}))
	defer server.Close()
	api := testAPI()
	api.Routes["$connect"] = Route{Integration: Integration{Kind: "HTTP_PROXY", URI: server.URL, Parameters: map[string]string{
		"integration.request.header.Connection-Id": "route.request.header.X-Team",
	}}}
	api.Routes["web"] = Route{Response: true, Integration: Integration{Kind: "HTTP_PROXY", URI: server.URL, Parameters: map[string]string{
		"integration.request.header.Connection-Id": "context.connectionId",
	}}}
	e := start(t, setup{api: &api})
	c := e.connect(t)
	for conn := range e.table.all() {
		c.id = conn.peer.id
	}
	c.send(text(`{"type":"web"}`))
	c.wantText(c.id + ` {"type":"web"}`)
	server.Close()
	c.send(text(`{"type":"web"}`))
	c.wantErrorFrame("Internal server error")
}

func TestRouting_4_2_BadRequestBody(t *testing.T) {
	api := testAPI()
	r := twoWay("twoway")
	r.Models = map[string]string{"$default": `{"required":["text"]}`}
	api.Routes["twoway"] = r
	e := start(t, setup{api: &api})
	c := e.connect(t)
	c.send(text(`{"type":"twoway","text":1}`))
	c.wantText(`{"type":"twoway","text":1}`)
	c.send(text(`{"type":"twoway"}`))
	got := string(c.frame().Payload)
	prefix := `{"message": "Bad request body", "connectionId":"` + c.id + `", "messageId":"`
	if id, ok := strings.CutPrefix(got, prefix); !ok || !connid.WellFormed(strings.TrimSuffix(id, `"}`)) {
		t.Errorf("frame:\n got %s\nwant %s…\"}", got, prefix)
	}
	if n := len(e.fn.calls("twoway")); n != 1 {
		t.Errorf("function: got %d calls, want 1", n)
	}
}

// A message in base64 reaches the function as it is, and marked.
func TestRouting_5_ConvertToBinary(t *testing.T) {
	api := testAPI()
	r := twoWay("default")
	r.Binary = true
	api.Routes["$default"] = r
	e := start(t, setup{api: &api})
	c := e.connect(t)
	c.send(text("aGk="))
	c.wantText("aGk=")
	if event := decode(t, e.fn.calls("default")[0]); event["isBase64Encoded"] != true || event["body"] != "aGk=" {
		t.Errorf("event: got %v, want base64", event)
	}
}

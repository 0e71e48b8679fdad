package gateway

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"bellhop/localdev/gateway/connid"
)

// rejected describes a handshake that must fail.
type rejected struct {
	name    string
	api     func(*API)
	fn      map[string]function
	target  string
	headers []string
	status  int
	message string // of the body
	errType string
}

func withAuthorizer(a *API) { a.Authorizer = &Authorizer{Function: "authorizer"} }

func needsTicket(a *API) {
	a.Authorizer = &Authorizer{Function: "authorizer", IdentitySources: []string{
		"route.request.querystring.ticket", "route.request.header.X-Team",
	}}
}

const (
	internalError = "InternalServerErrorException"
	unauthorized  = "UnauthorizedException"
)

var rejections = []rejected{
	{name: "StatusIsPassedThrough400", fn: map[string]function{"connect": returns(`{"statusCode":400,"body":"no"}`)}, status: 400, message: "Bad Request", errType: "BadRequestException"},
	{name: "StatusIsPassedThrough301", fn: map[string]function{"connect": returns(`{"statusCode":301,"headers":{"Location":"/x"}}`)}, status: 301, message: "Moved Permanently"},
	{name: "StatusIsPassedThrough401", fn: map[string]function{"connect": returns(`{"statusCode":401}`)}, status: 401, message: "Unauthorized", errType: unauthorized},
	{name: "StatusIsPassedThrough501", fn: map[string]function{"connect": returns(`{"statusCode":501}`)}, status: 501, message: "Not Implemented"},
	{name: "FunctionError", fn: map[string]function{"connect": failsWith("boom")}, status: 502, message: "Internal server error", errType: internalError},
	{name: "NoStatusCode", fn: map[string]function{"connect": returns(`{"body":"x"}`)}, status: 502, message: "Internal server error", errType: internalError},
	{name: "StatusCodeIsText", fn: map[string]function{"connect": returns(`{"statusCode":"200"}`)}, status: 502, message: "Internal server error", errType: internalError},
	{name: "NullResult", fn: map[string]function{"connect": returns(`null`)}, status: 502, message: "Internal server error", errType: internalError},
	{name: "TextResult", fn: map[string]function{"connect": returns(`"ok"`)}, status: 502, message: "Internal server error", errType: internalError},
	{name: "UnknownKey", fn: map[string]function{"connect": returns(`{"statusCode":200,"Data":"x"}`)}, status: 502, message: "Internal server error", errType: internalError},
	{name: "LineBreakInProtocol", fn: map[string]function{"connect": returns(`{"statusCode":200,"headers":{"Sec-WebSocket-Protocol":"a\r\nX: y"}}`)}, status: 502, message: "Internal server error", errType: internalError},
	{name: "NoSuchFunction", api: func(a *API) { a.Routes["$connect"] = lambdaRoute("nobody") }, status: 500, message: "Internal server error", errType: internalError},
	{name: "NoPermission", api: func(a *API) {
		r := lambdaRoute("connect")
		r.Integration.Denied = true
		a.Routes["$connect"] = r
	}, fn: map[string]function{"connect": nil}, status: 500, message: "Internal server error", errType: internalError},
	{name: "NoPermissionForTheAuthorizer", api: func(a *API) {
		a.Authorizer = &Authorizer{Function: "authorizer", Denied: true}
	}, fn: map[string]function{"authorizer": nil}, status: 500, message: "Internal server error", errType: internalError},
	{name: "TimeOut", fn: map[string]function{"connect": hangs}, status: 504, message: "Endpoint request timed out", errType: internalError},
	{name: "Denied", api: withAuthorizer, fn: map[string]function{"authorizer": returns(strings.Replace(allow, "Allow", "Deny", 1))}, status: 403, message: "Forbidden", errType: "ForbiddenException"},
	{name: "AllowOfOtherResource", api: withAuthorizer, fn: map[string]function{"authorizer": returns(strings.Replace(allow, `"*"`, `"arn:aws:execute-api:eu-west-1:111122223333:k7demo9x2a/live/*/*"`, 1))}, status: 403, message: "Forbidden", errType: "ForbiddenException"},
	{name: "ErrorTextUnauthorized", api: withAuthorizer, fn: map[string]function{"authorizer": failsWith("Unauthorized")}, status: 401, message: "Unauthorized", errType: unauthorized},
	{name: "OtherErrorText", api: withAuthorizer, fn: map[string]function{"authorizer": failsWith("unauthorized")}, status: 500, message: "Internal server error", errType: internalError},
	{name: "AuthorizerWithoutPolicy", api: withAuthorizer, fn: map[string]function{"authorizer": returns(`{"statusCode":401}`)}, status: 500, message: "Internal server error", errType: internalError},
	{name: "AuthorizerAnswersAsForAnHTTPAPI", api: withAuthorizer, fn: map[string]function{"authorizer": returns(`{"isAuthorized":true}`)}, status: 500, message: "Internal server error", errType: internalError},
	{name: "AuthorizerTimeOut", api: withAuthorizer, fn: map[string]function{"authorizer": hangs}, status: 500, message: "Internal server error", errType: internalError},
	{name: "IdentitySourceMissing", api: needsTicket, fn: map[string]function{"authorizer": nil}, target: "/live?ticket=1", status: 401, message: "Unauthorized", errType: unauthorized},
	{name: "IdentitySourceEmpty", api: needsTicket, fn: map[string]function{"authorizer": nil}, target: "/live?ticket=", headers: []string{"x-team: red"}, status: 401, message: "Unauthorized", errType: unauthorized},
	{name: "IdentitySourceOfHTTPAPI", api: func(a *API) {
		a.Authorizer = &Authorizer{Function: "authorizer", IdentitySources: []string{"$request.header.Host"}}
	}, fn: map[string]function{"authorizer": nil}, status: 401, message: "Unauthorized", errType: unauthorized},
	{name: "Throttled", api: func(a *API) {
		a.Throttle.Routes = map[string]Rate{"$connect": {PerSecond: 1e-9, Burst: 1}}
	}, fn: map[string]function{"connect": returns(`{"statusCode":200}`)}, status: 429, message: "Too Many Requests", errType: "LimitExceededException"},
	{name: "StageWithoutDeployment", api: func(a *API) { a.Undeployed = true }, status: 403, message: "Forbidden", errType: "ForbiddenException"},
	{name: "NoTemplateForTheRequest", api: func(a *API) {
		a.Routes["$connect"] = Route{Integration: Integration{Kind: Mock, Passthrough: "NEVER"}}
	}, status: 415, message: "Unsupported Media Type"},
	{name: "LongURL", target: "/live?" + strings.Repeat("x", 4096), status: 414, message: "Request URI Too Long"},
}

func TestHandshake_1_2_Rejections(t *testing.T) {
	for _, tt := range rejections {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			api, fn := testAPI(), testFunctions()
			if tt.api != nil {
				tt.api(&api)
			}
			for name, f := range tt.fn {
				fn.byName[name] = f
			}
			e := start(t, setup{api: &api, fn: fn, opts: &Options{Limits: Limits{IntegrationTimeout: 50 * time.Millisecond}}})
			target := tt.target
			if target == "" {
				target = "/live"
			}
			if tt.name == "Throttled" {
				e.connect(t)
			}
			checkRejection(t, e.dialTCP(t).handshake(target, tt.headers...), tt)
			if n := len(e.table.shards[0].conns); n != 0 && tt.name != "Throttled" {
				t.Errorf("table: got %d connections, want none", n)
			}
		})
	}
}

func checkRejection(t *testing.T, r *http.Response, tt rejected) {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"message":"` + tt.message + `"}`; r.StatusCode != tt.status || string(body) != want {
		t.Errorf("got %d %s, want %d %s", r.StatusCode, body, tt.status, want)
	}
	if got := r.Header.Get("Content-Type"); got != "application/json" {
		t.Errorf("content type: got %q, want application/json", got)
	}
	if got := r.Header.Get("x-amzn-ErrorType"); got != tt.errType {
		t.Errorf("x-amzn-ErrorType: got %q, want %q", got, tt.errType)
	}
	if got := r.Header.Get("x-amz-apigw-id"); !connid.WellFormed(got) {
		t.Errorf("x-amz-apigw-id: got %q, want an id", got)
	}
	if got := r.Header.Get("x-amzn-RequestId"); len(got) != 36 {
		t.Errorf("x-amzn-RequestId: got %q, want a UUID", got)
	}
}

func TestHandshake_1_2_PlainRequestIs426(t *testing.T) {
	e := start(t, setup{})
	c := e.dialTCP(t)
	c.send([]byte("GET /live HTTP/1.1\r\nHost: x\r\n\r\n"))
	r := c.response()
	if r.StatusCode != 426 || r.Header.Get("Upgrade") != "websocket" {
		t.Errorf("got %d, Upgrade %q; want 426, websocket", r.StatusCode, r.Header.Get("Upgrade"))
	}
	if n := len(e.fn.calls("connect")); n != 0 {
		t.Errorf("$connect: got %d calls, want none", n)
	}
}

func TestHandshake_1_2_HeadersOver10KiBAre431(t *testing.T) {
	e := start(t, setup{})
	r := e.dialTCP(t).handshake("/live", "Cookie: "+strings.Repeat("x", 10240))
	if r.StatusCode != 431 {
		t.Errorf("got %d, want 431", r.StatusCode)
	}
}

func TestHandshake_1_2_OrderIsThrottleAuthorizerConnect(t *testing.T) {
	api, fn := testAPI(), testFunctions()
	withAuthorizer(&api)
	fn.byName["authorizer"] = failsWith("Unauthorized")
	e := start(t, setup{api: &api, fn: fn})
	e.dialTCP(t).handshake("/live")
	if a, c := len(fn.calls("authorizer")), len(fn.calls("connect")); a != 1 || c != 0 {
		t.Errorf("calls: got authorizer %d, connect %d; want 1, 0", a, c)
	}
}

// A handshake that is one too many costs no call of the authorizer.
func TestHandshake_1_2_ThrottleComesFirst(t *testing.T) {
	api := testAPI()
	withAuthorizer(&api)
	api.Throttle.Routes = map[string]Rate{"$connect": {PerSecond: 1e-9, Burst: 1}}
	e := start(t, setup{api: &api})
	e.connect(t)
	if r := e.dialTCP(t).handshake("/live"); r.StatusCode != 429 {
		t.Errorf("second handshake: got %d, want 429", r.StatusCode)
	}
	if n := len(e.fn.calls("authorizer")); n != 1 {
		t.Errorf("authorizer: got %d calls, want 1", n)
	}
}

// Every status from 200 to 299 of $connect lets the client in.
func TestHandshake_1_2_Any2xxIsAdmitted(t *testing.T) {
	fn := testFunctions()
	e := start(t, setup{fn: fn})
	for status, want := range map[string]int{"200": 101, "201": 101, "204": 101, "299": 101, "300": 300} {
		fn.byName["connect"] = returns(`{"statusCode":` + status + `}`)
		if r := e.dialTCP(t).handshake("/live"); r.StatusCode != want {
			t.Errorf("$connect answers %s: got %d, want %d", status, r.StatusCode, want)
		}
	}
}

// The statuses that AWS does not name are those of the options.
func TestHandshake_1_2_StatusesSwitched(t *testing.T) {
	api, fn := testAPI(), testFunctions()
	fn.byName["connect"] = hangs
	opts := func(u Uncertain, timeout time.Duration) *Options {
		return &Options{Uncertain: u, Limits: Limits{IntegrationTimeout: timeout}}
	}
	e := start(t, setup{api: &api, fn: fn, opts: opts(Uncertain{TimeoutStatus: 500}, 50*time.Millisecond)})
	if r := e.dialTCP(t).handshake("/live"); r.StatusCode != 500 {
		t.Errorf("time-out: got %d, want 500", r.StatusCode)
	}
	missing := testAPI()
	missing.Routes["$connect"] = lambdaRoute("nobody")
	e = start(t, setup{api: &missing, opts: opts(Uncertain{UnreachableStatus: 502}, time.Second)})
	if r := e.dialTCP(t).handshake("/live"); r.StatusCode != 502 {
		t.Errorf("no such function: got %d, want 502", r.StatusCode)
	}
	slow, fn := testAPI(), testFunctions()
	withAuthorizer(&slow)
	fn.byName["authorizer"] = hangs
	e = start(t, setup{api: &slow, fn: fn, opts: opts(Uncertain{AuthorizerTimeout: 20 * time.Millisecond}, 20*time.Second)})
	begun := time.Now()
	if r := e.dialTCP(t).handshake("/live"); r.StatusCode != 500 || time.Since(begun) > 15*time.Second {
		t.Errorf("slow authorizer: got %d after %v, want 500 before the integrations' limit", r.StatusCode, time.Since(begun))
	}
}

func TestHandshake_1_2_ConnectIsOptional(t *testing.T) {
	api := testAPI()
	delete(api.Routes, "$connect")
	e := start(t, setup{api: &api})
	c := e.connect(t)
	c.send(text(`{"type":"twoway"}`))
	c.wantText(`{"type":"twoway"}`)
}

func TestHandshake_1_3_Response(t *testing.T) {
	fn := testFunctions()
	fn.byName["connect"] = returns(`{"statusCode":201,"headers":{"sec-websocket-PROTOCOL":"bellhop.v1","X-Other":"no"},"body":"no"}`)
	e := start(t, setup{fn: fn})
	c := e.dialTCP(t)
	c.send([]byte(upgradeRequest("/live", "Sec-WebSocket-Protocol: bellhop.v1, other")))
	var head []string
	for {
		line, err := c.br.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if line == "\r\n" {
			break
		}
		head = append(head, strings.TrimSuffix(line, "\r\n"))
	}
	want := []string{
		"HTTP/1.1 101 Switching Protocols", "Date: ", "Connection: upgrade", "upgrade: websocket",
		"sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "Sec-WebSocket-Protocol: bellhop.v1",
	}
	if len(head) != len(want) {
		t.Fatalf("head: got %q, want %q", head, want)
	}
	for i, line := range want {
		if !strings.HasPrefix(head[i], line) {
			t.Errorf("line %d: got %q, want %q", i, head[i], line)
		}
	}
}

// The client's list of subprotocols is $connect's to read. The gateway chooses
// none of them by itself.
func TestHandshake_1_3_SubprotocolIsTheIntegrationsToChoose(t *testing.T) {
	e := start(t, setup{})
	r := e.dialTCP(t).handshake("/live", "Sec-WebSocket-Protocol: chat.v2, chat.v1")
	if got := r.Header.Get("Sec-WebSocket-Protocol"); r.StatusCode != 101 || got != "" {
		t.Errorf("got %d, subprotocol %q; want 101 and none", r.StatusCode, got)
	}
	headers := decode(t, e.fn.calls("connect")[0])["headers"].(map[string]any)
	if got, want := headers["Sec-WebSocket-Protocol"], "chat.v2, chat.v1"; got != want {
		t.Errorf("$connect event: got %v, want %s", got, want)
	}
}

func TestHandshake_1_3_DeflateIsNegotiated(t *testing.T) {
	e := start(t, setup{})
	for offer, want := range map[string]string{
		"permessage-deflate; client_max_window_bits":                               "permessage-deflate;server_no_context_takeover;client_no_context_takeover",
		"x-other, permessage-deflate":                                              "permessage-deflate;server_no_context_takeover;client_no_context_takeover",
		"permessage-deflate; server_max_window_bits=12; client_max_window_bits=12": "permessage-deflate;server_no_context_takeover;client_no_context_takeover;server_max_window_bits=12",
		"permessage-deflate; unknown=1":                                            "",
		"x-webkit-deflate-frame":                                                   "",
	} {
		r := e.dialTCP(t).handshake("/live", "Sec-WebSocket-Extensions: "+offer)
		if got := r.Header.Get("Sec-WebSocket-Extensions"); got != want {
			t.Errorf("offer %q: got %q, want %q", offer, got, want)
		}
	}
}

// A client may send its first frames together with the handshake.
func TestHandshake_FramesSentWithTheRequestAreNotLost(t *testing.T) {
	bothTransports(t, func(t *testing.T, stream bool) {
		e := start(t, setup{stream: stream})
		c := e.dialTCP(t)
		first := text(`{"type":"twoway","n":1}`)
		c.send(append(append([]byte(upgradeRequest("/live")), first...), text(`{"type":"twoway","n":2}`)[:9]...))
		if r := c.response(); r.StatusCode != 101 {
			t.Fatalf("status: got %d, want 101", r.StatusCode)
		}
		c.wantText(`{"type":"twoway","n":1}`)
		c.send(text(`{"type":"twoway","n":2}`)[9:])
		c.wantText(`{"type":"twoway","n":2}`)
	})
}

package gateway

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bellhop/localdev/gateway/fields"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"
)

// golden compares an event with a file of testdata, as JSON values and, since
// keys in AWS's order are easier to read beside a trace, as text.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	if !json.Valid(got) {
		t.Fatalf("%s is not JSON:\n%s", name, got)
	}
	want, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.TrimSpace(string(want)), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// eventFixture is a gateway, a handshake and its moment with nothing random.
func eventFixture(t *testing.T) (*Gateway, *handshake, *moment) {
	t.Helper()
	api := testAPI()
	api.StageVariables = map[string]string{"tier": "gold"}
	g, err := New(api, testFunctions(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeGateway(t, g) })
	h := &handshake{
		g:       g,
		headers: fields.Fields{Fold: true},
	}
	h.headers.AddRaw("Host: k7demo9x2a.execute-api.eu-west-1.amazonaws.com\r\nConnection: upgrade\r\n" +
		"Upgrade: websocket\r\nOrigin: https://app.example.com\r\nUser-Agent: Mozilla/5.0\r\n" +
		"x-MIXED-case: first\r\nX-Mixed-Case: \"last\"\r\ncontent-length: 0\r\n")
	h.headers.Add(headerTrace, "Root=1-00000000-000000000000000000000000")
	h.query.Add("ticket", "t-1")
	h.query.Add("a b", "1")
	h.query.Add("a b", "ü")
	at, agent := time.UnixMilli(1788340504121), "Mozilla/5.0"
	return g, h, &moment{
		peer: &peer{
			id: "Zk3TqcW1IAMCJ2w=", domain: "k7demo9x2a.execute-api.eu-west-1.amazonaws.com",
			identity:    renderIdentity(&agent, "198.51.100.7"),
			connectedAt: 1788340504120,
		},
		kind: eventConnect, routeKey: routeConnect, requestID: "Zk3TqFW1IAMFa8w=", at: at, latency: 111,
	}
}

const authorizerMembers = `"tenant":"acme","principalId":"user-42"`

func TestEvents_2_2_Authorizer(t *testing.T) {
	g, h, m := eventFixture(t)
	got := g.authorizerEvent(h, m)
	golden(t, "authorizer", got)
	var e events.APIGatewayCustomAuthorizerRequestTypeRequest
	if err := json.Unmarshal(got, &e); err != nil {
		t.Fatal(err)
	}
	if want := "arn:aws:execute-api:eu-west-1:111122223333:k7demo9x2a/live/$connect"; e.MethodArn != want { //nolint:staticcheck
		t.Errorf("methodArn: got %s, want %s", e.MethodArn, want) //nolint:staticcheck
	}
	if e.Headers["x-MIXED-case"] != `"last"` || len(e.MultiValueHeaders["x-MIXED-case"]) != 2 {
		t.Errorf("repeated header: got %q, %q", e.Headers["x-MIXED-case"], e.MultiValueHeaders["x-MIXED-case"])
	}
}

func TestEvents_2_3_Connect(t *testing.T) {
	g, h, m := eventFixture(t)
	m.authorizer = authorizerMembers
	got := g.connectEvent(h, m)
	golden(t, "connect", got)
	var e events.APIGatewayWebsocketProxyRequest
	if err := json.Unmarshal(got, &e); err != nil {
		t.Fatal(err)
	}
	if e.RequestContext.RequestTime != "02/Sep/2026:09:15:04 +0000" || e.RequestContext.ConnectedAt != 1788340504120 {
		t.Errorf("times: got %s, %d", e.RequestContext.RequestTime, e.RequestContext.ConnectedAt)
	}
	if e.QueryStringParameters["a b"] != "ü" || len(e.MultiValueQueryStringParameters["a b"]) != 2 {
		t.Errorf("query: got %v", e.MultiValueQueryStringParameters)
	}
}

func TestEvents_2_4_Message(t *testing.T) {
	g, _, m := eventFixture(t)
	m.authorizer, m.kind, m.routeKey, m.messageID = authorizerMembers, eventMessage, "sendMessage", "Zk3Urc2RIAMCJ2w="
	body := "{\"type\":\"sendMessage\",\"text\":\"<hi> ü \x01 \\ 😀\"}"
	got := g.messageEvent(m, []byte(body))
	golden(t, "message", got)
	var e events.APIGatewayWebsocketProxyRequest
	if err := json.Unmarshal(got, &e); err != nil {
		t.Fatal(err)
	}
	if e.Body != body || e.Headers != nil || e.RequestContext.MessageID != "Zk3Urc2RIAMCJ2w=" {
		t.Errorf("got body %q, headers %v, messageId %v", e.Body, e.Headers, e.RequestContext.MessageID)
	}
}

func TestEvents_2_5_Disconnect(t *testing.T) {
	g, _, m := eventFixture(t)
	m.authorizer, m.kind, m.routeKey, m.code, m.reason = authorizerMembers, eventDisconnect, routeDisconnect, 1005, reasonNoStatus
	got := g.disconnectEvent(m)
	golden(t, "disconnect", got)
	var e events.APIGatewayWebsocketProxyRequest
	if err := json.Unmarshal(got, &e); err != nil {
		t.Fatal(err)
	}
	if e.RequestContext.DisconnectStatusCode != 1005 || *e.RequestContext.DisconnectReason != reasonNoStatus {
		t.Errorf("got %d %q", e.RequestContext.DisconnectStatusCode, *e.RequestContext.DisconnectReason)
	}
}

// The whole way: what a real client sends is in the events, and nothing else.
func TestEvents_2_OverTheWire(t *testing.T) {
	api := testAPI()
	withAuthorizer(&api)
	e := start(t, setup{api: &api})
	c := e.dialTCP(t)
	if r := c.handshake("/live?ticket=t-1&x=%C3%BC+1", "Cookie: sessionid=s", "X-TeAm: red"); r.StatusCode != 101 {
		t.Fatalf("status: got %d", r.StatusCode)
	}
	asked, connect := decode(t, e.fn.calls("authorizer")[0]), decode(t, e.fn.calls("connect")[0])
	if got := keysOf(asked); got != "headers methodArn multiValueHeaders multiValueQueryStringParameters queryStringParameters requestContext stageVariables type" {
		t.Errorf("authorizer event's keys: got %s", got)
	}
	if got := keysOf(connect); got != "headers isBase64Encoded multiValueHeaders multiValueQueryStringParameters queryStringParameters requestContext" {
		t.Errorf("connect event's keys: got %s", got)
	}
	if got := keysOf(asked["headers"]); got != "Connection Cookie Host Sec-WebSocket-Key Sec-WebSocket-Version Upgrade X-Amzn-Trace-Id X-Forwarded-For X-Forwarded-Port X-Forwarded-Proto X-TeAm content-length" {
		t.Errorf("authorizer event's headers: got %s", got)
	}
	if got := keysOf(connect["headers"]); got != "Cookie Host Sec-WebSocket-Key Sec-WebSocket-Version X-Amzn-Trace-Id X-Forwarded-For X-Forwarded-Port X-Forwarded-Proto X-TeAm" {
		t.Errorf("connect event's headers: got %s", got)
	}
	if got := connect["queryStringParameters"].(map[string]any)["x"]; got != "ü 1" {
		t.Errorf("query: got %q", got)
	}
	rc := requestContext(connect)
	if got := keysOf(rc); got != "apiId authorizer connectedAt connectionId domainName eventType extendedRequestId identity messageDirection requestId requestTime requestTimeEpoch routeKey stage" {
		t.Errorf("request context's keys: got %s", got)
	}
	if got := keysOf(rc["authorizer"]); got != "integrationLatency principalId tenant" {
		t.Errorf("authorizer's keys: got %s", got)
	}
	if got := keysOf(rc["identity"]); got != "sourceIp" {
		t.Errorf("identity without user agent: got %s", got)
	}
	if rc["connectionId"] != requestContext(asked)["connectionId"] || rc["requestId"] != rc["extendedRequestId"] {
		t.Errorf("ids differ: %v", rc)
	}
	c.send(text("not JSON"))
	c.wantText("not JSON")
	message := decode(t, e.fn.calls("default")[0])
	if got := keysOf(message); got != "body isBase64Encoded requestContext" {
		t.Errorf("message event's keys: got %s", got)
	}
	if got := keysOf(requestContext(message)["authorizer"]); got != "principalId tenant" {
		t.Errorf("authorizer's keys in a message: got %s", got)
	}
	c.nc.Close()
	gone := e.fn.wait(t, "disconnect")
	if got := keysOf(gone["headers"]); got != "Host X-Forwarded-For x-api-key x-restapi" {
		t.Errorf("disconnect event's headers: got %s", got)
	}
}

// What all events of a connection share, and what tells them apart.
func TestEvents_2_1_OfOneConnection(t *testing.T) {
	api := testAPI()
	api.StageVariables = map[string]string{"tier": "gold"}
	e := start(t, setup{api: &api})
	c := e.connect(t, "User-Agent: Mozilla/5.0")
	for range 2 {
		c.send(text(`{"type":"twoway"}`))
		c.wantText(`{"type":"twoway"}`)
	}
	c.nc.Close()
	gone := e.fn.wait(t, "disconnect")
	connect, messages := decode(t, e.fn.calls("connect")[0]), e.fn.calls("twoway")
	if got := keysOf(connect); got != "headers isBase64Encoded multiValueHeaders requestContext stageVariables" {
		t.Errorf("$connect without a query: got keys %s", got)
	}
	seen := map[any]bool{}
	first := requestContext(connect)
	if late := first["requestTimeEpoch"].(float64) - first["connectedAt"].(float64); late < 0 || late > 2 {
		t.Errorf("$connect: requestTimeEpoch is %v ms after connectedAt, want 0 to 2", late)
	}
	for _, event := range []map[string]any{connect, decode(t, messages[0]), decode(t, messages[1]), gone} {
		rc := requestContext(event)
		for _, name := range []string{"connectionId", "connectedAt", "domainName", "apiId", "stage", "identity"} {
			if !cmp.Equal(rc[name], first[name]) {
				t.Errorf("%v: %s: got %v, want %v as in $connect", rc["eventType"], name, rc[name], first[name])
			}
		}
		if rc["requestId"] != rc["extendedRequestId"] || rc["messageDirection"] != "IN" || seen[rc["requestId"]] {
			t.Errorf("%v: got ids %v and %v, direction %v", rc["eventType"], rc["requestId"], rc["extendedRequestId"], rc["messageDirection"])
		}
		seen[rc["requestId"]] = true
		if id, is := rc["messageId"]; is != (rc["eventType"] == "MESSAGE") || is && seen[id] {
			t.Errorf("%v: got message id %v", rc["eventType"], id)
		}
		if got := event["stageVariables"]; !cmp.Equal(got, any(map[string]any{"tier": "gold"})) {
			t.Errorf("%v: stage variables: got %v", rc["eventType"], got)
		}
	}
	if got := first["domainName"]; got != "k7demo9x2a.execute-api.eu-west-1.amazonaws.com" {
		t.Errorf("domainName: got %v, want the Host that the client named", got)
	}
	if got := first["identity"].(map[string]any)["userAgent"]; got != "Mozilla/5.0" {
		t.Errorf("identity: got user agent %v", got)
	}
}

func TestEvents_2_ForwardedHeadersAreTheGateways(t *testing.T) {
	e := start(t, setup{})
	e.dialTCP(t).handshake("/live", "x-forwarded-for: 192.0.2.1", "X-Forwarded-Proto: gopher")
	headers := decode(t, e.fn.calls("connect")[0])["headers"].(map[string]any)
	if got, want := headers["x-forwarded-for"], "192.0.2.1, 127.0.0.1"; got != want {
		t.Errorf("X-Forwarded-For: got %v, want %s", got, want)
	}
	if got, want := headers["X-Forwarded-Proto"], "http"; got != want {
		t.Errorf("X-Forwarded-Proto: got %v, want %s", got, want)
	}
}

func keysOf(v any) string {
	var keys []string
	for k := range v.(map[string]any) {
		keys = append(keys, k)
	}
	return strings.Join(sorted(keys), " ")
}

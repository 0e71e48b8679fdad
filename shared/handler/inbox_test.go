package handler_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"bellhop/shared/handler"
	"bellhop/shared/protocol"

	"github.com/aws/aws-lambda-go/events"
)

// request makes a request of the HTTP API.
func (d *desk) request(route, more string) events.APIGatewayV2HTTPResponse {
	d.t.Helper()
	var method string
	_, _ = fmt.Sscan(route, &method)
	var e events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(fmt.Appendf(nil, `{"version":"2.0","routeKey":%q,"requestContext":{"http":{"method":%q}},%s}`, route, method, more), &e); err != nil {
		d.t.Fatal(err)
	}
	got, err := handler.NewInbox(d.deps, d.log).Handle(d.t.Context(), e)
	if err != nil {
		d.t.Fatalf("%s: %v", route, err)
	}
	return got
}

// http makes a request and reads the answer.
func (d *desk) http(route, more string) (status int, answer map[string]any) {
	d.t.Helper()
	got := d.request(route, more)
	if err := json.Unmarshal([]byte(got.Body), &answer); err != nil {
		d.t.Fatalf("%s: body %s: %v", route, got.Body, err)
	}
	want := "application/json"
	if got.StatusCode >= 400 {
		want = "application/problem+json"
		if answer["status"] != float64(got.StatusCode) || answer["title"] == "" || answer["code"] == nil {
			d.t.Errorf("%s: problem %v, want status, title and code", route, answer)
		}
	}
	control := "no-store"
	if got.Headers["etag"] != "" {
		control = "private, no-cache"
	}
	if got.Headers["content-type"] != want || got.Headers["cache-control"] != control {
		d.t.Errorf("%s: headers %v, want %s and %s", route, got.Headers, want, control)
	}
	return got.StatusCode, answer
}

func TestInboxOverHTTP(t *testing.T) {
	d := setup(t)
	s := d.signIn("ada")
	d.join(s, "a")
	for range 3 {
		d.one(`{"users":["ada"],"notification":{"source":"s","type":"t","data":{}}}`)
	}
	d.took("a")
	cookie := fmt.Sprintf(`"cookies":["a=b","sessionid=%s"]`, s.Token)
	bearer := fmt.Sprintf(`"headers":{"authorization":"Bearer %s"}`, s.Token)
	from := `,"headers":{"origin":"https://example.com"}`
	body := func(text string) string { return fmt.Sprintf(`,"body":%q`, text) }
	for name, tt := range map[string]struct {
		route, more string
		status      int
		code        protocol.Code
	}{
		"health":                   {"GET /healthz", `"headers":{}`, 200, ""},
		"no credential":            {"GET /notifications", `"headers":{}`, 401, protocol.Unauthorized},
		"wrong token":              {"GET /notifications", `"cookies":["sessionid=x"]`, 401, protocol.Unauthorized},
		"cookie":                   {"GET /notifications", cookie, 200, ""},
		"bad query":                {"GET /notifications", cookie + `,"queryStringParameters":{"limit":"x","before":"-1"}`, 400, protocol.InvalidRequest},
		"limit too great":          {"GET /notifications", cookie + `,"queryStringParameters":{"limit":"101"}`, 400, protocol.InvalidRequest},
		"cookie without origin":    {"POST /tickets", cookie, 403, protocol.Forbidden},
		"cookie of another origin": {"POST /notifications/mark", cookie + `,"headers":{"origin":"https://evil.example"}` + body(`{"state":"read","through":3}`), 403, protocol.Forbidden},
		"bearer without origin":    {"POST /tickets", bearer, 201, ""},
		"no body":                  {"POST /notifications/mark", cookie + from, 400, protocol.InvalidRequest},
		"faulty mark":              {"POST /notifications/mark", cookie + from + body(`{"state":"gone"}`), 400, protocol.InvalidRequest},
		"unknown item":             {"POST /notifications/mark", cookie + from + body(`{"state":"read","items":[99]}`), 404, protocol.NotFound},
		"unknown route":            {"$default", cookie + from, 404, protocol.NotFound},
	} {
		status, answer := d.http(tt.route, tt.more)
		if code, _ := answer["code"].(string); status != tt.status || code != string(tt.code) {
			t.Errorf("%s: %d %v, want %d %s", name, status, answer, tt.status, tt.code)
		}
	}
	if len(d.took("a")) != 0 {
		t.Error("a refused mark was told to a device")
	}
	_, page := d.http("GET /notifications", cookie+`,"queryStringParameters":{"limit":"2"}`)
	if page["user"] != "ada" || page["next"] != 2.0 || page["unread"] != 3.0 || len(page["items"].([]any)) != 2 {
		t.Errorf("page %v, want ada's two newest, next 2", page)
	}
	if status, done := d.http("POST /notifications/mark", cookie+from+body(`{"state":"read","through":3}`)); status != 200 || done["offset"] != 4.0 || done["unread"] != 0.0 {
		t.Errorf("mark: %d %v, want offset 4 and nothing unread", status, done)
	}
	if frames := d.took("a"); len(frames) != 1 || decode[protocol.StateChange](t, frames[0]).Through != 3 {
		t.Errorf("frames %v, want the mark told to the device", frames)
	}
	if _, answer := d.http("GET /healthz", `"headers":{}`); answer["status"] != "ok" {
		t.Errorf("health %v, want ok", answer)
	}
}

func TestATicketOpensOneSocket(t *testing.T) {
	d := setup(t)
	s := d.signIn("ada")
	_, ticket := d.http("POST /tickets", fmt.Sprintf(`"headers":{"authorization":"Bearer %s"}`, s.Token))
	open := func() string {
		e := handler.Handshake{
			MethodArn: arn, Headers: handler.HandshakeHeaders{Origin: []string{"https://example.com"}},
			Query: map[string]string{"ticket": ticket["ticket"].(string)},
		}
		got, err := handler.NewAuthorize(d.deps).Handle(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		return got.PolicyDocument.Statement[0].Effect
	}
	if first, second := open(), open(); first != "Allow" || second != "Deny" {
		t.Errorf("a ticket used twice: %s, %s, want Allow, Deny", first, second)
	}
}

func TestSessionsRequests(t *testing.T) {
	d := setup(t)
	for request, wrong := range map[string]bool{
		`{"op":"create","user":"ada"}`: false, `{"op":"create","user":"ada","ttl":31536000}`: false,
		`{"op":"create","user":"ada","ttl":31536001}`: true, `{"op":"create","user":"ada","ttl":0}`: true,
		`{"op":"create"}`: true, `{"op":"dance"}`: true, `{}`: true, `[]`: true, `{`: true,
		`{"op":"revoke"}`: true, `{"op":"revoke","user":"ada","token":"x"}`: true, `{"op":"revoke","user":"nobody"}`: false,
	} {
		got, err := handler.NewSessions(d.deps).Handle(t.Context(), json.RawMessage(request))
		if _, refused := got.(handler.Refused); err != nil || refused != wrong {
			t.Errorf("%s: %+v, %v, want refused %v", request, got, err, wrong)
		}
	}
	got, err := handler.NewSessions(d.deps).Handle(t.Context(), json.RawMessage(`{"op":"create","user":"bob"}`))
	if created, ok := got.(handler.Created); err != nil || !ok || !created.Expires.Equal(d.now.Add(14*24*time.Hour)) {
		t.Errorf("%+v, %v, want a session of 14 days", got, err)
	}
}

package service_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"bellhop/localdev/service"
)

// call is a request to the HTTP API.
type call struct {
	method, path, body     string
	cookie, bearer, origin string
}

// reply is its answer; fields are those of a JSON object.
type reply struct {
	status int
	header http.Header
	body   string
	fields map[string]any
}

func (r reply) text(field string) string {
	if v, ok := r.fields[field]; ok {
		return fmt.Sprint(v)
	}
	return "absent"
}

func (e *env) request(t testing.TB, c call) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(within(t), c.method, "http://"+e.addr+c.path, strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"Cookie": "sessionid=" + c.cookie, "Authorization": "Bearer " + c.bearer, "Origin": c.origin} {
		if !strings.HasSuffix(value, "=") && !strings.HasSuffix(value, " ") && value != "" {
			req.Header.Set(name, value)
		}
	}
	res, err := e.http.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", c.method, c.path, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", c.method, c.path, err)
	}
	r := reply{status: res.StatusCode, header: res.Header, body: string(body)}
	_ = json.Unmarshal(body, &r.fields) // the page is no JSON
	return r
}

func (e *env) ticket(token string) string {
	e.t.Helper()
	r := e.request(e.t, call{method: "POST", path: "/tickets", bearer: token})
	if r.status != http.StatusCreated || r.text("ticket") == "absent" || r.text("expires") == "absent" {
		e.t.Fatalf("ticket: got %d %s, want 201 with a ticket", r.status, r.body)
	}
	return r.text("ticket")
}

func TestHTTP_Notifications(t *testing.T) {
	e := start(t, service.Options{})
	token := e.signIn("ada").Token
	for i := range 5 {
		e.publish(order("ada", fmt.Sprint(i+1), ""))
	}
	for _, c := range []call{{cookie: token}, {bearer: token}, {cookie: token, origin: "https://evil.test"}} {
		c.method, c.path = "GET", "/notifications?limit=2"
		r := e.request(t, c)
		if r.status != http.StatusOK || r.text("user") != "ada" || r.text("offset") != "5" || r.text("unread") != "5" ||
			r.text("unseen") != "5" || r.text("next") != "4" || r.text("epoch") == "absent" {
			t.Errorf("%+v: got %d %s, want the newest two", c, r.status, r.body)
		}
		if got := r.header.Get("Content-Type"); got != "application/json" {
			t.Errorf("content type: got %q", got)
		}
	}
	r := e.request(t, call{method: "GET", path: "/notifications?before=4&limit=100", bearer: token})
	if items, _ := r.fields["items"].([]any); len(items) != 3 || r.text("next") != "absent" {
		t.Errorf("the rest: got %s, want 3 items and no next", r.body)
	}
	if r = e.request(t, call{method: "GET", path: "/notifications?type=other", bearer: token}); !strings.Contains(r.body, `"items":[]`) {
		t.Errorf("another type: got %s, want no items", r.body)
	}
}

func TestHTTP_Problems(t *testing.T) {
	e := start(t, service.Options{})
	token := e.signIn("ada").Token
	for _, tt := range []struct {
		name   string
		call   call
		status int
		code   string
	}{
		{"NoCredential", call{method: "GET", path: "/notifications"}, 401, "unauthorized"},
		{"UnknownToken", call{method: "GET", path: "/notifications", bearer: "x"}, 401, "unauthorized"},
		{"BadLimit", call{method: "GET", path: "/notifications?limit=101", bearer: token}, 400, "invalid_request"},
		{"LimitNoNumber", call{method: "GET", path: "/notifications?limit=many", bearer: token}, 400, "invalid_request"},
		{"MarkNothing", call{method: "POST", path: "/notifications/mark", body: `{}`, bearer: token}, 400, "invalid_request"},
		{"MarkGarbage", call{method: "POST", path: "/notifications/mark", body: `{{`, bearer: token}, 400, "invalid_request"},
		{"MarkNoItem", call{method: "POST", path: "/notifications/mark", body: `{"state":"read","items":[7]}`, bearer: token}, 404, "not_found"},
		{"CookieFromAForeignOrigin", call{method: "POST", path: "/notifications/mark", body: `{"state":"read","through":1}`, cookie: token, origin: "https://evil.test"}, 403, "forbidden"},
		{"CookieWithoutAnOrigin", call{method: "POST", path: "/tickets", cookie: token}, 403, "forbidden"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := e.request(t, tt.call)
			if r.status != tt.status || r.text("code") != tt.code || r.text("status") != fmt.Sprint(tt.status) {
				t.Errorf("got %d %s, want %d %s", r.status, r.body, tt.status, tt.code)
			}
			if got := r.header.Get("Content-Type"); got != "application/problem+json" {
				t.Errorf("content type: got %q, want application/problem+json", got)
			}
			for _, field := range []string{"type", "title", "detail", "temporary"} {
				if r.text(field) == "absent" {
					t.Errorf("got %s, want the field %s", r.body, field)
				}
			}
		})
	}
	if r := e.request(t, call{method: "POST", path: "/tickets", cookie: token, origin: page}); r.status != http.StatusCreated {
		t.Errorf("ticket for the page's own origin: got %d %s, want 201", r.status, r.body)
	}
}

func TestHTTP_HealthPageAndNothing(t *testing.T) {
	e := start(t, service.Options{})
	if r := e.request(t, call{method: "GET", path: "/healthz"}); r.status != 200 || r.text("status") != "ok" {
		t.Errorf("health: got %d %s", r.status, r.body)
	}
	if r := e.request(t, call{method: "GET", path: "/"}); r.status != 200 || !strings.HasPrefix(r.header.Get("Content-Type"), "text/html") {
		t.Errorf("page: got %d %s", r.status, r.header)
	}
	if r := e.request(t, call{method: "GET", path: "/nothing"}); r.status != 404 {
		t.Errorf("nothing: got %d, want 404", r.status)
	}
	if r := e.request(t, call{method: "GET", path: service.SocketPath}); r.status != http.StatusUpgradeRequired {
		t.Errorf("socket without an upgrade: got %d, want 426", r.status)
	}
}

// TestHTTP_BeyondTheLimit asks until the bucket is empty.
func TestHTTP_BeyondTheLimit(t *testing.T) {
	e := start(t, service.Options{Parameters: map[string]string{"UserRateLimit": "1", "UserBurstLimit": "3"}})
	ask := call{method: "GET", path: "/notifications", bearer: e.signIn("ada").Token}
	var r reply
	for range 1000 {
		if r = e.request(t, ask); r.status != http.StatusOK {
			break
		}
	}
	if r.status != http.StatusTooManyRequests || r.text("code") != "too_many_requests" || r.text("after") != "1" || r.header.Get("Retry-After") != "1" {
		t.Errorf("got %d %s with Retry-After %q, want 429, too_many_requests and a second", r.status, r.body, r.header.Get("Retry-After"))
	}
	if r := e.request(t, call{method: "GET", path: "/notifications", bearer: e.signIn("eve").Token}); r.status != http.StatusOK {
		t.Errorf("another user: got %d %s, want 200", r.status, r.body)
	}
}

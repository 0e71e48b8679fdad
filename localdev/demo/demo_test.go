package demo

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bellhop/localdev/lambda"
)

func TestDemo_Matches(t *testing.T) {
	d := New(&invoker{}, Options{})
	for _, c := range []struct {
		method, path string
		want         bool
	}{
		{"GET", "/", true},
		{"HEAD", "/", true},
		{"POST", "/", false},
		{"GET", "/demo/static/app.js", true},
		{"POST", "/demo/publish", true},
		{"DELETE", "/demo/whatever", true},
		{"GET", "/demo", false},
		{"GET", "/notifications", false},
	} {
		if got := d.Matches(c.method, c.path); got != c.want {
			t.Errorf("%s %s: got %v, want %v", c.method, c.path, got, c.want)
		}
	}
}

func TestDemo_Files(t *testing.T) {
	d := New(&invoker{}, Options{})
	for path, contentType := range map[string]string{
		"/":                       "text/html; charset=utf-8",
		"/demo/static/app.js":     "text/javascript; charset=utf-8",
		"/demo/static/bellhop.js": "text/javascript; charset=utf-8",
		"/demo/static/base.css":   "text/css; charset=utf-8",
		"/demo/static/bell.svg":   "image/svg+xml",
	} {
		a := send(t, d, get(path))
		if a.status != 200 || a.body == "" || a.header.Get("Content-Type") != contentType {
			t.Errorf("%s: got %d, %d bytes of %q, want %q", path, a.status, len(a.body), a.header.Get("Content-Type"), contentType)
		}
		want := map[string]string{
			"Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
			"X-Content-Type-Options":  "nosniff",
			"Cache-Control":           "no-cache",
		}
		for name, value := range want {
			if got := a.header.Get(name); got != value {
				t.Errorf("%s: %s: got %q, want %q", path, name, got, value)
			}
		}
	}
}

func TestDemo_FileUnchanged(t *testing.T) {
	d := New(&invoker{}, Options{})
	first := send(t, d, get("/demo/static/app.js"))
	tag := first.header.Get("ETag")
	again := send(t, d, get("/demo/static/app.js", "if-none-match: W/"+tag))
	if tag == "" || again.status != 304 || again.body != "" {
		t.Errorf("ETag %q: got %d with %d bytes, want 304 with none", tag, again.status, len(again.body))
	}
	if a := send(t, d, get("/demo/static/app.js", `If-None-Match: "other"`)); a.body != first.body {
		t.Errorf("another ETag: got %d with %d bytes, want the file", a.status, len(a.body))
	}
}

func TestDemo_NotThere(t *testing.T) {
	d := New(&invoker{}, Options{})
	for _, path := range []string{"/demo/", "/demo/static/", "/demo/static/../demo.go", "/demo/static/index.html", "/demo/nothing"} {
		wantError(t, send(t, d, get(path)), 404, "not_found")
	}
}

func TestDemo_Methods(t *testing.T) {
	d := New(&invoker{}, Options{})
	for request, allow := range map[string]string{
		get("/demo/publish"):              "POST",
		post("/demo/me", "{}"):            "GET, HEAD",
		post("/demo/static/app.js", "{}"): "GET, HEAD",
	} {
		a := send(t, d, request)
		wantError(t, a, 405, "invalid_request")
		if got := a.header.Get("Allow"); got != allow {
			t.Errorf("%.30q: Allow: got %q, want %q", request, got, allow)
		}
	}
}

func TestDemo_Me(t *testing.T) {
	d := New(&invoker{}, Options{Users: []string{"ada", "bob"}, PublishFunction: "shop-publish", CookieName: "sid"})
	for cookies, user := range map[string]string{
		"":                                 "",
		"sid=t; bellhop_demo_user=bob":     "bob",
		"bellhop_demo_user=bob":            "", // its session is gone
		"sid=t; bellhop_demo_user=mallory": "",
		"sid=t":                            "",
	} {
		want := fmt.Sprintf(`{"publishFunction":"shop-publish","user":%q,"users":["ada","bob"]}`, user)
		a := send(t, d, get("/demo/me", "Cookie: "+cookies))
		if a.body != want || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("cookies %q: got %s (%s), want %s", cookies, a.body, a.header.Get("Cache-Control"), want)
		}
	}
}

func TestDemo_Publish(t *testing.T) {
	const request, result = `{"users": ["ada"], "notification": {}}`, `{"error": {"code": "invalid_request"}}`
	i := &invoker{answers: map[string]string{"bellhop-publish": result}}
	a := send(t, New(i, Options{}), post("/demo/publish", request))
	if a.status != 200 || a.body != result || a.header.Get("Content-Type") != "application/json" {
		t.Errorf("got %d %s, want the function's answer as it is", a.status, a.body)
	}
	if diff := cmp.Diff([]call{{"bellhop-publish", request}}, i.calls, cmp.AllowUnexported(call{})); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// What a page of another origin could make a browser send reaches no function.
func TestDemo_ForgedPosts(t *testing.T) {
	i := &invoker{answers: map[string]string{}}
	d := New(i, Options{})
	const jsonType, own = "Content-Type: application/json", "Origin: http://localhost:8000"
	for _, path := range []string{"/demo/publish", "/demo/sign-in", "/demo/sign-out"} {
		for _, c := range []struct {
			headers []string
			status  int
			code    string
		}{
			{[]string{own}, 400, "invalid_request"},
			{[]string{own, "Content-Type: text/plain"}, 400, "invalid_request"},
			{[]string{own, "Content-Type: text/plain; application/json"}, 400, "invalid_request"},
			{[]string{jsonType}, 403, "forbidden"},
			{[]string{jsonType, "Origin: null"}, 403, "forbidden"},
			{[]string{jsonType, "Origin: http://evil.example"}, 403, "forbidden"},
			{[]string{jsonType, "Origin: http://localhost:8001"}, 403, "forbidden"},
			{[]string{jsonType, "Origin: http://localhost:8000.evil.example"}, 403, "forbidden"},
			{[]string{jsonType, "Origin: http://localhost:8000@evil.example"}, 403, "forbidden"},
			{[]string{jsonType, "Origin: ftp://localhost:8000"}, 403, "forbidden"},
		} {
			a := send(t, d, postWith(path, `{"user":"ada"}`, c.headers...))
			if a.status != c.status || !strings.Contains(a.body, c.code) || len(a.cookies) > 0 {
				t.Errorf("%s with %q: got %d %s, want %d %s", path, c.headers, a.status, a.body, c.status, c.code)
			}
		}
	}
	if len(i.calls) > 0 {
		t.Errorf("functions were invoked: %v", i.calls)
	}
}

func TestDemo_BadBodies(t *testing.T) {
	d := New(&invoker{}, Options{})
	wantError(t, send(t, d, post("/demo/publish", `{"users":`)), 400, "invalid_request")
	wantError(t, send(t, d, post("/demo/publish", `"`+strings.Repeat("x", MaxBody)+`"`)), 413, "too_large")
}

func TestDemo_FunctionErrors(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		code   string
	}{
		{&lambda.FunctionError{Type: "errorString", Message: "secret"}, 500, "internal"},
		{fmt.Errorf("%w: %q", lambda.ErrNotFound, "bellhop-publish"), 404, "not_found"},
		{lambda.ErrThrottled, 429, "too_many_requests"},
		{fmt.Errorf("invoke: %w", context.DeadlineExceeded), 503, "unavailable"},
		{fmt.Errorf("secret"), 500, "internal"},
	} {
		for _, path := range []string{"/demo/publish", "/demo/sign-in"} {
			a := send(t, New(&invoker{err: c.err}, Options{}), post(path, `{"user":"ada"}`))
			wantError(t, a, c.status, c.code)
			if strings.Contains(a.body, "secret") {
				t.Errorf("%v: the answer tells its text: %s", c.err, a.body)
			}
		}
	}
}

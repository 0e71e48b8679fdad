package integration

import (
	"strings"
	"testing"
	"time"
)

// Whatever a template says of an endpoint and a client sends, a request comes of it
// that names the template's host, or an error.
func FuzzRequest(f *testing.F) {
	f.Add("integration.request.path.room", "route.request.body.room", "/{room}/x", `{"room":"a/b"}`)
	f.Add("integration.request.querystring.q", "context.connectionId", "/${stageVariables.host}?a=b", "text")
	f.Add("integration.request.header.X-Team", "route.request.body.a['b']", "", `{"a":{"b":"\r\nX: y"}}`)
	f.Add("integration.request.path.room", "route.request.body.room", "/..{room}", `{"room":"@evil"}`)
	f.Fuzz(func(t *testing.T, key, source, path, message string) {
		if !strings.HasPrefix(path, "/") {
			path = "/" + path
		}
		e, err := newEndpoint(Spec{Kind: HTTP, URI: "http://backend.test" + path, Timeout: time.Second, Parameters: map[string]string{key: source}}, nil)
		if err != nil {
			return
		}
		r, err := e.request(t.Context(), []byte(message), Request{Vars: vars, message: []byte(message)})
		if err == nil && r.URL.Host != "backend.test" {
			t.Errorf("%s to %s by %q: got host %s", path, key, message, r.URL.Host)
		}
	})
}

// A key of responses is refused, or matches and fails to match without a panic.
func FuzzResponseKey(f *testing.F) {
	f.Add(`/2\d\d/`, "204")
	f.Add("$default", "")
	f.Fuzz(func(_ *testing.T, key, status string) {
		if re, err := parseResponseKey(key); err == nil {
			re.MatchString(status)
		}
	})
}

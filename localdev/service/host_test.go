package service_test

import (
	"net/http"
	"strings"
	"testing"

	"bellhop/localdev/service"
)

// A site whose name leads to this machine (DNS rebinding) gets nothing of what
// asks for no credential, and a page of another site cannot post to it.
func TestAttack_DNSRebindingAndForeignPosts(t *testing.T) {
	e := start(t, service.Options{Host: "bell.test"})
	_, port, _ := strings.Cut(e.addr, ":")
	const invoke = "/2015-03-31/functions/bellhop-sessions/invocations"
	const create = `{"op":"create","user":"ada"}`
	for _, tt := range []struct {
		name, host, origin string
		want               int
	}{
		{"localhost", "localhost:" + port, "", 200},
		{"in capitals with a dot", "LocalHost.:" + port, "", 200},
		{"an address", e.addr, "", 200},
		{"the loopback of IPv6", "[::1]:" + port, "", 200},
		{"the --host", "bell.test:" + port, "", 200},
		{"below localhost", "app.localhost:" + port, "", 200},
		{"a container's name of the host", "host.docker.internal:" + port, "", 200},
		{"the page itself", "localhost:" + port, "http://localhost:" + port, 200},
		{"another site's name", "evil.test:" + port, "http://evil.test:" + port, 403},
		{"another site's name without a port", "evil.test", "", 403},
		{"a name that ends alike", "notlocalhost:" + port, "", 403},
		{"a name that begins alike", "localhost.evil.test:" + port, "", 403},
		{"an address as a name", "127.0.0.1.evil.test:" + port, "", 403},
		{"another site's page", "localhost:" + port, "https://evil.test", 403},
		{"a page without an origin", "localhost:" + port, "null", 403},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, r := range []call{{method: "POST", path: invoke, body: create}, {method: "GET", path: "/demo/me"}, {method: "GET", path: "/"}, {method: "GET", path: "/_inspector"}} {
				if got := e.statusOf(t, r, tt.host, tt.origin); got != tt.want {
					t.Errorf("%s %s: got %d, want %d", r.method, r.path, got, tt.want)
				}
			}
			for _, path := range []string{"/@connections/nobody", "/live/%40connections/nobody", "/_inspector/events/x", "/_inspector/events/x/payload"} {
				if got := e.statusOf(t, call{method: "GET", path: path}, tt.host, tt.origin); (got == http.StatusForbidden) != (tt.want == http.StatusForbidden) {
					t.Errorf("GET %s: got %d, want 403: %v", path, got, tt.want == http.StatusForbidden)
				}
			}
		})
	}
}

// statusOf is the status of a request with these headers.
func (e *env) statusOf(t *testing.T, c call, host, origin string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(within(t), c.method, "http://"+e.addr+c.path, strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	req.Host = host
	if origin != "" {
		req.Header.Set("Origin", origin)
	}
	res, err := e.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode
}

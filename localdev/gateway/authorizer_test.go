package gateway

import (
	"strings"
	"testing"
)

func TestAuthorizer_3_ContextValues(t *testing.T) {
	for _, tt := range []struct{ context, want string }{
		{`{"s":"x","n":1,"f":1.50,"b":true,"z":null}`, `"s":"x","n":"1","f":"1.50","b":"true","principalId":"u"`},
		{`{}`, `"principalId":"u"`},
		{`null`, `"principalId":"u"`},
		{`{"principalId":"other","integrationLatency":1}`, `"principalId":"u"`},
		{`{"o":{}}`, ""},
		{`{"a":[]}`, ""},
		{`"text"`, ""},
	} {
		v, err := (&authorizer{}).parseVerdict([]byte(`{"principalId":"u","policyDocument":{"Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}]},"context":` + tt.context + `}`))
		if got := v.members; err == nil && got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%s: got %s, %v, want %s", tt.context, got, err, tt.want)
		}
	}
}

func TestAuthorizer_3_ResultOver8KiBIs500(t *testing.T) {
	for size, want := range map[int]int{100: 101, 8 << 10: 500} {
		api, fn := testAPI(), testFunctions()
		withAuthorizer(&api)
		fn.byName["authorizer"] = returns(strings.Replace(allow, "acme", strings.Repeat("x", size), 1))
		e := start(t, setup{api: &api, fn: fn})
		if r := e.dialTCP(t).handshake("/live"); r.StatusCode != want {
			t.Errorf("context of %d bytes: got %d, want %d", size, r.StatusCode, want)
		}
	}
}

func TestAuthorizer_3_IdentitySources(t *testing.T) {
	api := testAPI()
	api.StageVariables = map[string]string{"tier": "gold"}
	api.Authorizer = &Authorizer{Function: "authorizer", IdentitySources: []string{
		"route.request.header.x-team", "route.request.querystring.t", "stageVariables.tier", "context.identity.sourceIp",
	}}
	e := start(t, setup{api: &api})
	if r := e.dialTCP(t).handshake("/live?t=1", "X-TEAM: red"); r.StatusCode != 101 {
		t.Errorf("all there: got %d, want 101", r.StatusCode)
	}
	if n := len(e.fn.calls("authorizer")); n != 1 {
		t.Errorf("authorizer: got %d calls, want 1", n)
	}
	if r := e.dialTCP(t).handshake("/live?T=1", "X-TEAM: red"); r.StatusCode != 401 {
		t.Errorf("query name in another case: got %d, want 401", r.StatusCode)
	}
	if n := len(e.fn.calls("authorizer")); n != 1 {
		t.Errorf("authorizer: got %d calls after 401, want still 1", n)
	}
}

// The policy is about $connect alone: a Deny on another route is not looked at
// when a message comes, and no message asks the authorizer again.
func TestAuthorizer_3_MessagesAreNotAuthorized(t *testing.T) {
	api, fn := testAPI(), testFunctions()
	withAuthorizer(&api)
	fn.byName["authorizer"] = returns(`{"principalId":"u","policyDocument":{"Statement":[` +
		`{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*/$connect"},{"Effect":"Deny","Action":"*","Resource":"*/twoway"}]}}`)
	e := start(t, setup{api: &api, fn: fn})
	c := e.connect(t)
	c.send(text(`{"type":"twoway"}`))
	c.wantText(`{"type":"twoway"}`)
	if n := len(fn.calls("authorizer")); n != 1 {
		t.Errorf("authorizer: got %d calls, want 1", n)
	}
}

// A policy that changes from one client to the next is not mixed up.
func TestAuthorizer_3_PolicyOfThisAnswerCounts(t *testing.T) {
	api, fn := testAPI(), testFunctions()
	withAuthorizer(&api)
	e := start(t, setup{api: &api, fn: fn})
	for i, effect := range []string{"Allow", "Deny", "Allow"} {
		fn.byName["authorizer"] = returns(strings.Replace(allow, "Allow", effect, 1))
		want := map[string]int{"Allow": 101, "Deny": 403}[effect]
		if r := e.dialTCP(t).handshake("/live"); r.StatusCode != want {
			t.Errorf("%d %s: got %d, want %d", i, effect, r.StatusCode, want)
		}
	}
}

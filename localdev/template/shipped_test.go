package template_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bellhop/localdev/template"
)

func functionNamed(t testing.TB, s *template.Stack, id string) template.Function {
	t.Helper()
	for _, f := range s.Functions {
		if f.LogicalID == id {
			return f
		}
	}
	t.Fatalf("no function %s", id)
	return template.Function{}
}

// Renaming one of these would make a deployed stack lose its data, or its callers.
func TestLogicalIDsStay(t *testing.T) {
	t.Parallel()
	stack := loadShipped(t, nil)
	got := map[string]string{}
	for _, table := range stack.Tables {
		got[table.LogicalID] = table.Name
	}
	for _, f := range stack.Functions {
		got[f.LogicalID] = f.Name
	}
	want := map[string]string{
		"InboxTable": "bellhop-InboxTable", "ConnectionsTable": "bellhop-ConnectionsTable", "SessionsTable": "bellhop-SessionsTable",
		"AuthorizerFunction": "bellhop-authorizer", "ConnectFunction": "bellhop-connect",
		"DisconnectFunction": "bellhop-disconnect", "MessageFunction": "bellhop-message",
		"PublishFunction": "bellhop-publish", "SessionsFunction": "bellhop-sessions", "InboxFunction": "bellhop-inbox",
		"SweepFunction": "bellhop-sweep",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestFunctions(t *testing.T) {
	t.Parallel()
	for _, f := range loadShipped(t, nil).Functions {
		short := strings.TrimPrefix(f.Name, "bellhop-")
		if want := "functions/" + short; f.CodeURI != want {
			t.Errorf("%s: code is %q, want %q", f.LogicalID, f.CodeURI, want)
		}
		if want := "arn:aws:lambda:eu-west-1:123456789012:function:" + f.Name; f.ARN != want {
			t.Errorf("%s: ARN is %q, want %q", f.LogicalID, f.ARN, want)
		}
		if f.Handler != "bootstrap" || f.Runtime != "provided.al2023" || !slices.Equal(f.Architectures, []string{"arm64"}) {
			t.Errorf("%s: got %s on %s %v, want bootstrap on provided.al2023 [arm64]", f.LogicalID, f.Handler, f.Runtime, f.Architectures)
		}
		if behindGateway := f.LogicalID != "PublishFunction" && f.LogicalID != "SessionsFunction" && f.LogicalID != "SweepFunction"; behindGateway && f.Timeout > 29*time.Second {
			t.Errorf("%s: times out after %v, want at most 29 s", f.LogicalID, f.Timeout)
		}
	}
}

// grants are the rights of each function: one line for each statement, actions
// and then resources. All begin with dynamodb: or are ManageConnections.
func TestGrants(t *testing.T) {
	t.Parallel()
	const (
		inbox       = "GetItem BatchGetItem Query PutItem UpdateItem DeleteItem ConditionCheckItem on InboxTable"
		inboxIndex  = "Query on InboxTable/index/by-change InboxTable/index/by-unread"
		push        = "ManageConnections on POST DELETE"
		connections = "Query DeleteItem on ConnectionsTable"
	)
	want := map[string][]string{
		"AuthorizerFunction": {"GetItem UpdateItem DeleteItem on SessionsTable", "Query UpdateItem on ConnectionsTable"},
		"ConnectFunction":    {"PutItem on ConnectionsTable"},
		"DisconnectFunction": {"DeleteItem on ConnectionsTable"},
		"MessageFunction": {
			"GetItem UpdateItem on SessionsTable", "PutItem UpdateItem DeleteItem Query on ConnectionsTable", inbox, inboxIndex, push,
		},
		"PublishFunction": {inbox, inboxIndex, connections, push},
		"SessionsFunction": {
			"PutItem GetItem UpdateItem DeleteItem on SessionsTable", "Query on SessionsTable/index/by-user",
			"Query UpdateItem DeleteItem on ConnectionsTable", push,
		},
		"SweepFunction": {
			"GetItem on SessionsTable", "Query UpdateItem DeleteItem on ConnectionsTable",
			"Query on ConnectionsTable/index/by-end", push,
		},
		"InboxFunction": {
			"GetItem PutItem UpdateItem on SessionsTable", inbox, inboxIndex, "Query PutItem UpdateItem DeleteItem on ConnectionsTable", push,
		},
	}
	stack := loadShipped(t, nil)
	got := map[string][]string{}
	for _, f := range stack.Functions {
		for _, s := range f.Statements {
			got[f.LogicalID] = append(got[f.LogicalID], grant(stack, s))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// grant renders a statement as the table above writes it. What does not have the
// form expected is left as it is, and shows.
func grant(s *template.Stack, st template.Statement) string {
	tables := "arn:aws:dynamodb:eu-west-1:123456789012:table/" + s.Name + "-"
	api := "arn:aws:execute-api:eu-west-1:123456789012:" + s.WebSocketAPIs[0].ID + "/live/"
	short := strings.NewReplacer("dynamodb:", "", "execute-api:", "").Replace
	var actions, resources []string
	for _, a := range st.Actions {
		actions = append(actions, short(a))
	}
	for _, r := range st.Resources {
		r = strings.TrimPrefix(r, tables)
		if method, ok := strings.CutPrefix(r, api); ok {
			r = strings.TrimSuffix(method, "/@connections/*")
		}
		resources = append(resources, r)
	}
	text := strings.Join(actions, " ") + " on " + strings.Join(resources, " ")
	if st.Effect != "Allow" {
		text = st.Effect + " " + text
	}
	return text
}

// Every variable is a parameter in UPPER_SNAKE whose description names it, or the
// name of a table.
func TestEnvironmentIsDocumented(t *testing.T) {
	t.Parallel()
	stack := loadShipped(t, nil)
	documented, keys := map[string]string{}, map[string]string{} // keys: for who checks credentials
	for _, p := range stack.Parameters {
		if variable := upperSnake(p.LogicalID); strings.Contains(p.Description, variable+" of every function") {
			documented[variable] = p.Value
		} else if strings.Contains(p.Description, variable+" of the ") {
			keys[variable] = p.Value
		}
	}
	for _, table := range stack.Tables {
		documented[upperSnake(table.LogicalID)] = table.Name
	}
	want := []string{
		"ALLOWED_ORIGINS", "CONNECTIONS_TABLE", "CONNECTION_BURST_LIMIT", "CONNECTION_RATE_LIMIT", "INBOX_TABLE", "LOG_LEVEL",
		"MAX_CONNECTIONS_PER_USER", "RETENTION_DAYS", "SESSIONS_TABLE", "SESSION_COOKIE_NAME", "SESSION_IDLE_MINUTES", "SESSION_MAX_AGE_DAYS",
		"USER_BURST_LIMIT", "USER_RATE_LIMIT",
	}
	wantKeys := []string{
		"DJANGO_SECRET_KEY", "DJANGO_SECRET_KEY_FALLBACKS", "DJANGO_SESSION_COOKIE_AGE", "DJANGO_SESSION_SALT",
		"JWT_ALGORITHMS", "JWT_AUDIENCE", "JWT_ISSUER", "JWT_JWKS_URL", "JWT_USER_CLAIM",
	}
	for _, f := range stack.Functions {
		documented, want := maps.Clone(documented), slices.Clone(want)
		if f.LogicalID == "AuthorizerFunction" || f.LogicalID == "InboxFunction" {
			maps.Copy(documented, keys)
			want = append(want, wantKeys...)
			slices.Sort(want)
		}
		if diff := cmp.Diff(documented, f.Environment); diff != "" {
			t.Errorf("%s: -documented +got:\n%s", f.LogicalID, diff)
		}
		var got []string
		for variable := range f.Environment {
			got = append(got, variable)
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", f.LogicalID, diff)
		}
	}
}

func upperSnake(camel string) string {
	var b strings.Builder
	for i, r := range camel {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return strings.ToUpper(b.String())
}

func TestWebSocketAPI(t *testing.T) {
	t.Parallel()
	stack := loadShipped(t, nil)
	if len(stack.WebSocketAPIs) != 1 {
		t.Fatalf("got %d WebSocket APIs, want 1", len(stack.WebSocketAPIs))
	}
	api := stack.WebSocketAPIs[0]
	if api.RouteSelectionExpression != "$request.body.type" || len(api.ID) != 10 {
		t.Errorf("got selection %q and id %q", api.RouteSelectionExpression, api.ID)
	}
	type row struct {
		Function, Type, Authorization, Authorizer string
		TwoWay                                    bool
	}
	message := row{Function: "MessageFunction", Type: "AWS_PROXY", Authorization: "NONE", TwoWay: true}
	oneWay := message
	oneWay.TwoWay = false
	want := map[string]row{
		"$connect":    {"ConnectFunction", "AWS_PROXY", "CUSTOM", "WebSocketAuthorizer", false},
		"$disconnect": {"DisconnectFunction", "AWS_PROXY", "NONE", "", false},
		"$default":    message, "hello": message, "list": message, "mark": message, "ack": oneWay,
		"ping": {"", "MOCK", "NONE", "", true},
	}
	got := map[string]row{}
	for _, r := range api.Routes {
		got[r.Key] = row{r.Integration.Function, r.Integration.Type, r.AuthorizationType, r.Authorizer, r.TwoWay()}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("routes: -want +got:\n%s", diff)
	}
	if a := api.Authorizers[0]; a.Function != "AuthorizerFunction" || len(a.IdentitySources) != 0 {
		t.Errorf("authorizer: got function %q, sources %v", a.Function, a.IdentitySources)
	}
	if s := api.Stages[0]; s.Name != "live" || !s.AutoDeploy || s.Throttle != (template.Throttle{Rate: 500, Burst: 1000}) {
		t.Errorf("stage: got %+v", s)
	}
}

// ping is answered by the gateway alone, with a pong.
func TestPing(t *testing.T) {
	t.Parallel()
	routes := loadShipped(t, nil).WebSocketAPIs[0].Routes
	i := slices.IndexFunc(routes, func(r template.Route) bool { return r.Key == "ping" })
	ping := routes[i].Integration
	if got := ping.RequestTemplates[ping.TemplateSelectionExpression]; got != `{"statusCode":200}` {
		t.Errorf("request template: got %q", got)
	}
	if len(ping.Responses) != 1 || ping.Responses[0].Key != "$default" {
		t.Fatalf("responses: got %+v, want one for $default", ping.Responses)
	}
	if r := ping.Responses[0]; r.Templates[r.TemplateSelectionExpression] != `{"type":"pong"}` {
		t.Errorf("response template: got %q", r.Templates)
	}
}

func TestHTTPAPI(t *testing.T) {
	t.Parallel()
	api := loadShipped(t, nil).HTTPAPIs[0]
	var keys []string
	for _, r := range api.Routes {
		keys = append(keys, r.Key)
		if r.Integration.Function != "InboxFunction" || r.Integration.PayloadFormatVersion != "2.0" || r.Integration.Timeout != 30*time.Second {
			t.Errorf("%s: got %+v", r.Key, r.Integration)
		}
	}
	want := []string{"GET /notifications", "POST /notifications/mark", "POST /tickets", "GET /healthz"}
	if diff := cmp.Diff(want, keys); diff != "" {
		t.Errorf("routes: -want +got:\n%s", diff)
	}
	if api.Stages[0].Name != "$default" {
		t.Errorf("stage: got %q, want $default", api.Stages[0].Name)
	}
}

func TestTables(t *testing.T) {
	t.Parallel()
	type shape struct {
		Key           template.Key
		Attributes    map[string]string
		Local, Global []template.Index
	}
	want := map[string]shape{
		"InboxTable": {
			template.Key{Hash: "user", Range: "key"},
			map[string]string{"user": "S", "key": "S", "changed": "N", "unread": "N"},
			[]template.Index{
				{Name: "by-change", Key: template.Key{Hash: "user", Range: "changed"}, Projection: "ALL"},
				{Name: "by-unread", Key: template.Key{Hash: "user", Range: "unread"}, Projection: "INCLUDE", NonKey: []string{"expires"}},
			},
			nil,
		},
		"ConnectionsTable": {
			template.Key{Hash: "user", Range: "connection"},
			map[string]string{"user": "S", "connection": "S", "due": "S", "ends": "N"},
			nil,
			[]template.Index{{Name: "by-end", Key: template.Key{Hash: "due", Range: "ends"}, Projection: "ALL"}},
		},
		"SessionsTable": {
			template.Key{Hash: "id"},
			map[string]string{"id": "S", "user": "S"},
			nil,
			[]template.Index{{Name: "by-user", Key: template.Key{Hash: "user", Range: "id"}, Projection: "KEYS_ONLY"}},
		},
	}
	got := map[string]shape{}
	for _, table := range loadShipped(t, nil).Tables {
		got[table.LogicalID] = shape{table.Key, table.Attributes, table.LocalIndexes, table.GlobalIndexes}
		if table.TTLAttribute != "expires" || table.BillingMode != "PAY_PER_REQUEST" {
			t.Errorf("%s: got TTL %q, billing %q", table.LogicalID, table.TTLAttribute, table.BillingMode)
		}
		if !table.Recoverable || !table.Encrypted {
			t.Errorf("%s: recoverable %v, encrypted %v; want both", table.LogicalID, table.Recoverable, table.Encrypted)
		}
		if want := table.LogicalID != "ConnectionsTable"; table.Retained != want {
			t.Errorf("%s: retained: got %v, want %v", table.LogicalID, table.Retained, want)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestOutputs(t *testing.T) {
	t.Parallel()
	stack := loadShipped(t, nil)
	got := map[string]string{}
	for _, o := range stack.Outputs {
		got[o.LogicalID] = o.Value
	}
	host := func(id string) string { return id + ".execute-api.eu-west-1.amazonaws.com" }
	arn := "arn:aws:lambda:eu-west-1:123456789012:function:bellhop-"
	want := map[string]string{
		"WebSocketUrl":    "wss://" + host(stack.WebSocketAPIs[0].ID) + "/live",
		"HttpUrl":         "https://" + host(stack.HTTPAPIs[0].ID),
		"PublishFunction": "bellhop-publish", "PublishFunctionArn": arn + "publish",
		"SessionsFunction": "bellhop-sessions", "SessionsFunctionArn": arn + "sessions",
		"InboxTable": "bellhop-InboxTable", "ConnectionsTable": "bellhop-ConnectionsTable", "SessionsTable": "bellhop-SessionsTable",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

package doctor_test

import (
	"os"
	"strings"
	"testing"

	"bellhop/localdev/doctor"
	"bellhop/localdev/template"
)

func TestCheckFindsNothingInWhatDeploys(t *testing.T) {
	t.Parallel()
	stack, err := template.Load(shipped, nil)
	if err != nil {
		t.Fatal(err)
	}
	if found := doctor.Check(stack, os.DirFS("../..")); len(found) != 0 {
		t.Errorf("got %d findings, want none: %v", len(found), found)
	}
}

// shipped is the template that deploys.
const shipped = "../../template.yaml"

func shippedText(t testing.TB) string {
	t.Helper()
	src, err := os.ReadFile(shipped)
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

// edit changes the text of the template that deploys.
type edit func(t *testing.T, src string) string

// swap replaces one text, which must stand in the block of a resource.
func swap(resource, old, with string) edit {
	return func(t *testing.T, src string) string {
		t.Helper()
		block := blockOf(t, src, resource)
		if strings.Count(block, old) != 1 {
			t.Fatalf("%q stands %d times in %s, want once", old, strings.Count(block, old), resource)
		}
		return strings.Replace(src, block, strings.Replace(block, old, with, 1), 1)
	}
}

// drop takes a resource away, and what depends on it by name.
func drop(resource string) edit {
	return func(t *testing.T, src string) string {
		t.Helper()
		src = strings.Replace(src, blockOf(t, src, resource), "", 1)
		return strings.ReplaceAll(src, "      - "+resource+"\n", "")
	}
}

// grow adds a resource at the end of the resources.
func grow(text string) edit {
	return func(_ *testing.T, src string) string {
		return strings.Replace(src, "\nOutputs:\n", "\n"+text+"\nOutputs:\n", 1)
	}
}

// mark puts the mark of the expected line behind a line of a resource's block.
func mark(resource, line string) edit { return swap(resource, line, line+" #<<") }

// blockOf gives a resource from its logical id to the next one's.
func blockOf(t *testing.T, src, resource string) string {
	t.Helper()
	start := strings.Index(src, "\n  "+resource+":\n")
	if start < 0 {
		t.Fatalf("no resource %s", resource)
	}
	rest := src[start+1:]
	lines := strings.SplitAfter(rest, "\n")
	length := len(lines[0])
	for _, line := range lines[1:] {
		if !strings.HasPrefix(line, "   ") && strings.TrimSpace(line) != "" {
			break
		}
		length += len(line)
	}
	return rest[:length]
}

func TestCheckFindsPlantedFaults(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name              string
		edits             []edit
		logicalID, prefix string
	}{
		{
			"route without a permission",
			[]edit{drop("AckPermission"), mark("AckRoute", "RouteKey: ack")},
			"AckRoute", "no AWS::Lambda::Permission lets it invoke MessageFunction",
		},
		{
			"permission for another route",
			[]edit{swap("HelloPermission", "/hello", "/hullo"), mark("HelloRoute", "RouteKey: hello")},
			"HelloRoute", "no AWS::Lambda::Permission lets it invoke MessageFunction",
		},
		{
			"permission for another function",
			[]edit{swap("ConnectPermission", "!Ref ConnectFunction", "!Ref MessageFunction"), mark("ConnectRoute", "RouteKey: $connect")},
			"ConnectRoute", "no AWS::Lambda::Permission lets it invoke ConnectFunction",
		},
		{
			"permission for another service",
			[]edit{swap("ConnectPermission", "apigateway.amazonaws.com", "events.amazonaws.com"), mark("ConnectRoute", "RouteKey: $connect")},
			"ConnectRoute", "no AWS::Lambda::Permission",
		},
		{
			"permission for another action",
			[]edit{swap("ConnectPermission", "lambda:InvokeFunction", "lambda:GetFunction"), mark("ConnectRoute", "RouteKey: $connect")},
			"ConnectRoute", "no AWS::Lambda::Permission",
		},
		{
			"wildcard that stops short",
			[]edit{swap("ListPermission", "${StageName}/list", "*/*/list"), mark("ListRoute", "RouteKey: list")},
			"ListRoute", "no AWS::Lambda::Permission",
		},
		{
			"authorizer without a permission",
			[]edit{drop("AuthorizerPermission"), swap("WebSocketAuthorizer", "AuthorizerUri: !Sub", "AuthorizerUri: #<<\n        !Sub")},
			"WebSocketAuthorizer", "no AWS::Lambda::Permission lets it invoke AuthorizerFunction",
		},
		{
			"HTTP route without a permission",
			[]edit{drop("TicketsPermission"), mark("TicketsRoute", "RouteKey: POST /tickets")},
			"TicketsRoute", "no AWS::Lambda::Permission lets it invoke InboxFunction",
		},
		{
			"two-way route without a route response",
			[]edit{drop("MarkRouteResponse"), mark("MarkRoute", "RouteResponseSelectionExpression: $default")},
			"MarkRoute", "no RouteResponse",
		},
		{
			"route response without a selection expression",
			[]edit{
				swap("MarkRoute", "      RouteResponseSelectionExpression: $default\n", ""),
				mark("MarkRouteResponse", "RouteId: !Ref MarkRoute"),
			},
			"MarkRouteResponse", "MarkRoute has no RouteResponseSelectionExpression",
		},
		{
			"authorizer with a cache",
			[]edit{swap("WebSocketAuthorizer", "Name: session\n", "Name: session\n      AuthorizerResultTtlInSeconds: 0 #<<\n")},
			"WebSocketAuthorizer", "a WebSocket API's authorizer has no cache",
		},
		{
			"identity source in the form of HTTP APIs",
			[]edit{swap("WebSocketAuthorizer", "Name: session\n", "Name: session\n      IdentitySource: [$request.header.Cookie] #<<\n")},
			"WebSocketAuthorizer", `"$request.header.Cookie" is in the form of HTTP APIs`,
		},
		{
			"identity source of no form",
			[]edit{swap("WebSocketAuthorizer", "Name: session\n", "Name: session\n      IdentitySource: [header.Cookie] #<<\n")},
			"WebSocketAuthorizer", `"header.Cookie" is none of route.request.header.X`,
		},
		{
			"authorizer of a type that there is not",
			[]edit{swap("WebSocketAuthorizer", "AuthorizerType: REQUEST", "AuthorizerType: JWT #<<")},
			"WebSocketAuthorizer", `"JWT": a WebSocket API knows REQUEST alone`,
		},
		{
			"route without a target",
			[]edit{swap("PingRoute", "      Target: !Sub \"integrations/${PingIntegration}\"\n", ""), mark("PingRoute", "  PingRoute:")},
			"PingRoute", "no target",
		},
		{
			"integration time-out too long",
			[]edit{swap("MessageIntegration", "29000", "29001 #<<")},
			"MessageIntegration", "29.001s is outside 50ms to 29s",
		},
		{
			"integration time-out too short",
			[]edit{swap("MessageIntegration", "29000", "49 #<<")},
			"MessageIntegration", "49ms is outside 50ms to 29s",
		},
		{
			"HTTP integration time-out too long",
			[]edit{swap("InboxIntegration", "30000", "30001 #<<")},
			"InboxIntegration", "30.001s is outside 50ms to 30s",
		},
		{
			"no route selection expression",
			[]edit{
				swap("WebSocketApi", "      RouteSelectionExpression: $request.body.type\n", ""),
				mark("WebSocketApi", "  WebSocketApi:"),
			},
			"WebSocketApi", "not set: no message would find its route",
		},
		{
			"unknown authorization type",
			[]edit{swap("ConnectRoute", "AuthorizationType: CUSTOM", "AuthorizationType: COOKIE #<<")},
			"ConnectRoute", `"COOKIE" is none of NONE, AWS_IAM, CUSTOM`,
		},
		{
			"JWT on a WebSocket API",
			[]edit{swap("ConnectRoute", "AuthorizationType: CUSTOM", "AuthorizationType: JWT #<<")},
			"ConnectRoute", `"JWT" is none of`,
		},
		{
			"authorizer that is never asked",
			[]edit{swap("ConnectRoute", "      AuthorizationType: CUSTOM\n", ""), mark("ConnectRoute", "AuthorizerId: !Ref WebSocketAuthorizer")},
			"ConnectRoute", "never asked, since AuthorizationType is NONE",
		},
		{
			"custom authorization without an authorizer",
			[]edit{swap("ConnectRoute", "      AuthorizerId: !Ref WebSocketAuthorizer\n", ""), mark("ConnectRoute", "  ConnectRoute:")},
			"ConnectRoute", "not set, although AuthorizationType is CUSTOM",
		},
		{
			"authorization on another route than $connect",
			[]edit{swap("HelloRoute", "RouteKey: hello\n", "RouteKey: hello\n      AuthorizationType: AWS_IAM #<<\n")},
			"HelloRoute", "a WebSocket API authorizes on $connect alone",
		},
		{
			"two routes with one key",
			[]edit{
				swap("PingRoute", "RouteKey: ping", "RouteKey: ack #<<"),
			},
			"PingRoute", `"ack" is the key of AckRoute too`,
		},
		{
			"deployment id and AutoDeploy",
			[]edit{
				swap("WebSocketStage", "AutoDeploy: true\n", "AutoDeploy: true\n      DeploymentId: abc #<<\n"),
			},
			"WebSocketStage", "set together with AutoDeploy",
		},
		{
			"deployment beside AutoDeploy",
			[]edit{grow("  Deployment: #<<\n    Type: AWS::ApiGatewayV2::Deployment\n    Properties: {ApiId: !Ref WebSocketApi}\n")},
			"Deployment", "a Deployment beside stage WebSocketStage",
		},
		{
			"nothing deployed",
			[]edit{swap("WebSocketStage", "AutoDeploy: true", "AutoDeploy: false #<<")},
			"WebSocketStage", "nothing is deployed",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			src := shippedText(t)
			for _, change := range c.edits {
				src = change(t, src)
			}
			stack, err := template.Parse("edited.yaml", []byte(src), nil)
			if err != nil {
				t.Fatalf("parse: %v", err)
			}
			before, _, _ := strings.Cut(src, "#<<")
			line := strings.Count(before, "\n") + 1
			found := doctor.Check(stack, nil)
			if len(found) != 1 {
				t.Fatalf("got %d findings, want 1: %v", len(found), found)
			}
			if f := found[0]; f.Resource != c.logicalID || f.Line != line || !strings.HasPrefix(f.Message, c.prefix) {
				t.Errorf("got %v, want line %d, %s: %s…", f, line, c.logicalID, c.prefix)
			}
		})
	}
}

// Permissions with wildcards, as most templates write them, are enough.
func TestCheckTakesWildcards(t *testing.T) {
	t.Parallel()
	for _, source := range []string{"${WebSocketApi}/*", "${WebSocketApi}/*/ack", "${WebSocketApi}/${StageName}/a?k", "*"} {
		src := swap("AckPermission", "${WebSocketApi}/${StageName}/ack", source)(t, shippedText(t))
		stack, err := template.Parse("edited.yaml", []byte(src), nil)
		if err != nil {
			t.Fatal(err)
		}
		if found := doctor.Check(stack, nil); len(found) != 0 {
			t.Errorf("source %s: got %v, want none", source, found)
		}
	}
}

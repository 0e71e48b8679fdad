package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"bellhop/localdev/lambda/runtime/build"
	"bellhop/localdev/service"
	"bellhop/shared/store/dynamotest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(
		m,
		// fasthttp renders the Date header in the background for good, and its
		// worker pools notice up to 10 s late that they were stopped.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
	)
}

// announced is an output that tells when the announcement is there.
type announced struct {
	bytes.Buffer
	url chan string
}

var pageURL = regexp.MustCompile(`demo page and HTTP API +(http://\S+)`)

func (a *announced) Write(p []byte) (int, error) {
	n, err := a.Buffer.Write(p)
	if found := pageURL.FindSubmatch(a.Bytes()); found != nil {
		select {
		case a.url <- string(found[1]):
		default:
		}
	}
	return n, err
}

func TestRun_AnnouncesServesAndStops(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	out := &announced{url: make(chan string, 1)}
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"--port", "0", "--template", "../template.yaml", "--data", t.TempDir()}, out)
	}()
	var url string
	select {
	case url = <-out.url:
	case err := <-ended:
		t.Fatalf("run: %v", err)
	case <-time.After(10 * time.Second):
		t.Fatal("nothing is announced")
	}
	transport := &http.Transport{DisableKeepAlives: true}
	res, err := (&http.Client{Transport: transport, Timeout: 5 * time.Second}).Get(url + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("%s/healthz: got %d, want 200", url, res.StatusCode)
	}

	began := time.Now()
	stop()
	if err := <-ended; err != nil {
		t.Errorf("run: got %v, want nil", err)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("stopping took %v, want 2s at most", took)
	}
	host := strings.TrimPrefix(url, "http://")
	for _, want := range []string{url, url + "/_inspector", "ws://" + host + "/ws/notifications/", "/2015-03-31/functions/bellhop-publish/invocations", "stopping"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("output: got\n%s\nwant %q in it", out.String(), want)
		}
	}
}

func TestRun_BadArgumentsAreErrorsThatSayWhich(t *testing.T) {
	for _, tt := range []struct {
		name string
		args []string
		want string
	}{
		{"Speed", []string{"--speed", "0"}, "--speed"},
		{"SpeedNoNumber", []string{"--speed", "fast"}, "speed"},
		{"GatewayOption", []string{"--gateway-option", "control-pings=maybe"}, "ignored, reset-idle"},
		{"UnknownGatewayOption", []string{"--gateway-option", "pings=on"}, "control-pings"},
		{"Faults", []string{"--template", "../template.yaml", "--faults", `{"push_drop":2}`}, "push_drop"},
		{"Port", []string{"--port", "http"}, "port"},
		{"Unknown", []string{"--colour"}, "colour"},
		{"Argument", []string{"now"}, `"now"`},
		{"LogLevel", []string{"--log-level", "LOUD"}, "--log-level"},
		{"Overrides", []string{"--parameter-overrides", "AllowedOrigins"}, "--parameter-overrides"},
		{"UnknownParameter", []string{"--template", "../template.yaml", "--parameter-overrides", "Colour=red"}, "Colour"},
		{"BadOrigin", []string{"--template", "../template.yaml", "--parameter-overrides", "AllowedOrigins=http://[x"}, "ALLOWED_ORIGINS"},
		{"Template", []string{"--template", "missing.yaml"}, "missing.yaml"},
		{"DynamoDB", []string{"--dynamodb", "localhost"}, "--dynamodb"},
		{"LambdaEndpoint", []string{"--lambda-endpoint", "://"}, "--lambda-endpoint"},
		{"TwoWays", []string{"--lambda-endpoint", "http://localhost:3001", "--binaries", "bin"}, "exclude"},
		{"Engine", []string{"--template", "../template.yaml", "--binaries", "bin", "--engine", "/bin/false"}, "/bin/false"},
		{"Host", []string{"--template", "../template.yaml", "--host", "not a host"}, "not a host"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			args := append([]string{"--port", "0", "--data", t.TempDir()}, tt.args...)
			err := run(t.Context(), args, &announced{url: make(chan string, 1)})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error that names %s", err, tt.want)
			}
		})
	}
}

func TestRun_Help(t *testing.T) {
	if err := run(t.Context(), []string{"--help"}, &announced{url: make(chan string, 1)}); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("got %v, want flag.ErrHelp", err)
	}
}

func TestRun_BuiltFunctionsOverAnEngineOfItsOwn(t *testing.T) {
	binaries, data := t.TempDir(), t.TempDir()
	if err := build.Functions(binaries, "bellhop/functions/..."); err != nil {
		t.Fatal(err)
	}
	const request = `{"users":["ada"],"notification":{"source":"shell","id":"1","type":"greeting","data":{"title":"Hello"}}}`
	for _, want := range []string{`"duplicate":false`, `"duplicate":true`} { // the second run finds what the first one stored
		s := begin(t, "--template", "../template.yaml", "--data", data, "--binaries", binaries)
		if got := s.post("/2015-03-31/functions/bellhop-publish/invocations", request); !strings.Contains(got, want) || !strings.Contains(got, `"outcome":"stored"`) {
			t.Errorf("publish: got %s, want %s in it", got, want)
		}
		s.end()
	}
	if out, err := exec.Command("pgrep", "-f", data+"|"+binaries).Output(); err == nil {
		t.Errorf("processes after the end: got %s, want none", out)
	}
}

func TestRun_BuiltFunctionsOverAnEndpoint(t *testing.T) {
	binaries := t.TempDir()
	if err := build.Functions(binaries, "bellhop/functions/..."); err != nil {
		t.Fatal(err)
	}
	engine := dynamotest.Start(t, dynamotest.Options{})
	s := begin(t, "--template", "../template.yaml", "--data", t.TempDir(), "--binaries", binaries, "--dynamodb", engine.URL(), "--offline")
	if got := s.post("/2015-03-31/functions/bellhop-sessions/invocations", `{"op":"create","user":"ada"}`); !strings.Contains(got, `"token":`) {
		t.Errorf("create a session: got %s, want a token", got)
	}
	s.end()
}

func TestRun_FunctionsBehindAnEndpoint(t *testing.T) {
	there := begin(t, "--template", "../template.yaml", "--data", t.TempDir())
	here := begin(t, "--template", "../template.yaml", "--data", t.TempDir(), "--lambda-endpoint", there.url)
	if got := here.post("/2015-03-31/functions/bellhop-sessions/invocations", `{"op":"create","user":"ada"}`); !strings.Contains(got, `"token":`) {
		t.Errorf("create a session: got %s, want a token", got)
	}
	here.end()
	there.end()
}

func TestRun_TellsWhatATemplateOfOthersMisses(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"template.yaml": `
Transform: AWS::Serverless-2016-10-31
Resources:
  Greeter:
    Type: AWS::Serverless::Function
    Properties: {Runtime: nodejs22.x, CodeUri: greeter, Handler: app.handler}
  Teller:
    Type: AWS::Serverless::Function
    Properties: {Runtime: provided.al2023, CodeUri: teller, Handler: bootstrap}
`,
		"greeter/app.js":       "exports.handler = async () => 'hello';",
		"greeter/package.json": `{"dependencies": {"left-pad": "1"}}`,
	} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	err := run(t.Context(), []string{"--port", "0", "--data", t.TempDir(), "--template", filepath.Join(dir, "template.yaml")}, io.Discard)
	for _, want := range []string{"template.yaml:4: Greeter: packages of", "left-pad", "npm install --omit=dev --prefix " + filepath.Join(dir, "greeter"), "template.yaml:7: Teller: no bootstrap in", "sam build"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
}

// running is a localdev under way.
type running struct {
	t     *testing.T
	url   string
	stop  context.CancelFunc
	ended chan error
}

// begin runs localdev until end, or the test's.
func begin(t *testing.T, args ...string) running {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	out := &announced{url: make(chan string, 1)}
	s := running{t: t, stop: stop, ended: make(chan error, 1)}
	go func() { s.ended <- run(ctx, append([]string{"--port", "0"}, args...), out) }()
	select {
	case s.url = <-out.url:
	case err := <-s.ended:
		t.Fatalf("run: %v", err)
	case <-time.After(20 * time.Second):
		t.Fatal("nothing is announced")
	}
	return s
}

func (s running) end() {
	s.t.Helper()
	s.stop()
	if err := <-s.ended; err != nil {
		s.t.Errorf("run: got %v, want nil", err)
	}
}

func (s running) post(path, body string) string {
	s.t.Helper()
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 20 * time.Second}
	res, err := c.Post(s.url+path, "application/json", strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(answer)
}

func TestAnnounce_SaysWhereThingsAre(t *testing.T) {
	addr := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8000}
	for name, s := range map[string]service.Summary{
		"Bellhop":  {Ours: true, Ways: "in this process"},
		"Template": {Template: "chat.yaml", Ways: "as processes", Sockets: []service.Socket{{Path: "live", API: "Chat"}}, Functions: []string{"send"}},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			announce(&out, addr, s)
			for _, want := range []string{"http://localhost:8000/_inspector\n", "ws://localhost:8000/", "--endpoint-url http://localhost:8000\n", s.Ways} {
				if !strings.Contains(out.String(), want) {
					t.Errorf("got\n%s\nwant %q in it", out.String(), want)
				}
			}
		})
	}
}

package inspector_test

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bellhop/localdev/client"
	"bellhop/localdev/inspector"
	"bellhop/localdev/inspector/inspectortest"
	"bellhop/localdev/lambda"
	"bellhop/localdev/lambda/runtime"
	"bellhop/localdev/lambda/runtime/build"
	"bellhop/localdev/observe"
	"bellhop/localdev/service"
	"bellhop/localdev/template"
	"bellhop/shared/store/dynamotest"
)

const (
	templateFile = "../../template.yaml"
	page         = "http://localhost:8000" // an origin that is allowed
	patience     = 30 * time.Second
)

// What the inspector saves is what the function was given: the authorizer as it
// deploys, given a saved event once more, gives the answer that it gave.
func TestSave_TheBuiltAuthorizerAnswersTheSame(t *testing.T) {
	binaries := t.TempDir()
	if err := build.Functions(binaries, "bellhop/functions/..."); err != nil {
		t.Fatal(err)
	}
	engine := dynamotest.Start(t, dynamotest.Options{}).URL()
	s := serve(t, service.Options{Binaries: binaries, DynamoDB: engine})
	rows := inspectortest.Open(t, "http://"+s.addr, "")
	s.connect("ada")
	given := rows.Until(func(r inspectortest.Row) bool {
		return r.Kind == observe.InvokeStart && r.Function == "bellhop-authorizer"
	})
	saved := s.get("/events/" + given.ID + "/payload")
	if strings.Contains(given.Text, s.token) || !strings.Contains(saved, s.token) {
		t.Errorf("the token: want it in the file, and not in the row %s", given.Text)
	}
	answer := rows.Until(func(r inspectortest.Row) bool { return r.Kind == observe.InvokeEnd && r.RequestID == given.RequestID }).Text
	if !strings.Contains(answer, `"Effect":"Allow"`) {
		t.Errorf("the first answer: got %s, want it to allow", answer)
	}
	again, err := authorizer(t, binaries, engine).Invoke(within(t), []byte(saved))
	if err != nil || string(again) != answer {
		t.Errorf("again: got %s, %v, want %s", again, err, answer)
	}
}

// authorizer runs the built authorizer by itself.
func authorizer(t *testing.T, binaries, engine string) *runtime.Runner {
	t.Helper()
	stack, err := template.Load(templateFile, nil)
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_ENDPOINT_URL_DYNAMODB": engine}
	var spec lambda.Spec
	for _, f := range stack.Functions {
		if f.LogicalID == "AuthorizerFunction" {
			maps.Copy(env, f.Environment)
			spec = lambda.Spec{Name: f.Name, ARN: f.ARN, Timeout: f.Timeout}
		}
	}
	env["ALLOWED_ORIGINS"] = "localhost"
	r, err := runtime.New(filepath.Join(binaries, "authorizer", "bootstrap"), spec, runtime.Options{Env: env})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(context.Background()); err != nil {
			t.Errorf("close the authorizer: %v", err)
		}
	})
	return r
}

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// served is a running service.
type served struct {
	t     *testing.T
	addr  string
	http  *http.Client
	token string // of the session that connected last
}

func serve(t *testing.T, o service.Options) *served {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &served{t: t, addr: ln.Addr().String(), http: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	o.Template, o.Addr = templateFile, s.addr
	svc, err := service.New(o)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- svc.Serve(ln) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := svc.Close(ctx); err != nil {
			t.Errorf("Close: %v", err)
		}
		if err := <-ended; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return s
}

func (s *served) get(path string) string {
	s.t.Helper()
	r, err := http.NewRequestWithContext(within(s.t), "GET", "http://"+s.addr+inspector.Path+path, http.NoBody)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.do(r)
}

func (s *served) do(r *http.Request) string {
	s.t.Helper()
	res, err := s.http.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		s.t.Fatalf("%s: got %s %s, %v", r.URL, res.Status, body, err)
	}
	return string(body)
}

// connect signs the user in and opens a WebSocket.
func (s *served) connect(user string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(within(s.t), "POST", "http://"+s.addr+"/2015-03-31/functions/bellhop-sessions/invocations",
		strings.NewReader(`{"op":"create","user":"`+user+`","ttl":3600}`))
	if err != nil {
		s.t.Fatal(err)
	}
	var created struct{ Token string }
	if err := json.Unmarshal([]byte(s.do(r)), &created); err != nil || created.Token == "" {
		s.t.Fatalf("sign in: %v", err)
	}
	s.token = created.Token
	c, err := client.Dial(within(s.t), "ws://"+s.addr+service.SocketPath, client.Options{Cookie: "sessionid=" + created.Token, Origin: page})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(c.Close)
}

package integration

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"bellhop/localdev/lambda"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// function is a lambda.Invoker with one function.
type function func(ctx context.Context, payload []byte) ([]byte, error)

func (f function) Invoke(ctx context.Context, name string, payload []byte) ([]byte, error) {
	if name != "fn" {
		return nil, lambda.ErrNotFound
	}
	return f(ctx, payload)
}

func vars(name string) string {
	return map[string]string{
		"context.connectionId": "C=", "stageVariables.host": "x", "stageVariables.kind": "plain",
		"route.request.header.X-Team": "red", "route.request.querystring.t": "1",
	}[name]
}

// endpointSpy tells what it was asked, and answers as the body wants.
func endpointSpy(t *testing.T) (url string, asked func() string) {
	t.Helper()
	var last string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		last = r.Method + " " + r.URL.String() + " team=" + r.Header.Get("X-Team") + " id=" + r.Header.Get("Id") + " " + string(body)
		switch {
		case strings.Contains(string(body), "slow"):
			<-r.Context().Done()
		case strings.Contains(string(body), "large"):
			_, _ = w.Write(make([]byte, maxResponse+1))
		case strings.Contains(string(body), "moved"):
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		case strings.Contains(string(body), "missing"):
			http.Error(w, `{"reason":"none"}`, http.StatusNotFound)
		default:
			w.Header().Set("Sec-WebSocket-Protocol", "v1")
			w.Header().Set("X-Kind", "sort")
			_, _ = w.Write([]byte(`{"said":"hi"}`))
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, func() string { return last }
}

func build(t *testing.T, s Spec, f function) Integration {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	i, err := New(s, Tools{Invoker: f, Client: &http.Client{Transport: transport}, Timeout: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func TestHTTPProxy_4_3(t *testing.T) {
	url, asked := endpointSpy(t)
	i := build(t, Spec{Kind: HTTPProxy, Method: "PUT", URI: url + "/{room}/x?fixed=1", Parameters: map[string]string{
		"integration.request.header.Id":         "context.connectionId",
		"integration.request.header.X-Team":     "route.request.header.X-Team",
		"integration.request.querystring.q":     "route.request.body.a['b']",
		"integration.request.querystring.const": "'it is'",
		"integration.request.path.room":         "route.request.body.room",
	}}, nil)
	a, err := i.Run(t.Context(), Request{Input: []byte(`{"a":{"b":"ü"},"room":"a/b"}`), Vars: vars})
	if err != nil || a.Status != 200 || string(a.Body) != `{"said":"hi"}` || a.Protocol != "v1" {
		t.Errorf("answer: got %+v %s, %v", a, a.Body, err)
	}
	want := `PUT /a%2Fb/x?const=it+is&fixed=1&q=%C3%BC team=red id=C= {"a":{"b":"ü"},"room":"a/b"}`
	if got := asked(); got != want {
		t.Errorf("endpoint was asked\n got %s\nwant %s", got, want)
	}
	for message, want := range map[string]int{"missing": 404, "moved": 302} {
		if a, err := i.Run(t.Context(), Request{Input: []byte(message), Vars: vars}); err != nil || a.Status != want {
			t.Errorf("%s: got %d, %v, want %d handed on", message, a.Status, err, want)
		}
	}
	for message, want := range map[string]error{"slow": ErrTimedOut, "large": ErrFailed} {
		if _, err := i.Run(t.Context(), Request{Input: []byte(message), Vars: vars}); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", message, err, want)
		}
	}
}

func TestHTTP_4_3_TemplatesBothWays(t *testing.T) {
	url, asked := endpointSpy(t)
	i := build(t, Spec{
		Kind: HTTP, Method: "ANY", URI: url + "/${stageVariables.host}",
		Parameters:                  map[string]string{"integration.request.querystring.a": "route.request.body.a"},
		TemplateSelectionExpression: "${request.body.kind}",
		RequestTemplates:            map[string]string{"odd": `odd`, "$default": `{"id":"$context.connectionId","a":$input.json('$.a'),"k":"$input.path('$.k')"}`},
		Responses: map[string]Response{
			"$default": {ResponseTemplates: map[string]string{"$default": `{"heard":$input.json('$.said'),"for":"$context.connectionId"}`}},
			`/4\d\d/`: {
				ResponseTemplates:           map[string]string{"404": `nobody: $input.path('$.reason')`},
				TemplateSelectionExpression: "${integration.response.statuscode}",
			},
		},
	}, nil)
	a, err := i.Run(t.Context(), Request{Input: []byte(`{"a":[1],"k":"v"}`), Vars: vars})
	if got, want := string(a.Body), `{"heard":"hi","for":"C="}`; err != nil || got != want {
		t.Errorf("answer: got %s, %v, want %s", got, err, want)
	}
	if got, want := asked(), `POST /x?a=%5B1%5D team= id= {"id":"C=","a":[1],"k":"v"}`; got != want {
		t.Errorf("endpoint was asked\n got %s\nwant %s", got, want)
	}
	a, err = i.Run(t.Context(), Request{Input: []byte(`{"a":"missing"}`), Vars: vars})
	if got, want := string(a.Body), "nobody: none"; err != nil || got != want || a.Status != 404 {
		t.Errorf("404: got %d %q, %v, want %q", a.Status, got, err, want)
	}
	if _, err = i.Run(t.Context(), Request{Input: []byte(`{"kind":"odd"}`), Vars: vars}); err != nil || !strings.HasSuffix(asked(), " odd") {
		t.Errorf("template by the message: got %s, %v", asked(), err)
	}
}

func TestHTTP_5_BinaryAndText(t *testing.T) {
	url, asked := endpointSpy(t)
	i := build(t, Spec{Kind: HTTP, URI: url, Binary: true, Responses: map[string]Response{"$default": {Text: true}}}, nil)
	a, err := i.Run(t.Context(), Request{Input: []byte("aGk="), Vars: vars})
	if got, want := string(a.Body), "eyJzYWlkIjoiaGkifQ=="; err != nil || got != want {
		t.Errorf("answer: got %s, %v, want %s", got, err, want)
	}
	if !strings.HasSuffix(asked(), " hi") {
		t.Errorf("endpoint: got %s, want hi", asked())
	}
	if _, err := i.Run(t.Context(), Request{Input: []byte("%"), Vars: vars}); !errors.Is(err, ErrFailed) {
		t.Errorf("no base64: got %v, want ErrFailed", err)
	}
}

func TestHTTP_NobodyListensIsUnreachable(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	i := build(t, Spec{Kind: HTTPProxy, URI: server.URL}, nil)
	if _, err := i.Run(t.Context(), Request{Vars: vars}); !errors.Is(err, ErrUnreachable) {
		t.Errorf("got %v, want ErrUnreachable", err)
	}
}

func TestAWS_4_3_FunctionBehindTemplates(t *testing.T) {
	i := build(t, Spec{
		Kind: AWS, Function: "fn",
		RequestTemplates: map[string]string{"$default": `{"who":"$context.connectionId","text":$input.json('$.text')}`},
		Responses: map[string]Response{
			"$default":     {ResponseTemplates: map[string]string{"$default": `ok $input.path('$.got.who')`}},
			`/bad .*/`:     {ResponseTemplates: map[string]string{"$default": `refused: $input.path('$.errorMessage')`}},
			`/never, 200/`: {},
		},
	}, func(_ context.Context, payload []byte) ([]byte, error) {
		if strings.Contains(string(payload), "fail") {
			return nil, &lambda.FunctionError{Message: "bad text", Payload: []byte(`{"errorMessage":"bad text"}`)}
		}
		return []byte(`{"got":` + string(payload) + `}`), nil
	})
	for message, want := range map[string]string{`{"text":"hi"}`: "ok C=", `{"text":"fail"}`: "refused: bad text"} {
		a, err := i.Run(t.Context(), Request{Input: []byte(message), Vars: vars})
		if got := string(a.Body); err != nil || got != want || a.Status != 200 {
			t.Errorf("%s: got %d %q, %v, want %q", message, a.Status, got, err, want)
		}
	}
	failing := build(t, Spec{Kind: AWS, Function: "fn"}, func(context.Context, []byte) ([]byte, error) {
		return nil, &lambda.FunctionError{}
	})
	if _, err := failing.Run(t.Context(), Request{Vars: vars}); !errors.Is(err, ErrFailed) {
		t.Errorf("failure without a response: got %v, want ErrFailed", err)
	}
	missing := build(t, Spec{Kind: AWS, Function: "nobody"}, nil)
	if _, err := missing.Run(t.Context(), Request{Vars: vars}); !errors.Is(err, ErrUnreachable) {
		t.Errorf("no such function: got %v, want ErrUnreachable", err)
	}
}

func TestPassthrough(t *testing.T) {
	echo := func(_ context.Context, payload []byte) ([]byte, error) { return payload, nil }
	other := map[string]string{"other": "x"}
	for _, tt := range []struct {
		behaviour string
		templates map[string]string
		want      error
	}{
		{"", nil, nil},
		{"", other, nil},
		{"WHEN_NO_MATCH", other, nil},
		{"WHEN_NO_TEMPLATES", nil, nil},
		{"WHEN_NO_TEMPLATES", other, ErrMediaType},
		{"NEVER", nil, ErrMediaType},
		{"NEVER", map[string]string{"$default": `"x"`}, nil},
	} {
		i := build(t, Spec{Kind: AWS, Function: "fn", Passthrough: tt.behaviour, RequestTemplates: tt.templates}, echo)
		if _, err := i.Run(t.Context(), Request{Input: []byte(`"x"`), Vars: vars}); !errors.Is(err, tt.want) {
			t.Errorf("%q with %v: got %v, want %v", tt.behaviour, tt.templates, err, tt.want)
		}
	}
}

func TestNew_Refuses(t *testing.T) {
	for name, s := range map[string]Spec{
		"kind":           {Kind: "TELNET"},
		"no URI":         {Kind: HTTP},
		"scheme":         {Kind: HTTPProxy, URI: "ftp://x"},
		"parameter":      {Kind: HTTP, URI: "http://x", Parameters: map[string]string{"header.X": "'a'"}},
		"source":         {Kind: HTTP, URI: "http://x", Parameters: map[string]string{"integration.request.header.X": "method.request.body"}},
		"source's path":  {Kind: HTTP, URI: "http://x", Parameters: map[string]string{"integration.request.header.X": "route.request.body..a"}},
		"passthrough":    {Kind: Mock, Passthrough: "SOMETIMES"},
		"template":       {Kind: Mock, RequestTemplates: map[string]string{"$default": "#if("}},
		"selection":      {Kind: Mock, TemplateSelectionExpression: "${x}"},
		"response key":   {Kind: Mock, Responses: map[string]Response{"200": {}}},
		"response regex": {Kind: Mock, Responses: map[string]Response{"/(/": {}}},
	} {
		if _, err := New(s, Tools{Timeout: time.Second}); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}

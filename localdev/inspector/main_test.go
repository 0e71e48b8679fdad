package inspector

import (
	"context"
	"io"
	"net"
	"net/http"
	"runtime"
	"testing"
	"time"

	"bellhop/localdev/gateway"
	"bellhop/localdev/inspector/inspectortest"
	"bellhop/localdev/observe"
	"bellhop/shared/store/dynamotest"

	"github.com/valyala/fasthttp"
	"go.uber.org/goleak"
)

// patience bounds every wait of a test.
const patience = 20 * time.Second

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(
		dynamotest.Main{M: m},
		// fasthttp renders the Date header in the background for good, and its
		// worker pools notice up to 10 s late that they were stopped.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
	)
}

// env is an inspector behind a server as the local service has it.
type env struct {
	*Inspector
	t    testing.TB
	hub  *observe.Hub
	http *http.Client
	url  string
}

func start(t testing.TB) *env {
	t.Helper()
	hub := &observe.Hub{}
	i := New(hub)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &fasthttp.Server{Handler: i.Serve, CloseOnShutdown: true}
	gateway.Configure(server)
	served := make(chan error, 1)
	go func() { served <- server.Serve(ln) }()
	transport := &http.Transport{}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		transport.CloseIdleConnections()
		if err := i.Close(ctx); err != nil {
			t.Errorf("Close: %v", err)
		}
		if err := server.ShutdownWithContext(ctx); err != nil {
			t.Errorf("shut down: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return &env{Inspector: i, t: t, hub: hub, url: "http://" + ln.Addr().String(), http: &http.Client{Transport: transport, Timeout: patience}}
}

// get asks for a path below the inspector's, with headers as name and value.
func (e *env) get(path string, headers ...string) (*http.Response, string) {
	e.t.Helper()
	return e.ask("GET", path, headers...)
}

func (e *env) ask(method, path string, headers ...string) (*http.Response, string) {
	e.t.Helper()
	r, err := http.NewRequest(method, e.url+Path+path, http.NoBody)
	if err != nil {
		e.t.Fatal(err)
	}
	for n := 0; n < len(headers); n += 2 {
		r.Header.Set(headers[n], headers[n+1])
	}
	res, err := e.http.Do(r)
	if err != nil {
		e.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		e.t.Fatal(err)
	}
	return res, string(body)
}

// opened is a page's stream.
type opened struct {
	*inspectortest.Stream
	t testing.TB
}

// open opens a stream after the row of this id.
func (e *env) open(after string) opened {
	e.t.Helper()
	return opened{inspectortest.Open(e.t, e.url, after), e.t}
}

// want reads the next event, which must be a row of this kind.
func (o opened) want(kind observe.Kind) inspectortest.Row {
	o.t.Helper()
	m := o.Next()
	if m.Type != "" || m.Row.Kind != kind || m.Row.ID != m.ID {
		o.t.Fatalf("got %+v, want a row of %s", m, kind)
	}
	return m.Row
}

// until waits for a condition that another goroutine brings about.
func until(t testing.TB, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !condition(); runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

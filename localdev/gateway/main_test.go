package gateway

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"bellhop/localdev/gateway/connid"
	"bellhop/localdev/lambda"

	"github.com/gobwas/ws"
	"github.com/valyala/fasthttp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(
		m,
		// fasthttp renders the Date header in the background for good, and its
		// worker pools notice up to 10 s late that they were stopped.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
		// Its client, too, tidies up ten seconds after its last use.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*HostClient).connsCleaner"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*TCPDialer).tcpAddrsClean"),
	)
}

// function is a Lambda function of the tests.
type function func(ctx context.Context, event []byte) ([]byte, error)

// functions is a lambda.Invoker that records the events of each function.
type functions struct {
	byName map[string]function
	mu     sync.Mutex
	events map[string][][]byte
	quiet  bool // records nothing
	came   chan string
}

func newFunctions(byName map[string]function) *functions {
	return &functions{byName: byName, events: map[string][][]byte{}, came: make(chan string, 1024)}
}

var _ lambda.Invoker = (*functions)(nil)

func (f *functions) Invoke(ctx context.Context, name string, event []byte) ([]byte, error) {
	fn, ok := f.byName[name]
	if !ok {
		return nil, lambda.ErrNotFound
	}
	if !f.quiet {
		f.mu.Lock()
		f.events[name] = append(f.events[name], event)
		f.mu.Unlock()
	}
	result, err := fn(ctx, event)
	if !f.quiet {
		f.came <- name
	}
	return result, err
}

// calls returns the events that a function got so far.
func (f *functions) calls(name string) [][]byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([][]byte(nil), f.events[name]...)
}

// wait returns the latest event of a function once it has ended n times.
func (f *functions) wait(t testing.TB, name string) map[string]any {
	t.Helper()
	return f.waitWithin(t, 10*time.Second, name)
}

func (f *functions) waitWithin(t testing.TB, d time.Duration, name string) map[string]any {
	t.Helper()
	timeout := time.After(d)
	for {
		select {
		case got := <-f.came:
			if got == name {
				calls := f.calls(name)
				return decode(t, calls[len(calls)-1])
			}
		case <-timeout:
			t.Fatalf("function %s was not called", name)
		}
	}
}

func decode(t testing.TB, event []byte) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(event, &m); err != nil {
		t.Fatalf("event is not JSON: %v\n%s", err, event)
	}
	return m
}

func returns(result string) function {
	return func(context.Context, []byte) ([]byte, error) { return []byte(result), nil }
}

func failsWith(message string) function {
	return func(context.Context, []byte) ([]byte, error) {
		return nil, &lambda.FunctionError{Type: "Error", Message: message}
	}
}

// hangs is a function that ends only with its context.
func hangs(ctx context.Context, _ []byte) ([]byte, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// echo answers with the message's body, unless it is silent.
func echo(_ context.Context, event []byte) ([]byte, error) {
	var e struct {
		Body string `json:"body"`
	}
	if err := json.Unmarshal(event, &e); err != nil {
		return nil, err
	}
	return json.Marshal(map[string]any{"statusCode": 200, "body": e.Body})
}

const allow = `{"principalId":"user-42","policyDocument":{"Version":"2012-10-17","Statement":[` +
	`{"Action":"execute-api:Invoke","Effect":"Allow","Resource":"*"}]},"context":{"tenant":"acme"}}`

func lambdaRoute(fn string) Route { return Route{Integration: Integration{Kind: Lambda, Function: fn}} }

func twoWay(fn string) Route {
	r := lambdaRoute(fn)
	r.Response = true
	return r
}

// testAPI has one route of each sort.
func testAPI() API {
	return API{
		ID: "k7demo9x2a", Region: "eu-west-1", Account: "111122223333", Stage: "live",
		RouteSelectionExpression: "$request.body.type",
		Routes: map[string]Route{
			"$connect": lambdaRoute("connect"), "$disconnect": lambdaRoute("disconnect"),
			"$default": twoWay("default"), "oneway": lambdaRoute("oneway"), "twoway": twoWay("twoway"),
		},
	}
}

func testFunctions() *functions {
	ok := returns(`{"statusCode":200}`)
	return newFunctions(map[string]function{
		"authorizer": returns(allow), "connect": ok, "disconnect": ok,
		"default": echo, "oneway": echo, "twoway": echo,
	})
}

// env is a running gateway behind a server on loopback.
type env struct {
	*Gateway
	fn   *functions
	addr string
}

// setup is what a test changes of the usual env.
type setup struct {
	api    *API
	fn     *functions
	opts   *Options
	stream bool // connections without a descriptor: the portable transport
}

func start(t testing.TB, s setup) *env {
	t.Helper()
	if s.api == nil {
		api := testAPI()
		s.api = &api
	}
	if s.fn == nil {
		s.fn = testFunctions()
	}
	g, err := New(*s.api, s.fn, s.opts)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	ln, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	if s.stream {
		ln = opaqueListener{ln}
	}
	server := &fasthttp.Server{Handler: func(ctx *fasthttp.RequestCtx) {
		if strings.Contains(string(ctx.Path()), "@connections") {
			g.ServeConnections(ctx)
			return
		}
		g.ServeUpgrade(ctx)
	}}
	Configure(server)
	done := make(chan error, 1)
	go func() { done <- server.Serve(ln) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := g.Close(ctx); err != nil {
			t.Errorf("Close: %v", err)
		}
		if err := server.ShutdownWithContext(ctx); err != nil {
			t.Errorf("server: %v", err)
		}
		<-done
	})
	return &env{Gateway: g, fn: s.fn, addr: addr}
}

// opaqueListener hides what kind of connection it accepts.
type opaqueListener struct{ net.Listener }

func (l opaqueListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return opaqueConn{c}, nil
}

type opaqueConn struct{ net.Conn }

func (c opaqueConn) CloseWrite() error { return c.Conn.(*net.TCPConn).CloseWrite() }

// bothTransports runs a test over epoll and over the portable transport.
func bothTransports(t *testing.T, run func(t *testing.T, stream bool)) {
	t.Run("socket", func(t *testing.T) { run(t, false) })
	t.Run("stream", func(t *testing.T) { run(t, true) })
}

// client speaks to the gateway byte by byte.
type client struct {
	t  testing.TB
	nc net.Conn
	br *bufio.Reader
	id string // connection id, once a $connect event told it
}

func (e *env) dialTCP(t testing.TB) *client {
	t.Helper()
	nc, err := net.Dial("tcp", e.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	if err := nc.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return &client{t: t, nc: nc, br: bufio.NewReaderSize(nc, 4096)}
}

const testKey = "dGhlIHNhbXBsZSBub25jZQ=="

// handshake sends an upgrade request; headers are lines without line ends.
func (c *client) handshake(target string, headers ...string) *http.Response {
	c.t.Helper()
	c.send([]byte(upgradeRequest(target, headers...)))
	return c.response()
}

func upgradeRequest(target string, headers ...string) string {
	lines := append([]string{
		"GET " + target + " HTTP/1.1", "Host: k7demo9x2a.execute-api.eu-west-1.amazonaws.com",
		"Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: " + testKey,
	}, headers...)
	return strings.Join(lines, "\r\n") + "\r\n\r\n"
}

func (c *client) response() *http.Response {
	c.t.Helper()
	r, err := http.ReadResponse(c.br, nil)
	if err != nil {
		c.t.Fatalf("read response: %v", err)
	}
	return r
}

func (c *client) send(b []byte) {
	c.t.Helper()
	if _, err := c.nc.Write(b); err != nil {
		c.t.Fatalf("write: %v", err)
	}
}

// connect makes an open connection and learns its id.
func (e *env) connect(t testing.TB, headers ...string) *client {
	t.Helper()
	c := e.dialTCP(t)
	if r := c.handshake("/live", headers...); r.StatusCode != 101 {
		t.Fatalf("handshake: got status %d, want 101", r.StatusCode)
	}
	calls := e.fn.calls("connect")
	if len(calls) > 0 {
		c.id = requestContext(decode(t, calls[len(calls)-1]))["connectionId"].(string)
	}
	return c
}

func requestContext(event map[string]any) map[string]any {
	return event["requestContext"].(map[string]any)
}

// masked is a client's frame.
func masked(h ws.Header, payload string) []byte {
	h.Length, h.Masked, h.Mask = int64(len(payload)), true, [4]byte{1, 2, 3, 4}
	b := []byte(payload)
	ws.Cipher(b, h.Mask, 0)
	var out strings.Builder
	if err := ws.WriteHeader(&out, h); err != nil {
		panic(err)
	}
	return append([]byte(out.String()), b...)
}

func text(payload string) []byte { return masked(ws.Header{Fin: true, OpCode: ws.OpText}, payload) }

func closeFrame(code ws.StatusCode, reason string) []byte {
	return masked(ws.Header{Fin: true, OpCode: ws.OpClose}, string(ws.NewCloseFrameBody(code, reason)))
}

// frame reads one frame.
func (c *client) frame() ws.Frame {
	c.t.Helper()
	h, err := ws.ReadHeader(c.br)
	if err != nil {
		c.t.Fatalf("read frame: %v", err)
	}
	payload := make([]byte, h.Length)
	if _, err := io.ReadFull(c.br, payload); err != nil {
		c.t.Fatalf("read payload: %v", err)
	}
	return ws.Frame{Header: h, Payload: payload}
}

func (c *client) wantText(want string) {
	c.t.Helper()
	f := c.frame()
	if f.Header.OpCode != ws.OpText || string(f.Payload) != want {
		c.t.Fatalf("frame: got %v %q, want text %q", f.Header.OpCode, f.Payload, want)
	}
}

// wantClose reads a close frame and the end of the stream after it.
func (c *client) wantClose(code ws.StatusCode, reason string) {
	c.t.Helper()
	f := c.frame()
	gotCode, gotReason := ws.ParseCloseFrameData(f.Payload)
	if f.Header.OpCode != ws.OpClose || gotCode != code || gotReason != reason {
		c.t.Fatalf("frame: got %v %d %q, want close %d %q", f.Header.OpCode, gotCode, gotReason, code, reason)
	}
	if _, err := c.br.ReadByte(); err != io.EOF {
		c.t.Fatalf("after the close frame: got %v, want EOF", err)
	}
}

// wantDisconnect waits for the $disconnect event.
func (e *env) wantDisconnect(t testing.TB, code int, reason string) {
	t.Helper()
	e.wantDisconnectWithin(t, 10*time.Second, code, reason)
}

func (e *env) wantDisconnectWithin(t testing.TB, d time.Duration, code int, reason string) {
	t.Helper()
	got := requestContext(e.fn.waitWithin(t, d, "disconnect"))
	if got["disconnectStatusCode"] != float64(code) || got["disconnectReason"] != reason {
		t.Fatalf("$disconnect: got %v %q, want %d %q", got["disconnectStatusCode"], got["disconnectReason"], code, reason)
	}
}

// errorFrame is what an error frame must look like; the request id varies.
func (c *client) wantErrorFrame(message string) {
	c.t.Helper()
	got := string(c.frame().Payload)
	prefix := fmt.Sprintf(`{"message": "%s", "connectionId":"%s", "requestId":"`, message, c.id)
	id, ok := strings.CutPrefix(got, prefix)
	if !ok || !strings.HasSuffix(id, `="}`) || len(id) != connid.Length+2 {
		c.t.Fatalf("error frame:\n got %s\nwant %s…\"}", got, prefix)
	}
}

package httpapi

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"
	"go.uber.org/goleak"

	"bellhop/localdev/lambda"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// invoker is a lambda.Invoker that notes the last call.
type invoker struct {
	answer   func(ctx context.Context) ([]byte, error)
	function string
	payload  []byte
}

var _ lambda.Invoker = (*invoker)(nil)

func (i *invoker) Invoke(ctx context.Context, function string, payload []byte) ([]byte, error) {
	i.function, i.payload = function, payload
	return i.answer(ctx)
}

func answering(result string, err error) *invoker {
	return &invoker{answer: func(context.Context) ([]byte, error) { return []byte(result), err }}
}

// newAPI makes the API that most tests use, with a fixed clock and ids.
func newAPI(t testing.TB, i lambda.Invoker, routes ...string) *HTTPAPI {
	t.Helper()
	api := API{ID: "k7demo9x2a", Region: "eu-west-1", Account: "123456789012"}
	for _, key := range routes {
		api.Routes = append(api.Routes, Route{Key: key, Function: "to " + key})
	}
	return mustNew(t, api, i)
}

func mustNew(t testing.TB, api API, i lambda.Invoker) *HTTPAPI {
	t.Helper()
	h, err := New(api, i, &Options{
		Now:       func() time.Time { return time.Date(2026, 9, 2, 9, 15, 4, 120e6, time.UTC) },
		RequestID: func() string { return "Zk3TqFW1IAMFa8w=" },
		Logger:    slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return h
}

// conn is an in-memory connection with addresses.
type conn struct{ net.Conn }

func (conn) LocalAddr() net.Addr  { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8000} }
func (conn) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(198, 51, 100, 7), Port: 50000} }

// answer is a response, read to its end.
type answer struct {
	status int
	header http.Header
	body   string
}

// send writes a request, byte for byte, to a server of h, and returns its answer.
func send(t testing.TB, h *HTTPAPI, request string) answer {
	t.Helper()
	client, server := net.Pipe()
	s := &fasthttp.Server{
		Handler: h.Serve, DisableHeaderNamesNormalizing: true, NoDefaultServerHeader: true, NoDefaultDate: true,
		MaxRequestBodySize: MaxBody + 1024,
	}
	served := make(chan error, 1)
	go func() { served <- s.ServeConn(conn{server}) }()
	sent := make(chan error, 1)
	go func() { _, err := io.WriteString(client, request); sent <- err }()
	method, _, _ := strings.Cut(request, " ")
	resp, err := http.ReadResponse(bufio.NewReader(client), &http.Request{Method: method})
	if err != nil {
		t.Fatalf("read response to %.60q: %v", request, err)
	}
	body, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, <-sent, resp.Body.Close(), client.Close(), <-served); err != nil {
		t.Fatalf("%.60q: %v", request, err)
	}
	return answer{resp.StatusCode, resp.Header, string(body)}
}

// get is a GET request for a path.
func get(path string) string { return "GET " + path + " HTTP/1.1\r\nHost: localhost:8000\r\n\r\n" }

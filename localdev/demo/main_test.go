package demo

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// call is one invocation.
type call struct{ function, payload string }

// invoker is a lambda.Invoker that answers by the function's name and notes
// the calls.
type invoker struct {
	answers map[string]string
	err     error
	calls   []call
}

func (i *invoker) Invoke(_ context.Context, function string, payload []byte) ([]byte, error) {
	i.calls = append(i.calls, call{function, string(payload)})
	return []byte(i.answers[function]), i.err
}

// answer is a response, read to its end.
type answer struct {
	status  int
	header  http.Header
	body    string
	cookies []*http.Cookie
}

// send writes a request, byte for byte, to a server of d as localdev runs it.
func send(t *testing.T, d *Demo, request string) answer {
	t.Helper()
	client, server := net.Pipe()
	s := &fasthttp.Server{Handler: d.Serve, DisableHeaderNamesNormalizing: true, NoDefaultDate: true, MaxRequestBodySize: 10 << 20}
	served := make(chan error, 1)
	go func() { served <- s.ServeConn(server) }()
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
	return answer{resp.StatusCode, resp.Header, string(body), resp.Cookies()}
}

func get(path string, headers ...string) string {
	return "GET " + path + " HTTP/1.1\r\nHost: localhost:8000\r\n" + lines(headers) + "\r\n"
}

// post is what the page sends. Names of headers are in lower case, as scripts
// of other programs spell them.
func post(path, body string, headers ...string) string {
	return postWith(path, body, append(headers, "content-type: application/json", "origin: http://localhost:8000")...)
}

func postWith(path, body string, headers ...string) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: localhost:8000\r\nContent-Length: %d\r\n%s\r\n%s", path, len(body), lines(headers), body)
}

func lines(headers []string) string {
	var b strings.Builder
	for _, h := range headers {
		b.WriteString(h + "\r\n")
	}
	return b.String()
}

// wantError checks that the answer is an error of this status and code.
func wantError(t *testing.T, a answer, status int, code string) {
	t.Helper()
	if a.status != status || !strings.Contains(a.body, `{"error":{"code":"`+code+`","message":"`) {
		t.Errorf("got %d %s, want %d with code %s", a.status, a.body, status, code)
	}
}

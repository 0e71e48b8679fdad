package httpapi

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"bellhop/localdev/lambda"
)

func TestResponseForms(t *testing.T) {
	const jsonType, textType = "application/json", "text/plain;charset=UTF-8"
	for _, c := range []struct {
		result      string
		status      int
		contentType string
		body        string
	}{
		{`{"statusCode":200,"headers":{"Content-Type":"application/json"},"body":"{\"a\":1}"}`, 200, jsonType, `{"a":1}`},
		{`{"statusCode":201,"body":"hi"}`, 201, textType, `hi`},
		{`{"statusCode":"404","body":"hi"}`, 404, textType, `hi`},
		{`{"statusCode":204}`, 204, "", ``},
		{`{"statusCode":200,"headers":null,"body":null,"cookies":null,"isBase64Encoded":null}`, 200, "", ``},
		{`{"statusCode":200,"headers":{"content-type":"image/png"},"body":"iVBORw==","isBase64Encoded":true}`, 200, "image/png", "\x89PNG"},
		{`{"message":"hi"}`, 200, jsonType, `{"message":"hi"}`},
		{`[1,2]`, 200, jsonType, `[1,2]`},
		{`"Hello!"`, 200, jsonType, `Hello!`},
		{` null `, 200, jsonType, `null`},
		{`{"StatusCode":404}`, 200, jsonType, `{"StatusCode":404}`},
	} {
		got := send(t, newAPI(t, answering(c.result, nil), "$default"), get("/"))
		if got.status != c.status || got.header.Get("Content-Type") != c.contentType || got.body != c.body {
			t.Errorf("result %s: got %d %q %q, want %d %q %q", c.result, got.status, got.header.Get("Content-Type"), got.body, c.status, c.contentType, c.body)
		}
		if id := got.header.Get("apigw-requestid"); id != "Zk3TqFW1IAMFa8w=" {
			t.Errorf("result %s: got request id %q, want the request's", c.result, id)
		}
	}
}

func TestHeadersAndCookiesReachTheClient(t *testing.T) {
	result := `{"statusCode":200,"headers":{"X-Number":7,"X-Bool":true,"X-List":"a, b","Content-Length":"99","Transfer-Encoding":"chunked","Connection":"close"},
		"cookies":["sessionid=abc; HttpOnly","sessionid=; Path=/old","theme=dark"],"body":"hi"}`
	got := send(t, newAPI(t, answering(result, nil), "$default"), get("/"))
	for name, want := range map[string][]string{
		"X-Number":       {"7"},
		"X-Bool":         {"true"},
		"X-List":         {"a, b"},
		"Content-Length": {"2"},
		"Connection":     nil,
		"Set-Cookie":     {"sessionid=abc; HttpOnly", "sessionid=; Path=/old", "theme=dark"},
	} {
		if diff := cmp.Diff(want, got.header[name]); diff != "" {
			t.Errorf("header %s (-want +got):\n%s", name, diff)
		}
	}
}

func TestMalformedResultsAre500(t *testing.T) {
	for _, result := range []string{
		``, `{`, `hello`, `{"statusCode":null}`, `{"statusCode":"ok"}`, `{"statusCode":99}`, `{"statusCode":101}`, `{"statusCode":600}`,
		`{"statusCode":200.5}`, `{"statusCode":200,"body":{"a":1}}`, `{"statusCode":200,"headers":[]}`, `{"statusCode":200,"headers":{"a":{}}}`,
		`{"statusCode":200,"headers":{"a":null}}`, `{"statusCode":200,"headers":{"a":"b\r\nX-Evil: 1"}}`, `{"statusCode":200,"headers":{"a\r\nb":"c"}}`,
		`{"statusCode":200,"cookies":["a=b\r\nX-Evil: 1"]}`, `{"statusCode":200,"cookies":"a=b"}`, `{"statusCode":200,"cookies":[1]}`,
		`{"statusCode":200,"body":"%%","isBase64Encoded":true}`, `{"statusCode":200,"isBase64Encoded":"yes"}`,
	} {
		got := send(t, newAPI(t, answering(result, nil), "$default"), get("/"))
		expectMessage(t, "result "+result, got, 500, "Internal Server Error")
	}
}

func expectMessage(t *testing.T, what string, got answer, status int, message string) {
	t.Helper()
	if want := `{"message":"` + message + `"}`; got.status != status || got.body != want || got.header.Get("Content-Type") != "application/json" {
		t.Errorf("%s: got %d %q %s, want %d %s as JSON", what, got.status, got.header.Get("Content-Type"), got.body, status, want)
	}
}

func TestGatewayErrors(t *testing.T) {
	failed := &lambda.FunctionError{Type: "errorString", Message: "no", Payload: []byte(`{"errorMessage":"no"}`)}
	for what, c := range map[string]struct {
		err     error
		status  int
		message string
	}{
		"function error":   {failed, 500, "Internal Server Error"},
		"own time-out":     {&lambda.FunctionError{Type: "Sandbox.Timedout"}, 500, "Internal Server Error"},
		"no such function": {fmt.Errorf("invoke: %w", lambda.ErrNotFound), 500, "Internal Server Error"},
		"throttled":        {fmt.Errorf("invoke: %w", lambda.ErrThrottled), 503, "Service Unavailable"},
	} {
		got := send(t, newAPI(t, answering("", c.err), "$default"), get("/"))
		expectMessage(t, what, got, c.status, c.message)
	}
	expectMessage(t, "no route", send(t, newAPI(t, nil, "GET /a"), get("/b")), 404, "Not Found")
	staged := mustNew(t, API{Stage: "live", Routes: []Route{{Key: "$default", Function: "f"}}}, nil)
	expectMessage(t, "no stage", send(t, staged, get("/b")), 404, "Not Found")
}

// A function that nothing lets API Gateway invoke is not called.
func TestWithoutAPermissionIs500(t *testing.T) {
	i := answering(`{"statusCode":200}`, nil)
	h := mustNew(t, API{ID: "k7demo9x2a", Routes: []Route{{Key: "GET /x", Function: "f", Denied: true}}}, i)
	got := send(t, h, "GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
	if got.status != 500 || got.body != `{"message":"Internal Server Error"}` || i.function != "" {
		t.Errorf("got %d %s, called %q; want 500 and no call", got.status, got.body, i.function)
	}
}

func TestTimeoutIs503(t *testing.T) {
	for limit, want := range map[time.Duration]time.Duration{0: 30 * time.Second, 2 * time.Second: 2 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			i := &invoker{answer: func(ctx context.Context) ([]byte, error) {
				<-ctx.Done()
				return nil, fmt.Errorf("invoke: %w", ctx.Err())
			}}
			h := mustNew(t, API{Routes: []Route{{Key: "$default", Function: "f", Timeout: limit}}}, i)
			start := time.Now()
			expectMessage(t, "slow function", send(t, h, get("/")), 503, "Service Unavailable")
			if took := time.Since(start); took != want {
				t.Errorf("time-out %v: got an answer after %v, want %v", limit, took, want)
			}
		})
	}
}

func TestBodyLimit(t *testing.T) {
	for size, want := range map[int]int{MaxBody: 200, MaxBody + 1: 413} {
		request := fmt.Sprintf("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n", size) + strings.Repeat("x", size)
		got := send(t, newAPI(t, answering(`{}`, nil), "$default"), request)
		if got.status != want {
			t.Errorf("body of %d bytes: got %d, want %d", size, got.status, want)
		}
		if want == 413 {
			expectMessage(t, "large body", got, 413, "Request Entity Too Large")
		}
	}
}

func TestInvokesTheRoutesFunction(t *testing.T) {
	i := answering(`{}`, nil)
	send(t, newAPI(t, i, "GET /a", "$default"), get("/a?x=1"))
	if i.function != "to GET /a" {
		t.Errorf("function: got %q, want that of GET /a", i.function)
	}
}

// TestGoHandlerEndToEnd runs a handler as functions/inbox has it, with the types
// of aws-lambda-go on both sides.
func TestGoHandlerEndToEnd(t *testing.T) {
	handler := func(_ context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		if e.PathParameters["id"] == "crash" {
			panic("secret")
		}
		return events.APIGatewayV2HTTPResponse{
			StatusCode: 201, Body: e.RequestContext.HTTP.Method + " " + e.PathParameters["id"],
			Headers: map[string]string{"Cache-Control": "no-store"}, Cookies: e.Cookies,
		}, nil
	}
	spec := lambda.Spec{Name: "bellhop-inbox"}
	registry, err := lambda.NewRegistry([]lambda.Function{
		{LogicalID: "InboxFunction", Spec: spec, Runner: lambda.InProcess(handler, spec)},
	})
	if err != nil {
		t.Fatalf("NewRegistry: %v", err)
	}
	defer func() {
		if err := registry.Close(t.Context()); err != nil {
			t.Errorf("Close: %v", err)
		}
	}()
	h := mustNew(t, API{Routes: []Route{{Key: "GET /items/{id}", Function: "InboxFunction"}}}, registry)
	got := send(t, h, "GET /items/7 HTTP/1.1\r\nHost: h\r\ncookie: a=b\r\n\r\n")
	if got.status != 201 || got.body != "GET 7" || got.header.Get("Set-Cookie") != "a=b" || got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("answer: got %+v, want 201, GET 7, the cookie and no-store", got)
	}
	expectMessage(t, "panic", send(t, h, get("/items/crash")), 500, "Internal Server Error")
}

// FuzzDecodeResponse checks that a result gives a response that can be sent, or
// an error that says what is wrong with it.
func FuzzDecodeResponse(f *testing.F) {
	for _, s := range []string{
		`{"statusCode":200,"headers":{"a":"b"},"cookies":["c=d"],"body":"eA==","isBase64Encoded":true}`,
		`"x"`, `null`, `[]`, `{"statusCode":"200"}`, `{"statusCode":1e3}`, ``, `{"statusCode":200,"headers":{"":"b"}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, result []byte) {
		got, err := decodeResponse(result)
		if err != nil {
			if !errors.Is(err, errMalformed) {
				t.Errorf("error: got %v, want errMalformed", err)
			}
			return
		}
		if got.status < 200 || got.status > 599 {
			t.Errorf("status: got %d, want one from 200 to 599", got.status)
		}
		for name, value := range got.headers {
			if name == "" || strings.ContainsAny(name+value, "\r\n\x00") {
				t.Errorf("header: got %q: %q, want one that can be sent", name, value)
			}
		}
	})
}

package gateway

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const signature = "AWS4-HMAC-SHA256 Credential=AKID/20260902/eu-west-1/execute-api/aws4_request, SignedHeaders=host, Signature=00"

// call is a request to the management API.
type call struct{ method, path, body, authorization string }

func (e *env) manage(t *testing.T, c call) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(c.method, "http://"+e.addr, strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	path, query, _ := strings.Cut(c.path, "?")
	req.URL = &url.URL{Scheme: "http", Host: e.addr, Opaque: "//" + e.addr + path, RawQuery: query}
	if c.authorization != "" {
		req.Header.Set("authorization", c.authorization)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	r, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r, string(body)
}

func TestManagement_6_Post(t *testing.T) {
	bothTransports(t, func(t *testing.T, stream bool) {
		e := start(t, setup{stream: stream})
		c := e.connect(t)
		for _, path := range []string{
			"/live/@connections/" + c.id, "/live/%40connections/" + url.PathEscape(c.id),
			"/@connections/" + strings.ReplaceAll(c.id, "=", "%3D"),
		} {
			r, body := e.manage(t, call{"POST", path, "hello", signature})
			if r.StatusCode != 200 || body != "" {
				t.Errorf("POST %s: got %d %q, want 200 and no body", path, r.StatusCode, body)
			}
			c.wantText("hello")
		}
	})
}

func TestManagement_6_PostOf128KiBComesInFramesOf32KiB(t *testing.T) {
	e := start(t, setup{})
	c := e.connect(t)
	r, _ := e.manage(t, call{"POST", "/@connections/" + c.id, strings.Repeat("x", 128<<10), signature})
	if r.StatusCode != 200 {
		t.Fatalf("got %d", r.StatusCode)
	}
	for i := range 4 {
		if f := c.frame(); f.Header.Length != 32<<10 || f.Header.Fin != (i == 3) {
			t.Errorf("frame %d: got %d bytes, fin %v", i, f.Header.Length, f.Header.Fin)
		}
	}
}

func TestManagement_6_Errors(t *testing.T) {
	e := start(t, setup{})
	c := e.connect(t)
	gone := "Zk3TqcW1IAMCJ2w="
	for _, tt := range []struct {
		name, method, path, auth, body string
		status                         int
		want, errType                  string
	}{
		{"MalformedID", "POST", "/@connections/not-an-id", signature, "", 400, `{"message":"Invalid connectionId: not-an-id"}`, "BadRequestException"},
		{"Gone", "POST", "/@connections/" + gone, signature, "", 410, "", "GoneException"},
		{"GetGone", "GET", "/@connections/" + gone, signature, "", 410, "", "GoneException"},
		{"DeleteGone", "DELETE", "/@connections/" + gone, signature, "", 410, "", "GoneException"},
		{"Unsigned", "POST", "/@connections/" + c.id, "", "", 403, `{"message":"Missing Authentication Token"}`, "MissingAuthenticationTokenException"},
		{"Basic", "POST", "/@connections/" + c.id, "Basic eDp5", "", 403, `{"message":"Missing Authentication Token"}`, "MissingAuthenticationTokenException"},
		{"OtherService", "POST", "/@connections/" + c.id, strings.Replace(signature, "execute-api", "lambda", 1), "", 403, `{"message":"Credential should be scoped to correct service: 'execute-api'."}`, "InvalidSignatureException"},
		{"OtherStage", "POST", "/dev/@connections/" + c.id, signature, "", 403, `{"message":"Forbidden"}`, "ForbiddenException"},
		{"TooLarge", "POST", "/@connections/" + c.id, signature, strings.Repeat("x", 128<<10+1), 413, `{"message":"Payload Too Large"}`, "PayloadTooLargeException"},
		{"OtherMethod", "PUT", "/@connections/" + c.id, signature, "", 403, `{"message":"Missing Authentication Token"}`, "MissingAuthenticationTokenException"},
	} {
		r, body := e.manage(t, call{tt.method, tt.path, tt.body, tt.auth})
		if r.StatusCode != tt.status || body != tt.want || r.Header.Get("x-amzn-ErrorType") != tt.errType {
			t.Errorf("%s: got %d %q %s, want %d %q %s", tt.name,
				r.StatusCode, body, r.Header.Get("x-amzn-ErrorType"), tt.status, tt.want, tt.errType)
		}
	}
}

func TestManagement_6_PresignedQueryAndSwitch(t *testing.T) {
	e := start(t, setup{})
	c := e.connect(t)
	r, _ := e.manage(t, call{"POST", "/@connections/" + c.id + "?X-Amz-Credential=AKID%2F20260902%2Feu-west-1%2Fexecute-api%2Faws4_request&X-Amz-Signature=00", "x", ""})
	if r.StatusCode != 200 {
		t.Errorf("presigned: got %d, want 200", r.StatusCode)
	}
	e = start(t, setup{opts: &Options{Uncertain: Uncertain{Signatures: SignaturesIgnored}}})
	c = e.connect(t)
	if r, _ := e.manage(t, call{"POST", "/@connections/" + c.id, "x", ""}); r.StatusCode != 200 {
		t.Errorf("unsigned, allowed: got %d, want 200", r.StatusCode)
	}
}

func TestManagement_6_Get(t *testing.T) {
	e := start(t, setup{})
	for agent, want := range map[string]any{"": nil, "Mozilla/5.0": "Mozilla/5.0"} {
		var headers []string
		if agent != "" {
			headers = append(headers, "user-agent: "+agent)
		}
		c := e.connect(t, headers...)
		r, body := e.manage(t, call{"GET", "/@connections/" + c.id, "", signature})
		var got struct {
			ConnectedAt, LastActiveAt string
			Identity                  map[string]any
		}
		if err := json.Unmarshal([]byte(body), &got); err != nil || r.StatusCode != 200 {
			t.Fatalf("got %d %s: %v", r.StatusCode, body, err)
		}
		for _, text := range []string{got.ConnectedAt, got.LastActiveAt} {
			if at, err := time.Parse("2006-01-02T15:04:05.000Z", text); err != nil || time.Since(at) > time.Minute {
				t.Errorf("time: got %s", text)
			}
		}
		agent, has := got.Identity["userAgent"]
		if !has || agent != want || got.Identity["sourceIp"] != "127.0.0.1" {
			t.Errorf("identity: got %v, want agent %v", got.Identity, want)
		}
	}
}

// What counts as activity is the client's messages, not pushes to it.
func TestManagement_6_LastActiveAtIsTheClientsLatestMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, c := inMemory(t, testFunctions(), nil)
		start := time.Now().Truncate(time.Millisecond)
		time.Sleep(time.Minute)
		c.send(text(`{"type":"twoway"}`))
		c.wantText(`{"type":"twoway"}`)
		time.Sleep(time.Minute)
		if err := g.Post(t.Context(), c.id, []byte("x")); err != nil {
			t.Fatal(err)
		}
		c.wantText("x")
		info, err := g.Get(t.Context(), c.id)
		if err != nil || !info.ConnectedAt.Equal(start) || !info.LastActiveAt.Equal(start.Add(time.Minute)) {
			t.Errorf("got %v, %v, %v; want connected at the start, active a minute later", info.ConnectedAt.Sub(start), info.LastActiveAt.Sub(start), err)
		}
		c.nc.Close()
		closeGateway(t, g)
	})
}

// Bytes that are no text come in a text frame, as they are.
func TestManagement_5_PostOfBinaryDataIsATextFrame(t *testing.T) {
	e := start(t, setup{})
	c := e.connect(t)
	for _, data := range []string{"", "\xff\x00\x80"} {
		if r, _ := e.manage(t, call{"POST", "/@connections/" + c.id, data, signature}); r.StatusCode != 200 {
			t.Errorf("%q: got %d, want 200", data, r.StatusCode)
		}
		c.wantText(data)
	}
}

func TestManagement_6_Delete(t *testing.T) {
	bothTransports(t, func(t *testing.T, stream bool) {
		e := start(t, setup{stream: stream})
		c := e.connect(t)
		if r, body := e.manage(t, call{"DELETE", "/live/@connections/" + c.id, "", signature}); r.StatusCode != 204 || body != "" {
			t.Errorf("got %d %q, want 204", r.StatusCode, body)
		}
		c.wantClose(1000, "Connection Closed Normally")
		e.wantDisconnect(t, 1000, "Connection Closed Normally")
		if err := e.Delete(t.Context(), c.id); !errors.Is(err, ErrGone) {
			t.Errorf("second Delete: got %v, want ErrGone", err)
		}
	})
}

// Before $connect has returned, the connection is not there yet.
func TestManagement_6_GoneBeforeTheHandshakeIsComplete(t *testing.T) {
	fn := testFunctions()
	var e *env
	var got error
	fn.byName["connect"] = connectThen(t, func(id string) { got = e.Post(t.Context(), id, []byte("early")) })
	e = start(t, setup{fn: fn})
	c := e.connect(t)
	if !errors.Is(got, ErrGone) {
		t.Errorf("Post from $connect: got %v, want ErrGone", got)
	}
	if err := e.Post(t.Context(), c.id, []byte("now")); err != nil {
		t.Errorf("Post right after the 101: %v", err)
	}
	c.wantText("now")
}

// A client that does not read costs its own pushes only.
func TestManagement_6_SlowReader(t *testing.T) {
	bothTransports(t, func(t *testing.T, stream bool) {
		e := start(t, setup{stream: stream, opts: &Options{Limits: Limits{SendBuffer: 200 << 10}}})
		slow := e.connect(t)
		quick := e.connect(t)
		payload := []byte(strings.Repeat("x", 128<<10))
		sent := 0
		for {
			err := e.Post(t.Context(), slow.id, payload)
			if errors.Is(err, ErrLimit) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			sent++
		}
		for { // the kernel may still have taken some
			r, _ := e.manage(t, call{"POST", "/@connections/" + slow.id, string(payload), signature})
			if r.StatusCode == 429 {
				if got := r.Header.Get("x-amzn-ErrorType"); got != "LimitExceededException" {
					t.Errorf("x-amzn-ErrorType: got %s", got)
				}
				break
			}
			sent++
		}
		if err := e.Post(t.Context(), quick.id, []byte("x")); err != nil {
			t.Errorf("Post to another client: %v", err)
		}
		quick.wantText("x")
		for i := range sent * 4 { // what was taken arrives whole and in order
			if f := slow.frame(); f.Header.Length != 32<<10 || f.Header.Fin != (i%4 == 3) {
				t.Fatalf("frame %d: got %d bytes, fin %v", i, f.Header.Length, f.Header.Fin)
			}
		}
		if err := e.Post(t.Context(), slow.id, []byte("again")); err != nil {
			t.Errorf("Post after the client caught up: %v", err)
		}
		slow.wantText("again")
	})
}

func TestManagement_StuckClientIsDropped(t *testing.T) {
	bothTransports(t, func(t *testing.T, stream bool) {
		e := start(t, setup{stream: stream, opts: &Options{Limits: Limits{WriteTimeout: 100 * time.Millisecond, SendBuffer: 128 << 10}}})
		slow := e.connect(t)
		payload := []byte(strings.Repeat("x", 128<<10))
		for !errors.Is(e.Post(t.Context(), slow.id, payload), ErrGone) {
			runtime.Gosched()
		}
		e.wantDisconnect(t, 1006, "")
	})
}

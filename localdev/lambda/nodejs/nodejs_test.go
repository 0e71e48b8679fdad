package nodejs_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"bellhop/localdev/lambda"
	"bellhop/localdev/lambda/nodejs"
	"bellhop/localdev/lambda/runtime"
	"bellhop/localdev/tools"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const arn = "arn:aws:lambda:eu-west-1:123456789012:function:chat"

// output is safe for concurrent use.
type output struct {
	mu sync.Mutex
	bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.Buffer.Write(p)
}

// open runs a handler of testdata until the test ends.
func open(t testing.TB, handler string, env map[string]string, out io.Writer) *runtime.Runner {
	t.Helper()
	client, err := nodejs.Write(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	found, err := tools.Find()
	if err != nil {
		t.Fatal(err)
	}
	node, err := found.Node()
	if err != nil {
		t.Fatal(err)
	}
	packages, err := found.NodeModules()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{"NODE_PATH": packages, "NODE_OPTIONS": "--require " + client.Hosts}
	for name, value := range env {
		all[name] = value
	}
	r, err := runtime.New(node, lambda.Spec{Name: "chat", ARN: arn, Timeout: 10 * time.Second, MemorySize: 256}, runtime.Options{
		Args: []string{client.Main}, Root: "testdata", Handler: handler, Env: all, Output: out, Identity: "nodejs20.x",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(context.Background()); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return r
}

func TestHandlers_OfEveryKind(t *testing.T) {
	for handler, want := range map[string]string{
		"app.promise":        `{"got":{"a":"ü"}}`,
		"app.callback":       `{"got":{"a":"ü"}}`,
		"app.succeed":        `"done"`,
		"app.waits":          `{"late":1}`,
		"app.waitsNot":       `{"late":0}`,
		"app.nothing":        `null`,
		"app.plain":          `null`,
		"app.nested.handler": `"nested"`,
		"app.sdk":            `"function"`,
		"module.handler":     `{"got":{"a":"ü"},"sdk":"function"}`,
		"esm/app.handler":    `"default export"`,
	} {
		t.Run(handler, func(t *testing.T) {
			t.Parallel()
			r := open(t, handler, nil, nil)
			for range 2 { // the second time in the same process
				if got, err := r.Invoke(t.Context(), []byte(`{"a":"ü"}`)); err != nil || string(got) != want {
					t.Errorf("got %s, %v, want %s", got, err, want)
				}
			}
		})
	}
}

// What layers bring is found by name, and by its path in /opt; the first of
// BELLHOP_LAYERS wins.
func TestHandlers_FindLayers(t *testing.T) {
	last, first := t.TempDir(), t.TempDir()
	for path, text := range map[string]string{
		last + "/nodejs/node_modules/greeting/index.js": "hello", last + "/nodejs/words.js": "new", first + "/nodejs/words.js": "old",
	} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("module.exports = '"+text+"';"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	list := string(os.PathListSeparator)
	env := map[string]string{"NODE_PATH": last + "/nodejs/node_modules" + list + "/nowhere", "BELLHOP_LAYERS": last + list + first}
	for _, handler := range []string{"layers.handler", "layered.handler"} {
		r := open(t, handler, env, nil)
		if got, err := r.Invoke(t.Context(), []byte("{}")); err != nil || string(got) != `["hello","new"]` {
			t.Errorf("%s: got %s, %v, want the later layer's modules", handler, got, err)
		}
	}
	r := open(t, "layers.handler", map[string]string{"NODE_PATH": env["NODE_PATH"], "BELLHOP_LAYERS": first}, nil)
	if got, err := r.Invoke(t.Context(), []byte("{}")); err != nil || string(got) != `["hello","old"]` {
		t.Errorf("one layer: got %s, %v", got, err)
	}
}

// What is thrown between two invocations ends the process, and fails neither.
func TestHandlers_ThatThrowAfterwards(t *testing.T) {
	var out output
	r := open(t, "app.afterwards", nil, &out)
	for n := range 2 {
		if got, err := r.Invoke(t.Context(), []byte("{}")); err != nil || string(got) != "null" {
			t.Fatalf("invocation %d: got %s, %v, want null", n, got, err)
		}
		for ends := time.Now().Add(20 * time.Second); r.Stats().Processes > 0; {
			if time.Now().After(ends) {
				t.Fatal("the process goes on")
			}
			goruntime.Gosched()
		}
	}
	if !strings.Contains(out.String(), "thrown afterwards") {
		t.Errorf("output:\n%s\nwant the error", out.String())
	}
}

// A large event comes in many parts, which may end amid a character.
func TestEvents_OfManyParts(t *testing.T) {
	r := open(t, "app.promise", nil, nil)
	event := `{"a":"` + strings.Repeat("ü€", 200_000) + `"}`
	for range 2 {
		got, err := r.Invoke(t.Context(), []byte(event))
		if err != nil || string(got) != `{"got":`+event+`}` {
			t.Fatalf("got %d bytes, %v, want %d that are the same", len(got), err, len(event)+8)
		}
	}
}

func TestErrors_HaveLambdasForm(t *testing.T) {
	for handler, want := range map[string]struct{ kind, message string }{
		"app.callbackError":  {"TypeError", "no luck"},
		"app.callbackText":   {"string", "no luck"},
		"app.throws":         {"RangeError", "out of range"},
		"app.rejects":        {"GoneException", "gone"},
		"app.rejectsText":    {"string", "text"},
		"app.unhandled":      {"Runtime.UnhandledPromiseRejection", "Error: forgotten"},
		"app.uncaught":       {"Error", "thrown later"},
		"app.circular":       {"TypeError", "Converting circular structure to JSON"},
		"app.value":          {"Runtime.HandlerNotFound", "app.value is not a function"},
		"app.absent":         {"Runtime.HandlerNotFound", "app.absent is undefined or not exported"},
		"absent.handler":     {"Runtime.ImportModuleError", "Cannot find module"},
		"missing.handler":    {"Runtime.ImportModuleError", "Cannot find package 'a-package-that-nobody-has'"},
		"syntax.handler":     {"Runtime.UserCodeSyntaxError", "SyntaxError: "},
		"handler":            {"Runtime.MalformedHandlerName", "Bad handler"},
		"../nodejs.handler":  {"Runtime.MalformedHandlerName", "is not a valid handler name"},
		"esm/app.nothing.at": {"Runtime.HandlerNotFound", "esm/app.nothing.at is undefined"},
	} {
		t.Run(handler, func(t *testing.T) {
			t.Parallel()
			_, err := open(t, handler, nil, nil).Invoke(t.Context(), []byte("{}"))
			var failed *lambda.FunctionError
			if !errors.As(err, &failed) {
				t.Fatalf("got %v, want a *FunctionError", err)
			}
			if failed.Type != want.kind || !strings.Contains(failed.Message, want.message) {
				t.Errorf("got %s, %q, want %s, %q", failed.Type, failed.Message, want.kind, want.message)
			}
			var document struct{ Trace []string }
			if err := json.Unmarshal(failed.Payload, &document); err != nil || document.Trace == nil {
				t.Errorf("payload: got %s, want a trace in it", failed.Payload)
			}
		})
	}
}

func TestLines_HaveTimeRequestAndLevel(t *testing.T) {
	var out output
	r := open(t, "app.prints", nil, &out)
	ctx := lambda.NewContext(context.Background(), lambda.Invocation{RequestID: "request-1"})
	if _, err := r.Invoke(ctx, []byte("{}")); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Z\trequest-1\tINFO\ttwo\rlines { a: 1 }\n", "Z\trequest-1\tERROR\tbad\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("output: got %q, want %q in it", out.String(), want)
		}
	}
}

func TestHosts_AreLedElsewhere(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != "example.com" {
			w.WriteHeader(http.StatusMisdirectedRequest)
		}
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.EnableHTTP2 = true
	server.StartTLS() // its certificate is for example.com, too
	defer server.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pemOf(server.Certificate()), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"BELLHOP_HOSTS": "other.example,example.com", "BELLHOP_HOSTS_AT": server.Listener.Addr().String(), "NODE_EXTRA_CA_CERTS": ca}
	got, err := open(t, "hosts.handler", env, nil).Invoke(t.Context(), []byte(`{"url":"https://example.com/"}`))
	if want := `{"https":200,"fetch":200,"http2":"example.com"}`; err != nil || string(got) != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}

func pemOf(c *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}

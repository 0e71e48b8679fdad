package runtime

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"bellhop/localdev/lambda"
)

// bare is a Runner with one process that the test plays itself.
func bare(t *testing.T) (*Runner, *httptest.Server) {
	t.Helper()
	spec := lambda.Spec{Name: "f", Timeout: time.Minute}
	r := &Runner{spec: spec, opts: Options{MaxProcesses: 1}.withDefaults(spec), processes: map[*process]struct{}{}}
	p := newProcess(r)
	r.processes[p] = struct{}{}
	server := httptest.NewServer(p.handler())
	t.Cleanup(func() {
		server.Close()
		p.end(errOver)
	})
	return r, server
}

func do(t *testing.T, method, url, body string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer res.Body.Close()
	return res.StatusCode
}

func TestAPI_KeepsARuntimeToTheProtocol(t *testing.T) {
	r, server := bare(t)
	at := server.URL + "/2018-06-01/runtime/invocation/"
	done := make(chan string, 1)
	go func() {
		ctx := lambda.NewContext(context.Background(), lambda.Invocation{RequestID: "one"})
		result, err := r.Invoke(ctx, []byte("{}"))
		if err != nil {
			t.Errorf("invoke: %v", err)
		}
		done <- string(result)
	}()
	for _, step := range []struct {
		method, path, body string
		want               int
	}{
		{"GET", "next", "", 200},
		{"GET", "next", "", 403}, // one is not answered yet
		{"POST", "two/response", "{}", 400},
		{"POST", "two/error", "{}", 400},
		{"POST", "one/response", `"done"`, 202},
		{"POST", "one/response", `"again"`, 400},
		{"POST", "next", "", 405},
		{"GET", "one/response", "", 405},
		{"GET", "elsewhere", "", 404},
	} {
		if got := do(t, step.method, at+step.path, step.body); got != step.want {
			t.Errorf("%s %s: got status %d, want %d", step.method, step.path, got, step.want)
		}
	}
	if got := <-done; got != `"done"` {
		t.Errorf("result: got %s, want \"done\"", got)
	}
}

func FuzzReportedError(f *testing.F) {
	f.Add([]byte(`{"errorMessage":"m","errorType":"T"}`), "Kind")
	f.Add([]byte(`nonsense`), "Kind")
	f.Add([]byte(`{"errorMessage":7}`), "")
	f.Fuzz(func(t *testing.T, document []byte, kind string) {
		if e := reportedError(document, kind); !json.Valid(e.Payload) {
			t.Errorf("payload of %q: got %q, want JSON", document, e.Payload)
		}
	})
}

// Lines come out the same however they are cut on their way.
func FuzzLines(f *testing.F) {
	f.Add("one\ntwo\n\n{\"level\":\"ERROR\"}\nrest", 3)
	f.Add(strings.Repeat("x", maxLine+7)+"\ny", 1000)
	f.Fuzz(func(t *testing.T, text string, cut int) {
		cut = min(max(cut, 1), len(text)+1)
		whole, parts := logged(text, len(text)+1), logged(text, cut)
		if whole != parts {
			t.Errorf("%q in pieces of %d: got %q, want %q", text, cut, parts, whole)
		}
	})
}

func logged(text string, cut int) string {
	var b bytes.Buffer
	drop := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}
	r := &Runner{opts: Options{Logger: slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{ReplaceAttr: drop}))}}
	l := r.lines(slog.LevelInfo)
	for len(text) > 0 {
		n := min(cut, len(text))
		_, _ = l.Write([]byte(text[:n]))
		text = text[n:]
	}
	l.flush()
	return b.String()
}

package runtime_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"bellhop/localdev/lambda"
	"bellhop/localdev/lambda/runtime"
	"bellhop/localdev/lambda/runtime/build"

	"go.uber.org/goleak"
)

// built holds the test functions as <name>/bootstrap.
var built string

func TestMain(m *testing.M) { goleak.VerifyTestMain(buildFirst{m}) }

// buildFirst builds the test functions, and removes them after the tests.
type buildFirst struct{ m *testing.M }

func (b buildFirst) Run() int {
	dir, err := os.MkdirTemp("", "functions-")
	if err == nil {
		built = dir
		defer os.RemoveAll(dir)
		err = build.Functions(dir, "./testdata/function", "./testdata/empty")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return b.m.Run()
}

const functionARN = "arn:aws:lambda:eu-west-1:123456789012:function:bellhop-test"

// function is a Runner of the test function.
type function struct {
	t testing.TB
	*runtime.Runner
}

func open(t testing.TB, spec lambda.Spec, o runtime.Options) function {
	t.Helper()
	spec.Name, spec.ARN = "bellhop-test", functionARN
	if spec.Timeout == 0 {
		spec.Timeout = 20 * time.Second
	}
	r, err := runtime.New(filepath.Join(built, "function", "bootstrap"), spec, o)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	t.Cleanup(func() {
		if err := r.Close(context.Background()); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return function{t, r}
}

// event and answer are those of testdata/function.
type event struct {
	Do   string `json:"do,omitempty"`
	Text string `json:"text,omitempty"`
	Size int    `json:"size,omitempty"`
	Wait string `json:"wait,omitempty"`
}

type answer struct {
	Text, ARN, Client, Folder string
	Request                   string
	Process                   int
	Left                      float64
	Environment               []string
}

func (f function) try(e event) (answer, error) {
	payload, err := json.Marshal(e)
	if err != nil {
		return answer{}, err
	}
	result, err := f.Invoke(context.Background(), payload)
	if err != nil {
		return answer{}, err
	}
	var a answer
	return a, json.Unmarshal(result, &a)
}

func (f function) call(e event) answer {
	f.t.Helper()
	a, err := f.try(e)
	if err != nil {
		f.t.Fatalf("invoke %+v: %v", e, err)
	}
	return a
}

func (f function) fail(e event, wantType string) *lambda.FunctionError {
	f.t.Helper()
	_, err := f.try(e)
	return wantFailure(f.t, err, wantType)
}

func wantFailure(t testing.TB, err error, wantType string) *lambda.FunctionError {
	t.Helper()
	var failed *lambda.FunctionError
	if !errors.As(err, &failed) {
		t.Fatalf("error: got %v, want a *FunctionError of type %s", err, wantType)
	}
	if failed.Type != wantType {
		t.Fatalf("error type: got %q, want %q", failed.Type, wantType)
	}
	return failed
}

// brake is a server that lets invocations with its URL go on once it is
// released, and says how many have come.
type brake struct {
	url     string
	arrived chan struct{}
	release chan struct{}
}

func newBrake(t testing.TB) brake {
	b := brake{arrived: make(chan struct{}, 100), release: make(chan struct{})}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b.arrived <- struct{}{}
		select {
		case <-b.release:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(server.Close)
	b.url = server.URL
	return b
}

package runtime_test

import (
	"bytes"
	"context"
	"regexp"
	"sync"
	"testing"
	"time"

	"bellhop/localdev/lambda"
	"bellhop/localdev/lambda/runtime"
)

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

func TestOutput_HasLambdasLinesAndTheFunctions(t *testing.T) {
	var out output
	f := open(t, lambda.Spec{MemorySize: 256}, runtime.Options{Output: &out})
	ctx := lambda.NewContext(context.Background(), lambda.Invocation{RequestID: "request-1"})
	for range 2 {
		if _, err := f.Invoke(ctx, []byte(`{"do":"print","text":"hello"}`)); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(context.Background()); err != nil { // all has been read then
		t.Fatal(err)
	}
	wantLines(t, out.String(),
		`INIT_START Runtime Version: provided\.al2023`,
		`START RequestId: request-1 Version: \$LATEST`,
		`hello`,
		`END RequestId: request-1`,
		`REPORT RequestId: request-1\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 256 MB\tMax Memory Used: [1-9]\d* MB\tInit Duration: \d+\.\d\d ms`,
		`REPORT RequestId: request-1\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 256 MB\tMax Memory Used: [1-9]\d* MB`,
	)
}

func TestOutput_TellsHowAnInvocationFailed(t *testing.T) {
	for _, tt := range []struct {
		name, payload, env string
		want               []string
	}{
		{"Timeout", `{"do":"hang"}`, "", []string{`\S+ request-1 Task timed out after 0\.20 seconds`, `REPORT RequestId: request-1\t.*\tStatus: timeout`}},
		{"Crash", `{"do":"exit"}`, "", []string{`REPORT RequestId: request-1\t.*\tStatus: error\tError Type: Runtime\.ExitError`}},
		{"Init", `{}`, "exit", []string{`INIT_REPORT Init Duration: \d+\.\d\d ms\tPhase: init\tStatus: error\tError Type: Runtime\.ExitError`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out output
			f := open(t, lambda.Spec{Timeout: 200 * time.Millisecond}, runtime.Options{Output: &out, Env: map[string]string{"INIT": tt.env}})
			ctx := lambda.NewContext(context.Background(), lambda.Invocation{RequestID: "request-1"})
			if _, err := f.Invoke(ctx, []byte(tt.payload)); err == nil {
				t.Fatal("invoke: got no error, want one")
			}
			if err := f.Close(context.Background()); err != nil {
				t.Fatal(err)
			}
			wantLines(t, out.String(), tt.want...)
		})
	}
}

// wantLines looks for whole lines, each behind the function's name.
func wantLines(t *testing.T, got string, want ...string) {
	t.Helper()
	for _, line := range want {
		if !regexp.MustCompile(`(?m)^\[bellhop-test\] ` + line + `$`).MatchString(got) {
			t.Errorf("output: got\n%s\nwant a line %s", got, line)
		}
	}
}

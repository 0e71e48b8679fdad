package runtime_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	goruntime "runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"bellhop/localdev/lambda"
	"bellhop/localdev/lambda/runtime"

	"github.com/google/go-cmp/cmp"
)

func TestInvoke_TellsTheFunctionWhatLambdaTells(t *testing.T) {
	f := open(t, lambda.Spec{Timeout: 20 * time.Second}, runtime.Options{})
	ctx := lambda.NewContext(context.Background(), lambda.Invocation{
		RequestID: "6f1c4e0a-0000-4000-8000-000000000001", Qualifier: "live", ClientContext: []byte(`{"custom":{"who":"ada"}}`),
	})
	result, err := f.Invoke(ctx, []byte(`{"text":"hello"}`))
	if err != nil {
		t.Fatal(err)
	}
	var got answer
	if err := json.Unmarshal(result, &got); err != nil {
		t.Fatal(err)
	}
	want := answer{
		Text: "hello", Request: "6f1c4e0a-0000-4000-8000-000000000001", ARN: functionARN + ":live", Client: "ada",
		Folder: filepath.Join(built, "function"), Process: got.Process, Left: got.Left,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	if got.Left < 15 || got.Left > 20 {
		t.Errorf("time left: got %.1f s, want just under 20 s", got.Left)
	}
}

func TestEnvironment_IsLambdasAndTheFunctionsOwn(t *testing.T) {
	t.Setenv("OF_THIS_PROCESS", "must not be seen")
	f := open(t, lambda.Spec{MemorySize: 256}, runtime.Options{Env: map[string]string{"INBOX_TABLE": "Inbox", "TZ": "Europe/Lisbon"}})
	got := f.call(event{Do: "environment"}).Environment
	slices.Sort(got)
	for i, v := range got {
		got[i] = regexp.MustCompile(`^(AWS_LAMBDA_RUNTIME_API=127\.0\.0\.1:)\d+$`).ReplaceAllString(v, "${1}PORT")
	}
	want := []string{
		"AWS_DEFAULT_REGION=eu-west-1",
		"AWS_EXECUTION_ENV=AWS_Lambda_provided.al2023",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=256",
		"AWS_LAMBDA_FUNCTION_NAME=bellhop-test",
		"AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/bellhop-test",
		"AWS_LAMBDA_LOG_STREAM_NAME=local/[$LATEST]",
		"AWS_LAMBDA_RUNTIME_API=127.0.0.1:PORT",
		"AWS_REGION=eu-west-1",
		"AWS_XRAY_CONTEXT_MISSING=LOG_ERROR",
		"INBOX_TABLE=Inbox",
		"LAMBDA_RUNTIME_DIR=/var/runtime",
		"LAMBDA_TASK_ROOT=" + filepath.Join(built, "function"),
		"LANG=en_US.UTF-8",
		"PATH=/usr/local/bin:/usr/bin:/bin:/opt/bin",
		"TZ=Europe/Lisbon",
		"_HANDLER=bootstrap",
		"_X_AMZN_TRACE_ID=" + traceOf(got),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
}

// traceOf is the trace id if it has its form, else what it should be.
func traceOf(environment []string) string {
	for _, v := range environment {
		id, ok := strings.CutPrefix(v, "_X_AMZN_TRACE_ID=")
		if ok && regexp.MustCompile(`^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$`).MatchString(id) {
			return id
		}
	}
	return "Root=1-…;Parent=…;Sampled=0"
}

func TestProcesses_AreUsedAgain(t *testing.T) {
	f := open(t, lambda.Spec{}, runtime.Options{})
	first := f.call(event{}).Process
	for range 20 {
		if got := f.call(event{}).Process; got != first {
			t.Fatalf("process of a later invocation: got %d, want %d again", got, first)
		}
	}
	s := f.Stats()
	if s.Started != 1 || s.Processes != 1 {
		t.Errorf("processes: got %d started, %d running, want 1 and 1", s.Started, s.Processes)
	}
	if s.LastInit <= 0 || s.LastInit > 10*time.Second {
		t.Errorf("init: got %s, want a time up to 10 s", s.LastInit)
	}
}

func TestProcesses_OneForEachInvocationAtATime(t *testing.T) {
	f := open(t, lambda.Spec{}, runtime.Options{MaxProcesses: 3})
	b := newBrake(t)
	var mu sync.Mutex
	seen := map[int]int{}
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			a, err := f.try(event{Wait: b.url})
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Errorf("invoke: %v", err)
			}
			seen[a.Process]++
		})
	}
	for range 3 {
		<-b.arrived
	}
	if got := f.Stats().Processes; got != 3 {
		t.Errorf("processes for 5 invocations: got %d, want the limit of 3", got)
	}
	close(b.release)
	wg.Wait()
	if len(seen) != 3 || f.Stats().Started != 3 {
		t.Errorf("invocations by process: got %v, want 5 by 3 processes", seen)
	}
}

func TestConcurrency_OneMoreIsThrottled(t *testing.T) {
	f := open(t, lambda.Spec{Concurrency: 1}, runtime.Options{})
	b := newBrake(t)
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := f.try(event{Wait: b.url}); err != nil {
			t.Errorf("first invocation: %v", err)
		}
	})
	<-b.arrived
	if _, err := f.try(event{}); !errors.Is(err, lambda.ErrThrottled) {
		t.Errorf("second invocation: got %v, want ErrThrottled", err)
	}
	close(b.release)
	wg.Wait()
	f.call(event{})
}

func TestErrors_ReachTheCallerAsTheFunctionReportsThem(t *testing.T) {
	f := open(t, lambda.Spec{}, runtime.Options{})
	first := f.call(event{}).Process
	failed := f.fail(event{Do: "error", Text: "no luck"}, "errorString")
	if want := `{"errorMessage":"no luck","errorType":"errorString"}`; string(failed.Payload) != want {
		t.Errorf("payload: got %s, want %s", failed.Payload, want)
	}
	if got := f.call(event{}).Process; got != first {
		t.Errorf("process after an error: got %d, want %d again", got, first)
	}
	f.fail(event{Do: "panic", Text: "out of order"}, "string")
	if got := f.call(event{}).Process; got == first {
		t.Error("process after a panic: got the same, want a fresh one")
	}
}

func TestCrash_FailsTheInvocationAndTheNextStartsAfresh(t *testing.T) {
	f := open(t, lambda.Spec{}, runtime.Options{MaxProcesses: 1})
	first := f.call(event{}).Process
	failed := f.fail(event{Do: "exit"}, "Runtime.ExitError")
	if !strings.HasSuffix(failed.Message, " Error: Runtime exited with error: exit status 7") {
		t.Errorf("message: got %q, want the exit status 7", failed.Message)
	}
	failed = f.fail(event{Do: "succeed and exit"}, "Runtime.ExitError")
	if !strings.HasSuffix(failed.Message, " Error: Runtime exited without providing a reason") {
		t.Errorf("message: got %q, want no reason", failed.Message)
	}
	if got := f.call(event{}).Process; got == first {
		t.Error("process after a crash: got the same, want a fresh one")
	}
}

func TestCrash_OfAnIdleProcessFailsNobody(t *testing.T) {
	f := open(t, lambda.Spec{}, runtime.Options{})
	first := f.call(event{}).Process
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for f.Stats().Processes > 0 { // its end is noticed at once; there is no other signal of it
		goruntime.Gosched()
	}
	if got := f.call(event{}).Process; got == first {
		t.Error("process: got the dead one")
	}
}

func TestTimeout_KillsTheProcess(t *testing.T) {
	f := open(t, lambda.Spec{Timeout: 300 * time.Millisecond}, runtime.Options{})
	first := f.call(event{}).Process
	ctx := lambda.NewContext(context.Background(), lambda.Invocation{RequestID: "request-1"})
	_, err := f.Invoke(ctx, []byte(`{"do":"hang"}`))
	failed := wantFailure(t, err, "Sandbox.Timedout")
	form := regexp.MustCompile(`^\{"errorMessage":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z request-1 Task timed out after 0\.30 seconds","errorType":"Sandbox\.Timedout"\}$`)
	if !form.Match(failed.Payload) {
		t.Errorf("payload: got %s, want the form %s", failed.Payload, form)
	}
	if got := f.call(event{}).Process; got == first {
		t.Error("process after a time-out: got the same, want a fresh one")
	}
	if err := syscall.Kill(first, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("signal to the process that timed out: got %v, want no such process", err)
	}
}

func TestResult_LimitIsLambdas(t *testing.T) {
	f := open(t, lambda.Spec{}, runtime.Options{})
	if got := len(f.call(event{Do: "large", Size: 6<<20 - 200}).Text); got != 6<<20-200 {
		t.Errorf("large result: got %d bytes of text, want %d", got, 6<<20-200)
	}
	failed := f.fail(event{Do: "large", Size: 6<<20 + 100}, "Function.ResponseSizeTooLarge")
	if !strings.Contains(failed.Message, "(6291556 bytes)") {
		t.Errorf("message: got %q, want the limit in it", failed.Message)
	}
	f.call(event{})
}

func TestInit_FailuresFailTheCaller(t *testing.T) {
	broken := open(t, lambda.Spec{}, runtime.Options{Env: map[string]string{"INIT": "exit"}})
	failed := broken.fail(event{}, "Runtime.ExitError")
	if !strings.HasSuffix(failed.Message, "exit status 3") {
		t.Errorf("message: got %q, want the exit status 3", failed.Message)
	}
	broken.fail(event{}, "Runtime.ExitError")
	telling := open(t, lambda.Spec{}, runtime.Options{Env: map[string]string{"INIT": "error"}})
	if failed := telling.fail(event{}, "Extension.Broken"); failed.Message != "no table" {
		t.Errorf("message: got %q, want what the function reported", failed.Message)
	}
}

func TestNew_NeedsAnExecutable(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, plain, filepath.Join(dir, "absent")} {
		if _, err := runtime.New(path, lambda.Spec{Name: "f"}, runtime.Options{}); err == nil {
			t.Errorf("New(%s): got no error, want one", path)
		}
	}
}

func TestInvoke_OfABinaryThatCannotStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bootstrap")
	if err := os.WriteFile(path, []byte("\x7fELF of another processor"), 0o700); err != nil { //nolint:gosec // it must be executable
		t.Fatal(err)
	}
	r, err := runtime.New(path, lambda.Spec{Name: "f"}, runtime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Invoke(context.Background(), []byte("{}"))
	if failed := wantFailure(t, err, "Runtime.InvalidEntrypoint"); !strings.Contains(failed.Message, "exec format error") {
		t.Errorf("message: got %q, want the reason in it", failed.Message)
	}
	if err := r.Close(context.Background()); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func TestCaller_ThatGoesAway(t *testing.T) {
	f := open(t, lambda.Spec{}, runtime.Options{MaxProcesses: 1})
	b := newBrake(t)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		payload, _ := json.Marshal(event{Wait: b.url})
		if _, err := f.Invoke(ctx, payload); !errors.Is(err, context.Canceled) {
			t.Errorf("caller that left: got %v, want context.Canceled", err)
		}
	})
	<-b.arrived
	cancel()
	wg.Wait()
	queued, drop := context.WithCancel(context.Background())
	wg.Go(func() {
		if _, err := f.Invoke(queued, []byte("{}")); !errors.Is(err, context.Canceled) {
			t.Errorf("caller that left the queue: got %v, want context.Canceled", err)
		}
	})
	drop()
	wg.Wait()
	close(b.release)
	f.call(event{})
	if got := f.Stats().Started; got != 1 {
		t.Errorf("processes started: got %d, want 1: the first invocation went on to its end", got)
	}
}

func TestClose_LetsInvocationsEndAndRefusesFurther(t *testing.T) {
	f := open(t, lambda.Spec{}, runtime.Options{})
	b := newBrake(t)
	var wg sync.WaitGroup
	var process int
	wg.Go(func() {
		a, err := f.try(event{Wait: b.url})
		if err != nil {
			t.Errorf("invocation under way: %v", err)
		}
		process = a.Process
	})
	<-b.arrived
	wg.Go(func() {
		if err := f.Close(context.Background()); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	for {
		if _, err := f.try(event{}); errors.Is(err, runtime.ErrClosed) {
			break
		} else if err != nil {
			t.Errorf("invocation before or after Close: got %v, want none or ErrClosed", err)
		}
	}
	close(b.release)
	wg.Wait()
	if err := syscall.Kill(process, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("signal to a process after Close: got %v, want no such process", err)
	}
}

func TestClose_GivesUpWaiting(t *testing.T) {
	f := open(t, lambda.Spec{}, runtime.Options{})
	b := newBrake(t)
	var wg sync.WaitGroup
	wg.Go(func() {
		_, err := f.try(event{Wait: b.url, Do: "hang"})
		wantFailure(t, err, "Runtime.ExitError")
	})
	<-b.arrived
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := f.Close(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Close with a context that is over: got %v, want context.Canceled", err)
	}
	wg.Wait()
}

func TestOutput_GoesToTheLogger(t *testing.T) {
	var out bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{
		Level: slog.LevelInfo,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
	f := open(t, lambda.Spec{}, runtime.Options{Logger: logger})
	long := strings.Repeat("x", 64<<10)
	f.call(event{Do: "print", Text: "one\ntwo " + long})
	if err := f.Close(context.Background()); err != nil { // all has been read then
		t.Fatal(err)
	}
	for _, want := range []string{
		"level=INFO msg=\"function wrote\" function=bellhop-test line=one\n",
		"line=\"two " + long[4:] + "\"\n",
		"line=xxxx\n",
		"level=WARN msg=\"function wrote\" function=bellhop-test line=\"to standard error\"\n",
		`level=ERROR msg="function wrote" function=bellhop-test line="{\"level\":\"ERROR\"`,
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("log: got %.300q…, want %.100q in it", out.String(), want)
		}
	}
}

package lambda_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	golambda "github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/google/go-cmp/cmp"

	"bellhop/localdev/lambda"
)

func TestHandlerSeesLambdaContext(t *testing.T) {
	var got lambdacontext.LambdaContext
	var left time.Duration
	handler := func(ctx context.Context) error {
		lc, _ := lambdacontext.FromContext(ctx)
		got = *lc
		deadline, _ := ctx.Deadline()
		left = time.Until(deadline)
		return nil
	}
	synctest.Test(t, func(t *testing.T) {
		r := one(t, handler, lambda.Spec{Timeout: 7 * time.Second})
		ctx := lambda.NewContext(t.Context(), lambda.Invocation{
			RequestID: "id-1", Qualifier: "live", ClientContext: []byte(`{"env":{"a":"b"}}`),
		})
		if _, err := r.Invoke(ctx, "PublishFunction", nil); err != nil {
			t.Fatalf("Invoke: %v", err)
		}
		want := lambdacontext.LambdaContext{AwsRequestID: "id-1", InvokedFunctionArn: publishARN + ":live"}
		want.ClientContext.Env = map[string]string{"a": "b"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("lambdacontext (-want +got):\n%s", diff)
		}
		if left != 7*time.Second {
			t.Errorf("deadline: got %v away, want 7s", left)
		}
		if _, err := r.Invoke(t.Context(), "PublishFunction", nil); err != nil {
			t.Fatalf("Invoke: %v", err)
		}
		uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
		if !uuid.MatchString(got.AwsRequestID) {
			t.Errorf("request id: got %q, want a version 4 UUID", got.AwsRequestID)
		}
	})
}

type refused struct{ Code int }

func (e *refused) Error() string { return fmt.Sprintf("refused with %d", e.Code) }

func TestErrorsAsTheGoRuntimeReportsThem(t *testing.T) {
	handlers := map[string]any{
		`{"errorMessage":"no","errorType":"errorString"}`:             func() error { return errors.New("no") },
		`{"errorMessage":"get: no","errorType":"wrapError"}`:          func() error { return fmt.Errorf("get: %w", errors.New("no")) },
		`{"errorMessage":"refused with 3","errorType":"refused"}`:     func() error { return &refused{3} },
		`{"errorMessage":"mine","errorType":"Own"}`:                   func() error { return messages.InvokeResponse_Error{Message: "mine", Type: "Own"} },
		`{"errorMessage":"handler is nil","errorType":"errorString"}`: nil,
		`{"errorMessage":"unexpected EOF","errorType":"errorString"}`: func(struct{}) error { return nil }, // payload below is cut
		`{"errorMessage":"json: unsupported type: chan int","errorType":"UnsupportedTypeError"}`: func() (chan int, error) {
			return nil, nil
		},
		`{"errorMessage":"handler kind int is not func","errorType":"errorString"}`: 7,
	}
	for want, handler := range handlers {
		_, err := one(t, handler, lambda.Spec{}).Invoke(t.Context(), "PublishFunction", []byte(`{"a":`))
		got := failure(t, err)
		if string(got.Payload) != want {
			t.Errorf("payload of %T: got %s, want %s", handler, got.Payload, want)
		}
		if !strings.Contains(want, `"errorType":"`+got.Type+`"`) || !strings.Contains(want, got.Message) {
			t.Errorf("type and message: got %q, %q; want those of %s", got.Type, got.Message, want)
		}
	}
}

func TestHandlerOfNewHandlerIsRefused(t *testing.T) {
	made := golambda.NewHandler(func() error { return nil })
	_, err := one(t, made, lambda.Spec{}).Invoke(t.Context(), "PublishFunction", nil)
	if got := failure(t, err); !strings.Contains(got.Message, "pass the function itself") {
		t.Errorf("message: got %q, want advice to pass the function", got.Message)
	}
}

func TestPanicHasTypeMessageAndStackTrace(t *testing.T) {
	var nobody *refused
	for want, handler := range map[string]func() error{
		"string: at the disco":                               func() error { panic("at the disco") },
		"refused: refused with":                              func() error { panic(&refused{4}) },
		"errorString: runtime error: invalid memory address": func() error { return fmt.Errorf("%d", nobody.Code) },
	} {
		_, err := one(t, handler, lambda.Spec{}).Invoke(t.Context(), "PublishFunction", nil)
		got := failure(t, err)
		if !strings.HasPrefix(got.Type+": "+got.Message, want) {
			t.Errorf("panic: got %s: %s, want %s", got.Type, got.Message, want)
		}
		var report messages.InvokeResponse_Error
		if err := json.Unmarshal(got.Payload, &report); err != nil {
			t.Fatalf("payload %s: %v", got.Payload, err)
		}
		var labels []string
		for _, f := range report.StackTrace {
			labels = append(labels, f.Path+" "+f.Label)
			if f.Line <= 0 || strings.HasPrefix(f.Path, "/") {
				t.Errorf("stack frame: got %+v, want a line and a path below the import path's root", f)
			}
		}
		own := "inprocess_test.go TestPanicHasTypeMessageAndStackTrace"
		if !strings.Contains(strings.Join(labels, "\n"), own) {
			t.Errorf("stack trace: got %q, want a frame in %s", labels, own)
		}
	}
}

func TestGoexitIsAnExit(t *testing.T) {
	_, err := one(t, func() error { runtime.Goexit(); return nil }, lambda.Spec{}).Invoke(t.Context(), "PublishFunction", nil)
	if got := failure(t, err); got.Type != "Runtime.ExitError" {
		t.Errorf("type: got %q, want Runtime.ExitError", got.Type)
	}
}

func TestTimeout(t *testing.T) {
	heedless := make(chan struct{})
	for name, handler := range map[string]func(context.Context) error{
		"obeys its deadline": func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
		"does not":           func(context.Context) error { <-heedless; return nil },
		"returns too late":   func(context.Context) error { time.Sleep(3 * time.Second); return nil },
	} {
		synctest.Test(t, func(t *testing.T) {
			heedless = make(chan struct{})
			r := one(t, handler, lambda.Spec{}) // 3 s by default
			ctx := lambda.NewContext(t.Context(), lambda.Invocation{RequestID: "id-1"})
			start := time.Now()
			_, err := r.Invoke(ctx, "PublishFunction", nil)
			if took := time.Since(start); took != 3*time.Second {
				t.Errorf("handler that %s: got an answer after %v, want 3s", name, took)
			}
			want := `{"errorMessage":"2000-01-01T00:00:03.000Z id-1 Task timed out after 3.00 seconds","errorType":"Sandbox.Timedout"}`
			if got := failure(t, err); got.Type != "Sandbox.Timedout" || string(got.Payload) != want {
				t.Errorf("handler that %s: got %s %s, want %s", name, got.Type, got.Payload, want)
			}
			close(heedless)
			if err := r.Close(t.Context()); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
	}
}

func TestCallerThatLeavesDoesNotStopTheFunction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		finished := false
		handler := func(ctx context.Context) error {
			time.Sleep(2 * time.Second)
			finished = ctx.Err() == nil
			return nil
		}
		r := one(t, handler, lambda.Spec{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := r.Invoke(ctx, "PublishFunction", nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Invoke: got error %v, want it to wrap DeadlineExceeded", err)
		}
		gone, cancelGone := context.WithCancel(t.Context())
		cancelGone()
		if err := r.Close(gone); !errors.Is(err, context.Canceled) {
			t.Errorf("Close while a function runs: got %v, want it to wrap Canceled", err)
		}
		if err := r.Close(t.Context()); err != nil || !finished {
			t.Errorf("Close: got %v and finished=%v, want the function to have ended well", err, finished)
		}
	})
}

func TestConcurrencyLimit(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	handler := func() error { entered <- struct{}{}; <-release; return nil }
	r := one(t, handler, lambda.Spec{Concurrency: 1})
	first := make(chan error)
	go func() { _, err := r.Invoke(t.Context(), "PublishFunction", nil); first <- err }()
	<-entered
	if _, err := r.Invoke(t.Context(), "PublishFunction", nil); !errors.Is(err, lambda.ErrThrottled) {
		t.Errorf("second invocation: got error %v, want ErrThrottled", err)
	}
	close(release)
	if err := <-first; err != nil {
		t.Errorf("first invocation: %v", err)
	}
	go func() {
		for range entered {
		}
	}()
	for range 200 {
		if _, err := r.Invoke(t.Context(), "PublishFunction", nil); err != nil {
			t.Fatalf("one after the other: got error %v, want none", err)
		}
	}
	close(entered)
}

func TestResultsOfConcurrentCallsDoNotMix(t *testing.T) {
	handler := func(s string) (string, error) { return strings.Repeat(s, 50), nil }
	r := one(t, handler, lambda.Spec{})
	var wg sync.WaitGroup
	for _, letter := range []string{"a", "b", "c", "d"} {
		wg.Go(func() {
			for range 500 {
				got, err := r.Invoke(t.Context(), "PublishFunction", []byte(`"`+letter+`"`))
				if want := `"` + strings.Repeat(letter, 50) + `"`; err != nil || string(got) != want {
					t.Errorf("Invoke: got %s, %v; want %s", got, err, want)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestResultForms(t *testing.T) {
	big := strings.Repeat("x", lambda.MaxResult)
	for name, c := range map[string]struct {
		handler any
		want    string
	}{
		"no result":        {func() error { return nil }, `null`},
		"html stays as is": {func() (string, error) { return "<&>", nil }, `"<&>"`},
		"a reader's bytes": {func() (io.Reader, error) { return strings.NewReader(`{"a":1}`), nil }, `{"a":1}`},
		"fits just":        {func() (string, error) { return big[2:], nil }, `"` + big[2:] + `"`},
	} {
		got, err := one(t, c.handler, lambda.Spec{}).Invoke(t.Context(), "PublishFunction", nil)
		if err != nil || string(got) != c.want {
			t.Errorf("%s: got %.40s, %v; want %.40s", name, got, err, c.want)
		}
	}
	_, err := one(t, func() (string, error) { return big[1:], nil }, lambda.Spec{}).Invoke(t.Context(), "PublishFunction", nil)
	if got := failure(t, err); got.Type != "Function.ResponseSizeTooLarge" {
		t.Errorf("one byte too many: got %s, want Function.ResponseSizeTooLarge", got.Type)
	}
}

func BenchmarkInProcess(b *testing.B) {
	type event struct {
		Name string `json:"name"`
	}
	handler := func(_ context.Context, e event) (event, error) { return e, nil }
	payload := []byte(`{"name":"ada"}`)
	b.Run("floor", func(b *testing.B) {
		h := golambda.NewHandler(handler)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := h.Invoke(b.Context(), payload); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("runner", func(b *testing.B) {
		r := one(b, handler, lambda.Spec{})
		b.ReportAllocs()
		for b.Loop() {
			if _, err := r.Invoke(b.Context(), "PublishFunction", payload); err != nil {
				b.Fatal(err)
			}
		}
	})
}

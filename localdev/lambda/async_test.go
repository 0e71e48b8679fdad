package lambda_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/google/go-cmp/cmp"
	"github.com/valyala/fasthttp"

	"bellhop/localdev/lambda"
)

// sendEvent invokes bellhop-publish asynchronously, without a network, and
// returns the status.
func sendEvent(api *lambda.API, payload string) int {
	ctx := &fasthttp.RequestCtx{}
	ctx.Request.SetRequestURI(lambda.PathPrefix + "/bellhop-publish/invocations")
	ctx.Request.Header.SetMethod("POST")
	ctx.Request.Header.Set("X-Amz-Invocation-Type", "Event")
	ctx.Request.SetBodyString(payload)
	api.Serve(ctx)
	status := ctx.Response.StatusCode()
	ctx.Request.SetBodyString(strings.Repeat("x", len(payload))) // the server reuses its buffer
	return status
}

// attempts is a handler that notes each call and answers with errors[n] at the
// nth one.
type attempts struct {
	errors []error
	seen   []string
	ids    map[string]bool
	start  time.Time
}

func (a *attempts) handle(ctx context.Context, s string) error {
	lc, _ := lambdacontext.FromContext(ctx)
	a.ids[lc.AwsRequestID] = true
	n := len(a.seen)
	a.seen = append(a.seen, time.Since(a.start).String()+" "+s)
	if n < len(a.errors) {
		return a.errors[n]
	}
	return nil
}

func newAttempts(failures int) *attempts {
	a := &attempts{ids: map[string]bool{}, start: time.Now()}
	for range failures {
		a.errors = append(a.errors, errors.New("secret of the payload"))
	}
	return a
}

func TestEventIsRetriedTwice(t *testing.T) {
	for failures, want := range map[int][]string{
		0: {"0s hi"},
		1: {"0s hi", "1m0s hi"},
		3: {"0s hi", "1m0s hi", "3m0s hi"},
	} {
		synctest.Test(t, func(t *testing.T) {
			var log bytes.Buffer
			a := newAttempts(failures)
			api := lambda.NewAPI(one(t, a.handle, lambda.Spec{}), &lambda.APIOptions{Logger: slog.New(slog.NewTextHandler(&log, nil))})
			if got := sendEvent(api, `"hi"`); got != 202 {
				t.Fatalf("status: got %d, want 202", got)
			}
			time.Sleep(time.Hour)
			synctest.Wait()
			if diff := cmp.Diff(want, a.seen); diff != "" || len(a.ids) != 1 {
				t.Errorf("attempts with %d failures, request ids %v, want one (-want +got):\n%s", failures, a.ids, diff)
			}
			lost := strings.Contains(log.String(), "given up") && strings.Contains(log.String(), "error=errorString")
			if lost != (failures == 3) || strings.Contains(log.String(), "secret") {
				t.Errorf("log with %d failures: got %q, want a loss told only after three, and no message", failures, log.String())
			}
			if err := api.Close(t.Context()); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
	}
}

func TestQueueIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		handler := func(string) error { <-release; return nil }
		api := lambda.NewAPI(one(t, handler, lambda.Spec{}), &lambda.APIOptions{QueueSize: 2, AsyncConcurrency: 1})
		for i, want := range []int{202, 202, 429} {
			if got := sendEvent(api, `"hi"`); got != want {
				t.Errorf("event %d: got status %d, want %d", i, got, want)
			}
		}
		close(release)
		synctest.Wait()
		if got := sendEvent(api, `"hi"`); got != 202 {
			t.Errorf("after the queue emptied: got status %d, want 202", got)
		}
		if err := api.Close(t.Context()); err != nil {
			t.Errorf("Close: %v", err)
		}
		if got := sendEvent(api, `"hi"`); got != 500 {
			t.Errorf("after Close: got status %d, want 500", got)
		}
	})
}

func TestCloseRunsAcceptedEventsToTheirEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAttempts(2)
		api := lambda.NewAPI(one(t, a.handle, lambda.Spec{}), nil)
		sendEvent(api, `"hi"`)
		time.Sleep(time.Second)
		if err := api.Close(t.Context()); err != nil {
			t.Errorf("Close: %v", err)
		}
		if diff := cmp.Diff([]string{"0s hi", "1s hi", "1s hi"}, a.seen); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
	})
}

func TestCloseGivesUpWhenItsContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		r := one(t, func(string) error { <-release; return nil }, lambda.Spec{Timeout: time.Hour})
		api := lambda.NewAPI(r, &lambda.APIOptions{AsyncConcurrency: 1, Logger: slog.New(slog.DiscardHandler)})
		sendEvent(api, `"runs"`)
		sendEvent(api, `"waits"`)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		err := api.Close(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "2 asynchronous events") {
			t.Errorf("Close: got %v, want it to wrap DeadlineExceeded and count 2 events", err)
		}
		close(release)
		if err := r.Close(t.Context()); err != nil {
			t.Errorf("close registry: %v", err)
		}
	})
}

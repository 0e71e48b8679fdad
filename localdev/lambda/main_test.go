package lambda_test

import (
	"context"
	"errors"
	"testing"

	"go.uber.org/goleak"

	"bellhop/localdev/lambda"
)

// fasthttp keeps one goroutine that formats the Date header, for ever.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreTopFunction("github.com/valyala/fasthttp.updateServerDate.func1"))
}

// one makes a registry of the one function bellhop-publish, and closes it when
// the test ends.
func one(t testing.TB, handler any, spec lambda.Spec) *lambda.Registry {
	t.Helper()
	spec.Name, spec.ARN = "bellhop-publish", publishARN
	r, err := lambda.NewRegistry([]lambda.Function{
		{LogicalID: "PublishFunction", Spec: spec, Runner: lambda.InProcess(handler, spec)},
	})
	if err != nil {
		t.Fatalf("NewRegistry: %v", err)
	}
	t.Cleanup(func() {
		if err := r.Close(context.Background()); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return r
}

const publishARN = "arn:aws:lambda:eu-west-1:123456789012:function:bellhop-publish"

// failure returns the *FunctionError in err, or fails the test.
func failure(t testing.TB, err error) *lambda.FunctionError {
	t.Helper()
	var failed *lambda.FunctionError
	if !errors.As(err, &failed) {
		t.Fatalf("error: got %v, want a *FunctionError", err)
	}
	return failed
}

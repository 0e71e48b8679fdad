package remote_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"bellhop/localdev/lambda"
	"bellhop/localdev/lambda/remote"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/valyala/fasthttp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(
		m,
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
	)
}

// serve answers the Invoke action for one function until the test ends.
func serve(t *testing.T, handler any, spec lambda.Spec) string {
	t.Helper()
	spec.Name = "chat"
	registry, err := lambda.NewRegistry([]lambda.Function{{LogicalID: "ChatFunction", Spec: spec, Runner: lambda.InProcess(handler, spec)}})
	if err != nil {
		t.Fatal(err)
	}
	api := lambda.NewAPI(registry, nil)
	server := &fasthttp.Server{Handler: api.Serve, CloseOnShutdown: true}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(ln) }()
	t.Cleanup(func() {
		if err := errors.Join(server.Shutdown(), <-served, api.Close(context.Background()), registry.Close(context.Background())); err != nil {
			t.Error(err)
		}
	})
	return "http://" + ln.Addr().String()
}

func open(t *testing.T, url, function string) *remote.Runner {
	e := remote.NewEndpoint(url, "eu-west-1")
	t.Cleanup(e.Close)
	return e.Runner(function)
}

func TestInvoke_TakesTheEventThereAndTheResultBack(t *testing.T) {
	url := serve(t, func(ctx context.Context, in map[string]string) (map[string]string, error) {
		lc, _ := lambdacontext.FromContext(ctx)
		in["who"] = lc.ClientContext.Custom["who"]
		return in, nil
	}, lambda.Spec{})
	ctx := lambda.NewContext(t.Context(), lambda.Invocation{ClientContext: []byte(`{"custom":{"who":"ada"}}`)})
	got, err := open(t, url, "ChatFunction").Invoke(ctx, []byte(`{"a":"b"}`))
	if want := `{"a":"b","who":"ada"}`; err != nil || string(got) != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
}

func TestInvoke_ErrorsAreThoseOfEveryRunner(t *testing.T) {
	url := serve(t, func(context.Context) error { return errors.New("no luck") }, lambda.Spec{})
	_, err := open(t, url, "ChatFunction").Invoke(t.Context(), []byte("{}"))
	var failed *lambda.FunctionError
	if !errors.As(err, &failed) || failed.Type != "errorString" || failed.Message != "no luck" {
		t.Errorf("a function that fails: got %v, want its error", err)
	}
	if _, err := open(t, url, "Other").Invoke(t.Context(), []byte("{}")); !errors.Is(err, lambda.ErrNotFound) {
		t.Errorf("another function: got %v, want ErrNotFound", err)
	}
	if _, err := open(t, "http://127.0.0.1:1", "ChatFunction").Invoke(t.Context(), []byte("{}")); err == nil {
		t.Error("nobody there: got no error, want one")
	}
}

func TestInvoke_ThrottledAndGivenUp(t *testing.T) {
	began, release := make(chan struct{}), make(chan struct{})
	url := serve(t, func() error {
		began <- struct{}{}
		<-release
		return nil
	}, lambda.Spec{Concurrency: 1, Timeout: time.Minute})
	r := open(t, url, "ChatFunction")
	first := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, err := r.Invoke(ctx, []byte("{}"))
		first <- err
	}()
	<-began
	if _, err := r.Invoke(t.Context(), []byte("{}")); !errors.Is(err, lambda.ErrThrottled) {
		t.Errorf("second call: got %v, want ErrThrottled", err)
	}
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("a caller that left: got %v, want context.Canceled", err)
	}
	close(release)
}

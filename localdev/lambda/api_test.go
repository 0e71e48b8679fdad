package lambda_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/valyala/fasthttp"

	"bellhop/localdev/lambda"
)

// service is an API over one function on a loopback port.
type service struct {
	url string
	api *lambda.API
}

func serve(t testing.TB, registry *lambda.Registry, options *lambda.APIOptions) service {
	t.Helper()
	api := lambda.NewAPI(registry, options)
	server := &fasthttp.Server{
		Handler: api.Serve, DisableHeaderNamesNormalizing: true, MaxRequestBodySize: lambda.MaxPayload + 1024,
		MaxIdleWorkerDuration: 10 * time.Millisecond, // or its workers outlive the test by 10 s
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		if err := errors.Join(server.Shutdown(), <-served, api.Close(context.Background())); err != nil {
			t.Errorf("shut down: %v", err)
		}
	})
	return service{url: "http://" + listener.Addr().String(), api: api}
}

// client is the AWS SDK's client, whose connections end with the test.
func (s service) client(t testing.TB, provider aws.CredentialsProvider) *sdk.Client {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return sdk.New(sdk.Options{
		BaseEndpoint: aws.String(s.url), Region: "eu-west-1", Credentials: provider,
		HTTPClient: &http.Client{Transport: transport}, RetryMaxAttempts: 1,
	})
}

func anonymous() aws.CredentialsProvider { return aws.AnonymousCredentials{} }

func TestSDKInvoke(t *testing.T) {
	echo := func(ctx context.Context, in map[string]any) (map[string]any, error) {
		lc, _ := lambdacontext.FromContext(ctx)
		return map[string]any{"in": in, "arn": lc.InvokedFunctionArn, "id": lc.AwsRequestID}, nil
	}
	s := serve(t, one(t, echo, lambda.Spec{}), nil)
	for kind, provider := range map[string]aws.CredentialsProvider{
		"anonymous": anonymous(),
		"dummy":     credentials.NewStaticCredentialsProvider("local", "local", ""),
	} {
		for _, name := range []string{"bellhop-publish", "bellhop-publish:live", "PublishFunction:live", publishARN + ":live", "123456789012:function:bellhop-publish"} {
			out, err := s.client(t, provider).Invoke(t.Context(), &sdk.InvokeInput{FunctionName: &name, Payload: []byte(`{"a":"<1>"}`)})
			if err != nil {
				t.Fatalf("Invoke %s (%s): %v", name, kind, err)
			}
			var got struct {
				In      map[string]string
				ARN, ID string
			}
			if err := json.Unmarshal(out.Payload, &got); err != nil {
				t.Fatalf("payload %s: %v", out.Payload, err)
			}
			if got.In["a"] != "<1>" || strings.HasSuffix(name, ":live") != strings.HasSuffix(got.ARN, ":live") || len(got.ID) != 36 {
				t.Errorf("Invoke %s (%s): got %+v, want the input, the qualified ARN and a request id", name, kind, got)
			}
			if out.StatusCode != 200 || aws.ToString(out.ExecutedVersion) != "$LATEST" || out.FunctionError != nil {
				t.Errorf("Invoke %s (%s): got %d, version %q, error %v; want 200, $LATEST, none", name, kind, out.StatusCode, aws.ToString(out.ExecutedVersion), out.FunctionError)
			}
		}
	}
	out, err := s.client(t, anonymous()).Invoke(t.Context(), &sdk.InvokeInput{
		FunctionName: aws.String("bellhop-publish"), Qualifier: aws.String("live"), LogType: types.LogTypeTail,
	})
	if err != nil || !strings.Contains(string(out.Payload), publishARN+`:live"`) || !strings.Contains(string(out.Payload), `"in":{}`) {
		t.Errorf("Invoke with Qualifier and no payload: got %+v, %v; want the qualified ARN and {}", out, err)
	}
	if out != nil && (out.LogResult == nil || *out.LogResult != "") {
		t.Errorf("LogType Tail: got log %v, want an empty one", out.LogResult)
	}
}

func TestSDKFunctionError(t *testing.T) {
	s := serve(t, one(t, func() error { return errors.New("no") }, lambda.Spec{}), nil)
	out, err := s.client(t, anonymous()).Invoke(t.Context(), &sdk.InvokeInput{FunctionName: aws.String("bellhop-publish")})
	if err != nil {
		t.Fatalf("Invoke: %v", err)
	}
	const want = `{"errorMessage":"no","errorType":"errorString"}`
	if out.StatusCode != 200 || aws.ToString(out.FunctionError) != "Unhandled" || string(out.Payload) != want {
		t.Errorf("Invoke: got %d %q %s, want 200 Unhandled %s", out.StatusCode, aws.ToString(out.FunctionError), out.Payload, want)
	}
}

func TestSDKTypedErrors(t *testing.T) {
	entered, release := make(chan struct{}, 1), make(chan struct{})
	handler := func() error { entered <- struct{}{}; <-release; return nil }
	s := serve(t, one(t, handler, lambda.Spec{Concurrency: 1, Timeout: time.Minute}), nil)
	client := s.client(t, anonymous())
	invoke := func(in sdk.InvokeInput) error {
		if in.FunctionName == nil {
			in.FunctionName = aws.String("bellhop-publish")
		}
		_, err := client.Invoke(t.Context(), &in)
		return err
	}
	expectAs[*types.ResourceNotFoundException](t, "unknown function", invoke(sdk.InvokeInput{FunctionName: aws.String("bellhop-nobody")}))
	expectAs[*types.InvalidRequestContentException](t, "payload that is no JSON", invoke(sdk.InvokeInput{Payload: []byte(`{"a":`)}))
	expectAs[*types.InvalidParameterValueException](t, "two qualifiers", invoke(sdk.InvokeInput{FunctionName: aws.String("bellhop-publish:a"), Qualifier: aws.String("b")}))
	expectAs[*types.RequestTooLargeException](t, "6 MB and one byte", invoke(sdk.InvokeInput{Payload: jsonOfSize(lambda.MaxPayload + 1)}))
	expectAs[*types.RequestTooLargeException](t, "event of 1 MB and one byte", invoke(sdk.InvokeInput{
		Payload: jsonOfSize(lambda.MaxAsyncPayload + 1), InvocationType: types.InvocationTypeEvent,
	}))
	first := make(chan error)
	go func() { first <- invoke(sdk.InvokeInput{}) }()
	<-entered
	expectAs[*types.TooManyRequestsException](t, "no concurrency left", invoke(sdk.InvokeInput{}))
	close(release)
	if err := <-first; err != nil {
		t.Errorf("Invoke: %v", err)
	}
}

func expectAs[E error](t *testing.T, what string, err error) {
	t.Helper()
	var want E
	if !errors.As(err, &want) {
		t.Errorf("%s: got error %v, want a %T", what, err, want)
	}
}

func jsonOfSize(n int) []byte {
	return []byte(`"` + strings.Repeat("x", n-2) + `"`)
}

func TestPayloadsAtTheLimits(t *testing.T) {
	size := make(chan int, 1)
	handler := func(s string) error { size <- len(s) + 2; return nil }
	client := serve(t, one(t, handler, lambda.Spec{}), nil).client(t, anonymous())
	for kind, limit := range map[types.InvocationType]int{
		types.InvocationTypeRequestResponse: lambda.MaxPayload,
		types.InvocationTypeEvent:           lambda.MaxAsyncPayload,
	} {
		if _, err := client.Invoke(t.Context(), &sdk.InvokeInput{
			FunctionName: aws.String("bellhop-publish"), Payload: jsonOfSize(limit), InvocationType: kind,
		}); err != nil {
			t.Fatalf("%s of %d bytes: %v", kind, limit, err)
		}
		if got := <-size; got != limit {
			t.Errorf("%s: got a payload of %d bytes, want %d", kind, got, limit)
		}
	}
}

func TestSDKDescribe(t *testing.T) {
	s := serve(t, one(t, func() error { return nil }, lambda.Spec{Timeout: 5 * time.Second, MemorySize: 128}), nil)
	client := s.client(t, anonymous())
	got, err := client.GetFunction(t.Context(), &sdk.GetFunctionInput{FunctionName: aws.String("PublishFunction:live")})
	if err != nil {
		t.Fatalf("GetFunction: %v", err)
	}
	c := got.Configuration
	if aws.ToString(c.FunctionName) != "bellhop-publish" || aws.ToString(c.FunctionArn) != publishARN || aws.ToInt32(c.Timeout) != 5 || aws.ToInt32(c.MemorySize) != 128 {
		t.Errorf("GetFunction: got %+v, want bellhop-publish with its ARN, 5 s, 128 MB", c)
	}
	list, err := client.ListFunctions(t.Context(), &sdk.ListFunctionsInput{})
	if err != nil || len(list.Functions) != 1 || aws.ToString(list.Functions[0].FunctionArn) != publishARN || list.NextMarker != nil {
		t.Errorf("ListFunctions: got %+v, %v; want the one function and no marker", list, err)
	}
	waiter := sdk.NewFunctionActiveWaiter(client)
	if err := waiter.Wait(t.Context(), &sdk.GetFunctionConfigurationInput{FunctionName: aws.String("bellhop-publish")}, time.Minute); err != nil {
		t.Errorf("wait until active: %v", err)
	}
	_, err = client.GetFunction(t.Context(), &sdk.GetFunctionInput{FunctionName: aws.String("nobody")})
	expectAs[*types.ResourceNotFoundException](t, "GetFunction of nobody", err)
}

// TestAnswersOnTheWire pins what no SDK shows: exact bodies and headers, with
// header names in any spelling.
func TestAnswersOnTheWire(t *testing.T) {
	s := serve(t, one(t, func() error { return nil }, lambda.Spec{}), nil)
	const path = lambda.PathPrefix + "/bellhop-publish/invocations"
	for _, c := range []struct {
		method, path, kind, body string
		status                   int
		errorType, want          string
	}{
		{"POST", path, "", `{}`, 200, "", `null`},
		{"POST", path, "RequestResponse", ``, 200, "", `null`},
		{"POST", path, "DryRun", `{}`, 204, "", ``},
		{"POST", path, "Event", `{}`, 202, "", ``},
		{"POST", path, "Sometimes", `{}`, 400, "ValidationException", ``},
		{"POST", path, "", `{`, 400, "InvalidRequestContentException", `{"Type":"User","message":"Could not parse request body into json"}`},
		{"POST", path + "?Qualifier=a%20b", "", `{}`, 400, "ValidationException", ``},
		{"POST", lambda.PathPrefix + "/nobody/invocations", "Event", `{}`, 404, "ResourceNotFoundException", `{"Message":"Function not found: arn:aws:lambda:eu-west-1:123456789012:function:nobody","Type":"User"}`},
		{"POST", lambda.PathPrefix + "/nobody/invocations", "DryRun", ``, 404, "ResourceNotFoundException", ``},
		{"POST", lambda.PathPrefix + "/a%2Fb/invocations", "", ``, 400, "ValidationException", ``},
		{"POST", lambda.PathPrefix + "/bellhop-publish", "", ``, 404, "UnknownOperationException", ``},
		{"GET", path, "", ``, 404, "UnknownOperationException", ``},
		{"DELETE", lambda.PathPrefix + "/bellhop-publish", "", ``, 404, "UnknownOperationException", ``},
		{"POST", "/elsewhere", "", ``, 404, "UnknownOperationException", ``},
		{"POST", lambda.PathPrefix + "ality/x/invocations", "", ``, 404, "UnknownOperationException", ``},
		{"POST", lambda.PathPrefix + "/%zz/invocations", "", ``, 404, "UnknownOperationException", ``},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, s.url, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		req.URL.Opaque = "//" + req.URL.Host + c.path
		req.Header["x-amz-invocation-TYPE"] = []string{c.kind}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatalf("%s %s: %v", c.method, c.path, err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			t.Fatalf("%s %s: %v", c.method, c.path, err)
		}
		if resp.StatusCode != c.status || resp.Header.Get("X-Amzn-ErrorType") != c.errorType {
			t.Errorf("%s %s %s: got %d %q, want %d %q", c.method, c.path, c.kind, resp.StatusCode, resp.Header.Get("X-Amzn-ErrorType"), c.status, c.errorType)
		}
		if exact := c.want != "" || c.status < 300; exact && string(body) != c.want {
			t.Errorf("%s %s %s: got body %s, want %s", c.method, c.path, c.kind, body, c.want)
		}
		if len(resp.Header.Get("x-amzn-RequestId")) != 36 {
			t.Errorf("%s %s: got request id %q, want a UUID", c.method, c.path, resp.Header.Get("x-amzn-RequestId"))
		}
		if c.status == 200 && !slices.Equal(resp.Header["X-Amz-Executed-Version"], []string{"$LATEST"}) {
			t.Errorf("%s %s: got version %q, want $LATEST", c.method, c.path, resp.Header["X-Amz-Executed-Version"])
		}
	}
}

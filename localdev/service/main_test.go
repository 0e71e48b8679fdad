package service_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"bellhop/localdev/client"
	"bellhop/localdev/service"
	"bellhop/shared/handler"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"go.uber.org/goleak"
)

// patience bounds every wait of a test.
const patience = 10 * time.Second

// page is an origin that is allowed when no other is.
const page = "http://localhost:8000"

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(
		m,
		// fasthttp renders the Date header in the background for good, and its
		// worker pools notice up to 10 s late that they were stopped.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
	)
}

// unlimited is for tests in which one user does what no honest one does.
func unlimited() service.Options {
	return service.Options{Parameters: map[string]string{
		"ConnectionRateLimit": "0", "UserRateLimit": "0", "MaxConnectionsPerUser": "0",
		"ThrottlingRateLimit": "1000000", "ThrottlingBurstLimit": "1000000",
	}}
}

// env is a running Bellhop and the AWS SDK's way to it.
type env struct {
	t      testing.TB
	svc    *service.Service
	addr   string
	http   *http.Client
	lambda *awslambda.Client
	served chan error
}

// start serves the shipped template, unless another is named, on a free port of the
// loopback until the test ends. Empty data means in memory.
func start(t testing.TB, o service.Options) *env {
	t.Helper()
	o.Template = cmp.Or(o.Template, "../../template.yaml")
	svc, err := service.New(o)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e := &env{t: t, svc: svc, addr: ln.Addr().String(), served: make(chan error, 1)}
	transport := &http.Transport{MaxIdleConnsPerHost: 8}
	e.http = &http.Client{Transport: transport, Timeout: patience}
	e.lambda = awslambda.New(awslambda.Options{
		Region: "us-east-1", BaseEndpoint: aws.String("http://" + e.addr), HTTPClient: patient{e.http},
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""), RetryMaxAttempts: 1,
	})
	go func() { e.served <- svc.Serve(ln) }()
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		e.stop()
	})
	return e
}

// written puts a template into a file of its own, and gives its path.
func written(t testing.TB, src string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "template.yaml")
	if err := os.WriteFile(path, []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// patient keeps the SDK from closing a request's body while net/http still sends
// it, which would cost the connection under the answer.
type patient struct{ *http.Client }

func (c patient) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
	return c.Client.Do(r)
}

// stop closes the service; a second time it does nothing.
func (e *env) stop() {
	e.t.Helper()
	if e.svc == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := e.svc.Close(ctx); err != nil {
		e.t.Errorf("Close: %v", err)
	}
	if err := <-e.served; err != nil {
		e.t.Errorf("Serve: %v", err)
	}
	e.svc = nil
}

func (e *env) socketURL() string { return "ws://" + e.addr + service.SocketPath }

// invoke calls a function by the AWS SDK and reads its answer.
func (e *env) invoke(function, payload string, answer any) {
	e.t.Helper()
	out, err := e.lambda.Invoke(context.Background(), &awslambda.InvokeInput{FunctionName: &function, Payload: []byte(payload)})
	if err != nil {
		e.t.Fatalf("invoke %s: %v", function, err)
	}
	if out.FunctionError != nil {
		e.t.Fatalf("invoke %s: %s: %s", function, *out.FunctionError, out.Payload)
	}
	if err := json.Unmarshal(out.Payload, answer); err != nil {
		e.t.Fatalf("invoke %s: answer %s: %v", function, out.Payload, err)
	}
}

// publish sends one request, which must be right in form.
func (e *env) publish(request string) []handler.Result {
	e.t.Helper()
	var answer handler.Answer
	e.invoke("bellhop-publish", request, &answer)
	if answer.Error != nil {
		e.t.Fatalf("publish: %v", answer.Error)
	}
	return answer.Results
}

// signIn makes a session of an hour.
func (e *env) signIn(user string) handler.Created {
	e.t.Helper()
	var created handler.Created
	e.invoke("bellhop-sessions", `{"op":"create","user":"`+user+`","ttl":3600}`, &created)
	if created.Token == "" {
		e.t.Fatalf("sign %s in: got no token", user)
	}
	return created
}

func asPage(token string) client.Options {
	return client.Options{Cookie: "sessionid=" + token, Origin: page}
}

// device is a connection of a user, with the test's patience.
type device struct {
	*client.Client
	t testing.TB
}

// connect signs the user in on a new device. It has taken the newest page.
func (e *env) connect(user string) device {
	e.t.Helper()
	d := e.dial(asPage(e.signIn(user).Token))
	if c := d.next(); c.Reset == nil {
		e.t.Fatalf("first change: got %+v, want the newest page", c)
	}
	return d
}

func (e *env) dial(o client.Options) device {
	e.t.Helper()
	c, err := client.Dial(within(e.t), e.socketURL(), o)
	if err != nil {
		e.t.Fatal(err)
	}
	e.t.Cleanup(c.Close)
	return device{c, e.t}
}

// within is a context for one step.
func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

func (d device) next() client.Change {
	d.t.Helper()
	c, err := d.Next(within(d.t))
	if err != nil {
		d.t.Fatalf("next change: %v", err)
	}
	return c
}

// wantTitle takes the next change, which must be a notification of this title.
func (d device) wantTitle(want string) client.Change {
	d.t.Helper()
	c := d.next()
	if c.Notification == nil {
		d.t.Fatalf("next change: got %+v, want notification %q", c, want)
	}
	if got := title(d.t, c.Notification.Event); got != want {
		d.t.Fatalf("notification: got %q, want %q", got, want)
	}
	return c
}

// wantEnd waits for the connection's end.
func (d device) wantEnd() error {
	d.t.Helper()
	for {
		if _, err := d.Next(within(d.t)); err != nil {
			if errors.Is(err, context.DeadlineExceeded) {
				d.t.Fatal("the connection does not end")
			}
			return err
		}
	}
}

func title(t testing.TB, event []byte) string {
	t.Helper()
	var e struct {
		Data struct {
			Title string `json:"title"`
		} `json:"data"`
	}
	if err := json.Unmarshal(event, &e); err != nil {
		t.Fatalf("event %s: %v", event, err)
	}
	return e.Data.Title
}

// order is a publish request to one user; more holds further attributes.
func order(user, title, more string) string {
	return `{"users":["` + user + `"],"notification":` + event(title, more) + `}`
}

func event(title, more string) string {
	return `{"source":"shop","type":"order.shipped"` + more + `,"data":{"title":"` + title + `"}}`
}

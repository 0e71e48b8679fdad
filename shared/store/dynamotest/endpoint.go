package dynamotest

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// endpointVariable names an engine that runs already.
const endpointVariable = "DYNAMODB_ENDPOINT"

// Region is where Config says that the tables are. The engine ignores it.
const Region = "eu-west-1"

// maxIdle is how many connections Client keeps: more than a test has writers.
const maxIdle = 256

// shared is the one engine of this process, the only variable of the package
// that changes. Its zero value has no engine yet.
var shared sharedEngine

// httpClient carries every call of every Client.
var httpClient = &http.Client{Transport: &http.Transport{MaxIdleConns: maxIdle, MaxIdleConnsPerHost: maxIdle}}

type sharedEngine struct {
	mu     sync.Mutex
	engine *server
	err    error
}

// Endpoint returns the URL of this test process's DynamoDB engine, without a
// slash at its end: DYNAMODB_ENDPOINT if that is set, else an engine that the
// first call starts and Run or Main ends. It fails t when there is none, so
// call it from the test's goroutine; parallel tests may.
func Endpoint(t testing.TB) string {
	t.Helper()
	if url := os.Getenv(endpointVariable); url != "" {
		return url
	}
	url, err := shared.url()
	if err != nil {
		t.Fatalf("start the shared DynamoDB engine, since %s is not set: %v", endpointVariable, err)
	}
	return url
}

// Config returns SDK settings for Endpoint: its URL, made-up credentials,
// Region, and a client of Client's kind. Retries are the SDK's own; a test that
// counts calls or plants faults sets Retryer or RetryMaxAttempts.
func Config(t testing.TB) aws.Config {
	t.Helper()
	return configFor(Endpoint(t))
}

// Client returns an HTTP client for DynamoDB that keeps its connections.
//
// It hides io.WriterTo of the request's body: the SDK closes that body while
// net/http may still be in its last copy, net/http takes the resulting io.EOF
// for a failed write, and closes the connection under the answer that is being
// read. One call in a hundred would fail for no reason of the test's.
func Client() aws.HTTPClient { return client{httpClient} }

type client struct{ next *http.Client }

type plainBody struct{ io.ReadCloser }

// Do sends r. See Client.
func (c client) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		r.Body = plainBody{r.Body}
	}
	return c.next.Do(r)
}

func configFor(url string) aws.Config {
	return aws.Config{
		Region:       Region,
		BaseEndpoint: aws.String(url),
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
		HTTPClient:   Client(),
	}
}

// Main runs the tests of M and then ends the shared engine. Its Run method is
// all that goleak.VerifyTestMain asks for.
type Main struct{ M *testing.M }

// Run runs the tests, ends the shared engine, closes idle connections, and
// returns the exit code: 1 if the tests passed but the engine had died.
func (m Main) Run() int {
	code := m.M.Run()
	httpClient.CloseIdleConnections()
	if err := shared.stop(); err != nil {
		fmt.Fprintf(os.Stderr, "end the shared DynamoDB engine: %v\n", err)
		code = max(code, 1)
	}
	return code
}

// Run is Main.Run, for a TestMain that does nothing else.
func Run(m *testing.M) int { return Main{m}.Run() }

// url starts the engine if it has not been started. A failure is kept: every
// test that needs the engine fails with the same words.
func (s *sharedEngine) url() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.engine == nil && s.err == nil {
		s.engine, s.err = startServer(serverOptions{})
	}
	if s.err != nil {
		return "", s.err
	}
	return s.engine.url(), nil
}

func (s *sharedEngine) stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.engine == nil {
		return nil
	}
	err := s.engine.stop()
	s.engine = nil
	return err
}

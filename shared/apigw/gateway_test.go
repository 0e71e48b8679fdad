package apigw_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"bellhop/shared/apigw"
	"bellhop/shared/push"

	awsconfig "github.com/aws/aws-sdk-go-v2/config"
)

// seen is what a management API was asked, and how many connections it took.
type seen struct {
	mu          sync.Mutex
	paths       []string
	connections int
}

// serve starts a management API that answers every request so.
func serve(t *testing.T, answer http.HandlerFunc) (endpoint string, s *seen) {
	s = &seen{}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.paths = append(s.paths, r.Method+" "+r.URL.EscapedPath())
		s.mu.Unlock()
		answer(w, r)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.mu.Lock()
			s.connections++
			s.mu.Unlock()
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	return server.URL, s
}

func gateway(t *testing.T) *apigw.Gateway {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", "a")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "b")
	t.Setenv("AWS_REGION", "eu-west-1")
	config, err := awsconfig.LoadDefaultConfig(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return apigw.New(config)
}

func status(code int, kind string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if kind != "" {
			w.Header().Set("X-Amzn-ErrorType", kind)
		}
		w.WriteHeader(code)
	}
}

func TestFailuresBecomePushErrors(t *testing.T) {
	known := []error{push.ErrGone, push.ErrTooLarge, push.ErrBusy, push.ErrUnavailable}
	for name, tt := range map[string]struct {
		answer http.HandlerFunc
		want   error // nil with failed: a refusal that is none of the known
		failed bool
	}{
		"200":               {status(200, ""), nil, false},
		"410":               {status(410, "GoneException"), push.ErrGone, true},
		"410 without type":  {status(410, ""), push.ErrGone, true},
		"413":               {status(413, "PayloadTooLargeException"), push.ErrTooLarge, true},
		"413 without type":  {status(413, ""), push.ErrTooLarge, true},
		"429":               {status(429, "LimitExceededException"), push.ErrBusy, true},
		"429 without type":  {status(429, ""), push.ErrBusy, true},
		"403":               {status(403, "ForbiddenException"), nil, true},
		"400":               {status(400, "BadRequestException"), nil, true},
		"500":               {status(500, "InternalServerError"), push.ErrUnavailable, true},
		"503":               {status(503, ""), push.ErrUnavailable, true},
		"broken connection": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, push.ErrUnavailable, true},
	} {
		t.Run(name, func(t *testing.T) {
			endpoint, s := serve(t, tt.answer)
			g, to := gateway(t), push.Address{Endpoint: endpoint, Connection: "c"}
			for verb, err := range map[string]error{
				"post":  g.Post(context.Background(), to, []byte("x")),
				"close": g.Close(context.Background(), to),
			} {
				if (err != nil) != tt.failed {
					t.Errorf("%s: error %v", verb, err)
				}
				for _, k := range known {
					if errors.Is(err, k) != (k == tt.want) {
						t.Errorf("%s: error %v is %q: %v, want %v", verb, err, k, errors.Is(err, k), k == tt.want)
					}
				}
			}
			if name != "broken connection" && len(s.paths) != 2 { // net/http itself repeats on a connection that breaks at once
				t.Errorf("requests %v, want one attempt each", s.paths)
			}
		})
	}
}

func TestNobodyListens(t *testing.T) {
	endpoint, _ := serve(t, nil)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for name, tt := range map[string]struct {
		ctx      context.Context
		endpoint string
	}{"refused": {context.Background(), "http://127.0.0.1:1"}, "context over": {ctx, endpoint}} {
		if err := gateway(t).Post(tt.ctx, push.Address{Endpoint: tt.endpoint, Connection: "c"}, nil); !errors.Is(err, push.ErrUnavailable) {
			t.Errorf("%s: error %v, want unavailable", name, err)
		}
	}
}

func TestIdsAreEscapedAndConnectionsReused(t *testing.T) {
	endpoint, s := serve(t, status(200, ""))
	g := gateway(t)
	for range 50 {
		if err := g.Post(context.Background(), push.Address{Endpoint: endpoint + "/prod", Connection: "Zk3/q+W1I=?"}, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	if err := g.Close(context.Background(), push.Address{Endpoint: endpoint + "/prod", Connection: "Zk3/q+W1I=?"}); err != nil {
		t.Fatal(err)
	}
	const path = "/prod/%40connections/Zk3%2Fq%2BW1I%3D%3F"
	want := append(slices.Repeat([]string{"POST " + path}, 50), "DELETE "+path)
	for i, got := range s.paths {
		if plain := "/prod/@connections/Zk3%2Fq%2BW1I%3D%3F"; got != want[i] && got != "POST "+plain && got != "DELETE "+plain {
			t.Fatalf("request %d: %q, want %q", i, got, want[i])
		}
	}
	if len(s.paths) != 51 || s.connections > 2 {
		t.Errorf("%d requests over %d connections, want 51 over one", len(s.paths), s.connections)
	}
}

func TestTheEnvironmentsEndpointWins(t *testing.T) {
	for _, name := range []string{"AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI", "AWS_ENDPOINT_URL"} {
		t.Run(name, func(t *testing.T) {
			endpoint, s := serve(t, status(200, ""))
			t.Setenv(name, endpoint)
			if err := gateway(t).Post(context.Background(), push.Address{Endpoint: "http://127.0.0.1:1/prod", Connection: "c"}, []byte("x")); err != nil {
				t.Error(err)
			}
			if len(s.paths) != 1 {
				t.Errorf("%d requests at the endpoint of %s, want 1", len(s.paths), name)
			}
		})
	}
}

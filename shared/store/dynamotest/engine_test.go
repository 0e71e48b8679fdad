package dynamotest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func TestEndpointIsOneEngineForAll(t *testing.T) {
	t.Setenv(endpointVariable, "")
	const callers = 20
	urls, errs := make([]string, callers), make([]error, callers)
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() { urls[i], errs[i] = shared.url() })
	}
	wg.Wait()
	want := Endpoint(t)
	for i, url := range urls {
		if errs[i] != nil || url != want {
			t.Fatalf("got %q, error %v, want %q", url, errs[i], want)
		}
	}
	tb := newTable(t, Config(t))
	if err := tb.put("a"); err != nil || !tb.has("a") || tb.has("b") {
		t.Fatalf("after put(a): error %v, has a %t, has b %t; want nil, true, false", err, tb.has("a"), tb.has("b"))
	}
}

func TestEndpointOfTheEnvironmentWins(t *testing.T) {
	t.Setenv(endpointVariable, "http://tables.example:8000")
	if got := Endpoint(t); got != "http://tables.example:8000" {
		t.Errorf("got %q, want the variable's value", got)
	}
	if got := aws.ToString(Config(t).BaseEndpoint); got != "http://tables.example:8000" {
		t.Errorf("BaseEndpoint is %q, want the variable's value", got)
	}
}

func TestKillAndRestart(t *testing.T) {
	for name, tc := range map[string]struct {
		path string
		kept bool
	}{
		"file":   {filepath.Join(t.TempDir(), "tables.db"), true},
		"memory": {"", false},
	} {
		t.Run(name, func(t *testing.T) {
			e := Start(t, Options{Path: tc.path})
			url := e.URL()
			tb := newTable(t, e.Config())
			if err := tb.put("a"); err != nil {
				t.Fatalf("put: %v", err)
			}
			e.Kill()
			if err := tb.put("b"); err == nil {
				t.Error("a put on a killed engine gave no error")
			}
			e.Restart()
			if e.URL() != url {
				t.Errorf("restarted at %s, want %s", e.URL(), url)
			}
			_, err := tb.get("a")
			var gone *types.ResourceNotFoundException
			if kept := err == nil; kept != tc.kept || (!kept && !errors.As(err, &gone)) {
				t.Errorf("get after restart: %v; want the table kept: %t", err, tc.kept)
			}
			if tc.kept && !tb.has("a") {
				t.Error("the acknowledged item is gone")
			}
		})
	}
}

func TestEnginesDoNotShareTables(t *testing.T) {
	one, two := Start(t, Options{}), Start(t, Options{})
	tb := newTable(t, one.Config())
	other := newTable(t, two.Config())
	other.name = tb.name
	if err := other.put("a"); err == nil {
		t.Error("the second engine knows the first one's table")
	}
}

func TestNoEngineOutlivesItsProcess(t *testing.T) {
	for _, how := range []string{"panic", "kill", "exit"} {
		t.Run(how, func(t *testing.T) {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), childVariable+"="+how)
			out, _ := cmd.Output() // it fails: that is its purpose
			address, _, err := bufio.NewReader(bytes.NewReader(out)).ReadLine()
			if err != nil {
				t.Fatalf("the child named no engine: %q", out)
			}
			waitRefused(t, string(address))
		})
	}
}

// waitRefused waits until nobody listens at the address.
func waitRefused(t *testing.T, address string) {
	t.Helper()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	limit := time.After(stopLimit)
	for {
		c, err := net.DialTimeout("tcp", address, time.Second)
		if err != nil {
			return
		}
		_ = c.Close()
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("an engine still listens at %s", address)
		}
	}
}

func TestAnEngineThatDiedIsReported(t *testing.T) {
	s, err := startServer(serverOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.process.end(9); err != nil {
		t.Fatal(err)
	}
	if err := s.stop(); err == nil || !strings.Contains(err.Error(), "died during the tests") {
		t.Errorf("got %v, want the death and its log", err)
	}
}

func TestAFailedStartShowsTheLog(t *testing.T) {
	_, err := startServer(serverOptions{path: filepath.Join(t.TempDir(), "no", "such", "folder", "db")})
	if err == nil || !strings.Contains(err.Error(), "its log:") || !errors.Is(err, errExited) {
		t.Errorf("got %v, want errExited with the engine's log", err)
	}
}

func TestAMissingBinaryNamesTheCure(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if _, err := findBinary(); err == nil || !strings.Contains(err.Error(), "inside the repository") {
		t.Errorf("outside the repository: got %v", err)
	}
	engines := filepath.Join(dir, "test", "engines")
	if err := os.MkdirAll(engines, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(engines, "package.json"), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := findBinary(); err == nil || !strings.Contains(err.Error(), "make setup") {
		t.Errorf("without the engine: got %v, want it to name make setup", err)
	}
}

func TestAPortThatIsTakenIsNotWaitedFor(t *testing.T) {
	s, err := startServer(serverOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.stop() }()
	second := &server{binary: s.binary, port: s.port}
	if err := second.start(); !errors.Is(err, errExited) {
		t.Errorf("a second engine on one port: got %v, want errExited", err)
	}
}

// TestClientKeepsItsConnection fails when the request's body offers WriteTo:
// some calls in a hundred then lose their connection.
func TestClientKeepsItsConnection(t *testing.T) {
	const calls = 1000
	var dials atomic.Int32
	transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		dials.Add(1)
		return new(net.Dialer).DialContext(ctx, network, address)
	}}
	defer transport.CloseIdleConnections()
	cfg := Config(t)
	cfg.HTTPClient = client{&http.Client{Transport: transport}}
	tb := newTable(t, cfg)
	for range calls {
		tb.has("a")
	}
	if got := dials.Load(); got != 1 {
		t.Errorf("%d calls took %d connections, want 1", calls, got)
	}
}

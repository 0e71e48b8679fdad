package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(
		m,
		// fasthttp renders the Date header in the background for good, and its
		// worker pools notice up to 10 s late that they were stopped.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
	)
}

// announced is an output that tells when the announcement is there.
type announced struct {
	bytes.Buffer
	url chan string
}

var pageURL = regexp.MustCompile(`demo page and HTTP API +(http://\S+)`)

func (a *announced) Write(p []byte) (int, error) {
	n, err := a.Buffer.Write(p)
	if found := pageURL.FindSubmatch(a.Bytes()); found != nil {
		select {
		case a.url <- string(found[1]):
		default:
		}
	}
	return n, err
}

func TestRun_AnnouncesServesAndStops(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	out := &announced{url: make(chan string, 1)}
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"--port", "0", "--template", "../template.yaml", "--data", t.TempDir()}, out)
	}()
	var url string
	select {
	case url = <-out.url:
	case err := <-ended:
		t.Fatalf("run: %v", err)
	case <-time.After(10 * time.Second):
		t.Fatal("nothing is announced")
	}
	transport := &http.Transport{DisableKeepAlives: true}
	res, err := (&http.Client{Transport: transport, Timeout: 5 * time.Second}).Get(url + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("%s/healthz: got %d, want 200", url, res.StatusCode)
	}

	began := time.Now()
	stop()
	if err := <-ended; err != nil {
		t.Errorf("run: got %v, want nil", err)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("stopping took %v, want 2s at most", took)
	}
	host := strings.TrimPrefix(url, "http://")
	for _, want := range []string{url, "ws://" + host + "/ws/notifications/", "/2015-03-31/functions/bellhop-publish/invocations", "stopping"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("output: got\n%s\nwant %q in it", out.String(), want)
		}
	}
}

func TestRun_BadArgumentsAreErrorsThatSayWhich(t *testing.T) {
	for _, tt := range []struct {
		name string
		args []string
		want string
	}{
		{"Speed", []string{"--speed", "0"}, "--speed"},
		{"SpeedNoNumber", []string{"--speed", "fast"}, "speed"},
		{"GatewayOption", []string{"--gateway-option", "control-pings=maybe"}, "ignored, reset-idle"},
		{"UnknownGatewayOption", []string{"--gateway-option", "pings=on"}, "control-pings"},
		{"Faults", []string{"--template", "../template.yaml", "--faults", `{"push_drop":2}`}, "push_drop"},
		{"Port", []string{"--port", "http"}, "port"},
		{"Unknown", []string{"--colour"}, "colour"},
		{"Argument", []string{"now"}, `"now"`},
		{"LogLevel", []string{"--log-level", "LOUD"}, "--log-level"},
		{"Overrides", []string{"--parameter-overrides", "AllowedOrigins"}, "--parameter-overrides"},
		{"UnknownParameter", []string{"--template", "../template.yaml", "--parameter-overrides", "Colour=red"}, "Colour"},
		{"BadOrigin", []string{"--template", "../template.yaml", "--parameter-overrides", "AllowedOrigins=http://[x"}, "ALLOWED_ORIGINS"},
		{"Template", []string{"--template", "missing.yaml"}, "missing.yaml"},
		{"Host", []string{"--template", "../template.yaml", "--host", "not a host"}, "not a host"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			args := append([]string{"--port", "0", "--data", t.TempDir()}, tt.args...)
			err := run(t.Context(), args, &announced{url: make(chan string, 1)})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error that names %s", err, tt.want)
			}
		})
	}
}

func TestRun_Help(t *testing.T) {
	if err := run(t.Context(), []string{"--help"}, &announced{url: make(chan string, 1)}); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("got %v, want flag.ErrHelp", err)
	}
}

package scenario_test

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"bellhop/localdev/lambda/runtime/build"
	"bellhop/localdev/scenario"
	"bellhop/localdev/service"
	"bellhop/shared/store/dynamotest"

	"go.uber.org/goleak"
)

// The server's date and its worker pools end late, or with the process.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(cleanUp{dynamotest.Main{M: m}},
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"))
}

// cleanUp removes the built functions after the tests.
type cleanUp struct{ tests dynamotest.Main }

func (c cleanUp) Run() int {
	code := c.tests.Run()
	if binaries.dir != "" {
		_ = os.RemoveAll(binaries.dir)
	}
	return code
}

// binaries are the functions as they deploy, built once, at the first use.
var binaries struct {
	once sync.Once
	dir  string
	err  error
}

func builtFunctions(t testing.TB) string {
	t.Helper()
	b := &binaries
	b.once.Do(func() {
		if b.dir, b.err = os.MkdirTemp("", "functions-"); b.err == nil {
			b.err = build.Functions(b.dir, "bellhop/functions/...")
		}
	})
	if b.err != nil {
		t.Fatalf("build the functions: %v", b.err)
	}
	return b.dir
}

// serve serves a Bellhop of the test's own until the test ends.
func serve(t testing.TB, o service.Options) scenario.Target { return serveOn(t, listen(t), o) }

func listen(t testing.TB) net.Listener {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return ln
}

// serveOn is serve on a listener. The options get its address, unless they have
// another one for functions to push to.
func serveOn(t testing.TB, ln net.Listener, o service.Options) scenario.Target {
	t.Helper()
	addr := ln.Addr().String()
	o.Addr = cmp.Or(o.Addr, addr)
	o.Template = filepath.Join("..", "..", "template.yaml")
	svc, err := service.New(o)
	if err != nil {
		_ = ln.Close()
		t.Fatalf("make the service: %v", err)
	}
	served := make(chan error, 1)
	go func() { served <- svc.Serve(ln) }()
	transport := &http.Transport{}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := svc.Close(ctx); err != nil {
			t.Errorf("close the service: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return scenario.Target{
		Socket: "ws://" + addr + service.SocketPath,
		Invoke: scenario.HTTPInvoke(&http.Client{Transport: transport}, "http://"+addr),
	}
}

// scripts are those of testdata.
func scripts(t testing.TB) []*scenario.Script {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("scripts: got %v (%v), want some", files, err)
	}
	all := make([]*scenario.Script, 0, len(files))
	for _, file := range files {
		s, err := scenario.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

// playAll plays each script against a service of its own, with its settings.
func playAll(t *testing.T, start func(t *testing.T, settings map[string]string) scenario.Target) {
	for _, s := range scripts(t) {
		t.Run(filepath.Base(s.File), func(t *testing.T) {
			if err := s.Run(t.Context(), start(t, s.Settings)); err != nil {
				t.Error(err)
			}
		})
	}
}

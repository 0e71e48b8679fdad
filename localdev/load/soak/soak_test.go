package soak

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(
		m,
		// What fasthttp's server and client keep running in the background: some
		// for good, the others for ten seconds after their last use.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*HostClient).connsCleaner"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*TCPDialer).tcpAddrsClean"),
	)
}

// Fifty connections live through three lives of two hours each, and cost
// the same in the end.
func TestRun_CostsStayFlat(t *testing.T) {
	const speed = 3600 // two hours are two seconds
	var out bytes.Buffer
	var c Clients
	err := Run(t.Context(), &out, Options{
		Template: "../../../template.yaml", Sockets: 50, For: 6 * time.Second, Speed: speed,
		Clients: func(ctx context.Context, clients Clients, ready func()) error {
			c = clients
			return clients.Run(ctx, ready)
		},
	})
	if err != nil {
		t.Errorf("%v\n%s", err, out.String())
	}
	if lines := strings.Count(out.String(), "\n"); lines != samples+1 {
		t.Errorf("got %d lines, want a heading and %d samples:\n%s", lines, samples, out.String())
	}
	if c.Sockets != 50 || c.PingEvery != 8*time.Minute/speed {
		t.Errorf("clients: got %+v", c)
	}
}

func TestGrown_NamesWhatGrew(t *testing.T) {
	flat := Sample{Goroutines: 1000, Files: 10_000, Heap: 100 << 20, Stack: 10 << 20}
	leak := flat
	leak.Goroutines, leak.Files, leak.Heap = 1400, 12_200, 200<<20
	if err := grown([]Sample{flat, leak, flat}); err != nil {
		t.Errorf("flat: got %v", err)
	}
	err := grown([]Sample{flat, flat, leak})
	for _, want := range []string{"goroutines", "files", "heap"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s in it", err, want)
		}
	}
	if err != nil && strings.Contains(err.Error(), "stack") {
		t.Errorf("got %v, want nothing of stacks", err)
	}
}

func TestRun_ClientsThatFailAreAnError(t *testing.T) {
	err := Run(t.Context(), &bytes.Buffer{}, Options{
		Template: "../../../template.yaml", Sockets: 1, For: time.Second, Speed: 1,
		Clients: func(ctx context.Context, c Clients, ready func()) error {
			c.Addr = "127.0.0.1:1" // nobody listens there
			return c.Run(ctx, ready)
		},
	})
	if err == nil || !strings.Contains(err.Error(), "sign in") {
		t.Errorf("got %v, want that nobody could sign in", err)
	}
}

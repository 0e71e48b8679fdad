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

// A hundred connections reach the end of their two hours, come back, and cost
// the same in the end.
func TestRun_CostsStayFlat(t *testing.T) {
	const speed = 1800 // two hours are four seconds, ten minutes a third of one
	var out bytes.Buffer
	var c Clients
	err := Run(t.Context(), &out, Options{
		Template: "../../../template.yaml", Sockets: 100, For: 6 * time.Second, Speed: speed,
		Clients: func(ctx context.Context, clients Clients, ready func()) error {
			c = clients
			return clients.Run(ctx, ready)
		},
	})
	if err != nil {
		t.Errorf("%v\n%s", err, out.String())
	}
	if lines := strings.Count(out.String(), "\n"); lines != samples+3 {
		t.Errorf("got %d lines, want a heading, before, %d samples and the end:\n%s", lines, samples, out.String())
	}
	if c.Sockets != 100 || c.PingEvery != 8*time.Minute/speed {
		t.Errorf("clients: got %+v", c)
	}
}

func TestGrown_NamesWhatGrew(t *testing.T) {
	flat := Sample{Goroutines: 1000, Files: 10_000, Heap: 100 << 20, Stack: 10 << 20}
	leak := flat
	leak.Goroutines, leak.Files, leak.Heap = 1400, 12_200, 200<<20
	if err := grown(leak, flat); err != nil {
		t.Errorf("less than before: got %v", err)
	}
	err := grown(flat, leak)
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

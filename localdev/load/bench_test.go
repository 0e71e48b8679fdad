package main

import (
	"context"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"bellhop/localdev/gateway"
	"bellhop/localdev/load/wire"
	"bellhop/localdev/service"

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

// serve runs Bellhop in this process, in a folder of its own, on a free port.
func serve(tb testing.TB) *bellhop {
	tb.Helper()
	svc, err := service.New(service.Options{
		Template: "../../template.yaml", Data: tb.TempDir(),
		Parameters: map[string]string{"ThrottlingRateLimit": "1000000", "ThrottlingBurstLimit": "1000000"},
	})
	if err != nil {
		tb.Fatal(err)
	}
	ln, err := gateway.Listen(tb.Context(), "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- svc.Serve(ln) }()
	b := newBellhop(ln.Addr().String())
	tb.Cleanup(func() {
		b.close()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := svc.Close(ctx); err != nil {
			tb.Error(err)
		}
		<-served
	})
	return b
}

func serveFloor(tb testing.TB) *bare {
	tb.Helper()
	f, err := newBare()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(f.close)
	return f
}

// rounds is how often floor and Bellhop take turns in one benchmark.
const rounds = 4

// beside measures Bellhop beside the floor, in turns, and reports its share.
func beside(b *testing.B, measure func(t target, n int) (took, error)) {
	f, bell := serveFloor(b), serve(b)
	var least, ours took
	add := func(to *took, t target, n int) {
		got, err := measure(t, n)
		if err != nil {
			b.Fatal(err)
		}
		to.add(got)
	}
	b.ResetTimer()
	for range rounds {
		n := max(b.N/rounds, 1)
		b.StopTimer()
		add(&least, f, n)
		b.StartTimer()
		add(&ours, bell, n)
	}
	b.StopTimer()
	b.ReportMetric(ours.perSecond()/least.perSecond(), "of-floor")
	b.ReportMetric(ours.perSecond(), "op/s")
	b.ReportMetric(float64(ours.percentile(50).Microseconds()), "p50-µs")
	b.ReportMetric(float64(ours.percentile(99).Microseconds()), "p99-µs")
}

func BenchmarkConnectUntilWelcome(b *testing.B) { beside(b, connects) }

func BenchmarkPublishLiveOnly(b *testing.B) {
	beside(b, func(t target, n int) (took, error) { return unicast(t, "live", n, false) })
}

func BenchmarkPublishStored(b *testing.B) {
	beside(b, func(t target, n int) (took, error) { return unicast(t, "stored", n, true) })
}

// BenchmarkDeliver1000 counts deliveries: each operation is one frame at one of
// 1,000 sockets.
func BenchmarkDeliver1000(b *testing.B) {
	beside(b, func(t target, n int) (took, error) { return deliveries(t, 1000, max(n/1000, 5)) })
}

// BenchmarkIdleConnection reports the memory of an idle, welcomed connection:
// heap and stacks, its row in the store included, the client's end left out.
func BenchmarkIdleConnection(b *testing.B) {
	const size = 2000
	bell := serve(b)
	cookie, err := bell.signIn("idle")
	if err != nil {
		b.Fatal(err)
	}
	clients := make([]*wire.Socket, 0, size)
	before := memory()
	for range size {
		s, err := bell.open(cookie)
		if err != nil {
			b.Fatal(err)
		}
		clients = append(clients, s)
	}
	with := memory()
	for _, s := range clients {
		s.Close()
	}
	b.ReportMetric((with-before)/size/1024-clientKB(b, size), "KB/connection")
}

// clientKB is what the client's end takes, measured against the same number of
// sockets to a listener that does nothing.
func clientKB(b *testing.B, size int) float64 {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer ln.Close()
	before := memory()
	sockets := make([]*wire.Socket, 0, size)
	for range size {
		s, err := wire.Open(ln.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		sockets = append(sockets, s)
	}
	after := memory()
	for _, s := range sockets {
		s.Close()
	}
	return (after - before) / float64(size) / 1024
}

// memory is what lives in heap and stacks, in bytes.
func memory() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) + float64(m.StackInuse)
}

func TestMeasurementsRunAgainstARealService(t *testing.T) {
	var out strings.Builder
	b := serve(t)
	if err := run(io.MultiWriter(&out, testWriter{t}), b.addr, 40, 10); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(out.String(), "\n"); got != 5 {
		t.Errorf("the table has %d lines, want 5", got)
	}
}

type testWriter struct{ t *testing.T }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Log(string(p))
	return len(p), nil
}

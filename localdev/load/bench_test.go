package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"slices"
	"strings"
	"syscall"
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

// greatest are the greatest limits that can be set: they are applied, and refuse
// nobody.
var greatest = map[string]string{
	"ThrottlingRateLimit": "1000000", "ThrottlingBurstLimit": "1000000",
	"ConnectionRateLimit": "10000", "ConnectionBurstLimit": "10000",
	"UserRateLimit": "10000", "UserBurstLimit": "10000", "MaxConnectionsPerUser": "1000",
}

// serve runs Bellhop in this process, in a folder of its own, on a free port.
func serve(tb testing.TB) *bellhop {
	tb.Helper()
	svc, err := service.New(service.Options{
		Template: "../../template.yaml", Data: tb.TempDir(),
		Parameters: greatest,
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
		before := processTime()
		got, err := measure(t, n)
		if err != nil {
			b.Fatal(err)
		}
		got.cpu = processTime() - before
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
	b.ReportMetric(least.cpuPerOp()/ours.cpuPerOp(), "of-floor-cpu")
	b.ReportMetric(ours.perSecond(), "op/s")
	b.ReportMetric(float64(ours.percentile(50).Microseconds()), "p50-µs")
	b.ReportMetric(float64(ours.percentile(99).Microseconds()), "p99-µs")
}

// processTime is the processor time of this process, server and clients. A share
// of it holds on a busy machine, too.
func processTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic("load: " + err.Error()) // a fault of the arguments alone
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
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
// heap and stacks, the client's end left out. Its row lies in a table of the
// store, whose size is bounded: such a table's making is left out, too.
func BenchmarkIdleConnection(b *testing.B) {
	bell := serve(b)
	var cookies []string
	for n := range 10 {
		cookie, err := bell.signIn(fmt.Sprint("idle", n))
		if err != nil {
			b.Fatal(err)
		}
		cookies = append(cookies, cookie)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer ln.Close()
	client := idleKB(b, func() (*wire.Socket, error) { return wire.Open(ln.Addr().String()) })
	opened := 0
	both := idleKB(b, func() (*wire.Socket, error) {
		opened++
		return bell.open(cookies[opened%len(cookies)])
	})
	b.ReportMetric(both-client, "KB/connection")
}

// idleKB is what one more open socket takes: the median of some growths, which
// few steps of the store's tables fall into.
func idleKB(b *testing.B, open func() (*wire.Socket, error)) float64 {
	b.Helper()
	const size, growths = 400, 9 // all within the backlog of a listener that does nothing
	sockets := make([]*wire.Socket, 0, growths*size)
	found := make([]float64, growths)
	before := memory()
	for g := range growths {
		for range size {
			s, err := open()
			if err != nil {
				b.Fatal(err)
			}
			sockets = append(sockets, s)
		}
		now := memory()
		found[g], before = (now-before)/size/1024, now
	}
	for _, s := range sockets {
		s.Close()
	}
	slices.Sort(found)
	return found[growths/2]
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

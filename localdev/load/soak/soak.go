// Package soak holds many connections for a long time and looks whether what
// they cost grows: goroutines, file descriptors, memory.
//
// [Run] serves Bellhop in this process, with a gateway whose clock runs faster,
// and lets [Options.Clients] connect, ping before the idle time-out, and come
// back when the gateway ends their connection after its two hours. Meanwhile it
// publishes. It samples this process, so the clients belong in another one.
//
// # Limits
//
// Loopback only. A connection takes one file descriptor on each side: Run raises
// the process's limit where it may.
//
// # Errors
//
// A cost that grew is an error that says which and by how much; so are clients
// that fail. Read next: clients.go.
package soak

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"bellhop/localdev/gateway"
	"bellhop/localdev/service"
)

// Options say what to hold, and for how long.
type Options struct {
	Template string        // path of Bellhop's template
	Data     string        // folder of the store; empty: in memory
	Sockets  int           // how many connections
	For      time.Duration // how long, from the moment when all are there
	Speed    float64       // of the gateway's clock: at 60 its two hours are two minutes
	// Clients runs the clients until ctx ends, and calls ready once, when all are
	// connected.
	Clients func(ctx context.Context, c Clients, ready func()) error
}

// samples is how often Run looks; the first look is a tenth of the time after
// the start, when what is made once has been made.
const samples = 10

// Sample is what the process costs at one time.
type Sample struct {
	After       time.Duration
	Goroutines  int
	Files       int
	Heap, Stack uint64 // bytes in use, after a collection
}

// Unlimited are the template's parameters without limits of routes and users: a
// few users make all the load.
func Unlimited() map[string]string {
	return map[string]string{
		"ThrottlingRateLimit": "1000000", "ThrottlingBurstLimit": "1000000",
		"ConnectionRateLimit": "0", "UserRateLimit": "0", "MaxConnectionsPerUser": "0",
	}
}

// Run holds the connections and tells of each sample on out.
func Run(ctx context.Context, out io.Writer, o Options) error {
	if err := raiseFiles(uint64(o.Sockets) + 1000); err != nil {
		fmt.Fprintf(out, "the limit of open files stays as it is: %v\n", err)
	}
	svc, err := service.New(service.Options{
		Template: o.Template, Data: o.Data, Speed: o.Speed,
		Parameters: Unlimited(),
	})
	if err != nil {
		return err
	}
	ln, err := gateway.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		return errors.Join(err, svc.Close(ctx))
	}
	served := make(chan error, 1)
	go func() { served <- svc.Serve(ln) }()
	err = hold(ctx, out, holding{o, svc, Clients{
		Addr: ln.Addr().String(), Sockets: o.Sockets, PingEvery: time.Duration(float64(8*time.Minute) / o.Speed),
	}})
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	return errors.Join(err, svc.Close(closing), <-served)
}

type holding struct {
	Options
	svc     *service.Service
	clients Clients
}

// hold runs the clients and samples until time is up.
func hold(ctx context.Context, out io.Writer, h holding) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- h.Options.Clients(ctx, h.clients, func() { close(ready) }) }()
	select {
	case <-ready:
	case err := <-ended:
		return fmt.Errorf("clients ended: %w", err)
	case <-ctx.Done():
		return errors.Join(ctx.Err(), <-ended)
	}
	taken, err := sampling(ctx, out, h, ended)
	cancel()
	if err != nil {
		return err
	}
	return errors.Join(<-ended, grown(taken))
}

func sampling(ctx context.Context, out io.Writer, h holding, ended <-chan error) (taken []Sample, err error) {
	fmt.Fprintf(out, "%10s %10s %8s %10s %10s\n", "after", "goroutines", "files", "heap KB", "stacks KB")
	start := time.Now()
	look := time.NewTicker(h.For / samples)
	defer look.Stop()
	publish := time.NewTicker(100 * time.Millisecond)
	defer publish.Stop()
	for n := 0; len(taken) < samples; n++ {
		select {
		case err := <-ended:
			return nil, fmt.Errorf("clients ended: %w", err)
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-publish.C:
			request := fmt.Appendf(nil, `{"users":["%s"],"store":false,"notification":{"source":"soak","type":"soak","data":{"title":"x"}}}`, userOf(n))
			if _, err := h.svc.Invoker().Invoke(ctx, "bellhop-publish", request); err != nil {
				return nil, err
			}
		case <-look.C:
			s := sample(time.Since(start))
			taken = append(taken, s)
			fmt.Fprintf(out, "%10s %10d %8d %10d %10d\n", s.After.Round(time.Second/10), s.Goroutines, s.Files, s.Heap>>10, s.Stack>>10)
		}
	}
	return taken, nil
}

func sample(after time.Duration) Sample {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	files, _ := os.ReadDir("/dev/fd") // elsewhere there is no such folder, and no number
	return Sample{After: after, Goroutines: runtime.NumGoroutine(), Files: len(files), Heap: m.HeapInuse, Stack: m.StackInuse}
}

// grown compares the last sample with the first. Pools breathe, so some growth
// is none: a fifth and 100 of what is counted, a half and 16 MiB of memory.
func grown(taken []Sample) error {
	first, last := taken[0], taken[len(taken)-1]
	var errs []error
	for _, c := range []struct {
		what         string
		first, last  uint64
		share, spare uint64 // in percent, and on top
	}{
		{"goroutines", uint64(first.Goroutines), uint64(last.Goroutines), 20, 100},
		{"open files", uint64(first.Files), uint64(last.Files), 20, 100},
		{"heap bytes", first.Heap, last.Heap, 50, 16 << 20},
		{"stack bytes", first.Stack, last.Stack, 50, 16 << 20},
	} {
		if c.last > c.first+c.first*c.share/100+c.spare {
			errs = append(errs, fmt.Errorf("%s grew from %d to %d", c.what, c.first, c.last))
		}
	}
	return errors.Join(errs...)
}

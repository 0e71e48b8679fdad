// Command load measures a running Bellhop from outside, beside a bare
// WebSocket server (package floor) on the same machine:
//
//	go run ./localdev/load --addr localhost:8000
//
// where that runs without the limits of a user, which a few users would reach here:
//
//	go run ./localdev --parameter-overrides "ThrottlingRateLimit=1000000 ThrottlingBurstLimit=1000000 ConnectionRateLimit=0 UserRateLimit=0 MaxConnectionsPerUser=0"
//
// It tells connects a second until welcome, publishes a second until received
// with their latencies, and deliveries a second to many sockets, each with its
// share of the floor. Its loops are bounded by --n. Run nothing else beside it.
//
//	go run ./localdev/load --soak 10m --sockets 10000 --speed 60
//
// instead runs a Bellhop of its own, holds that many connections for that long,
// and tells whether what they cost stays flat (package soak).
//
//	go run ./localdev/load --peers test/peers
//
// instead runs a small WebSocket API on the local service and on other emulators
// of API Gateway, and prints a table of what each does in a second (package peers).
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"bellhop/localdev/load/soak"
)

func main() {
	addr := flag.String("addr", "localhost:8000", "host:port of a running Bellhop on this machine")
	n := flag.Int("n", 5000, "operations of each measurement")
	size := flag.Int("sockets", 1000, "sockets of the measurement of deliveries")
	hold := flag.Duration("soak", 0, "hold --sockets connections for so long instead, and tell what they cost")
	speed := flag.Float64("speed", 60, "how much faster the gateway's time limits run, with --soak")
	clients := flag.String("soak-clients", "", "for --soak's own use")
	lab := flag.String("peers", "", "measure the API of this folder on several emulators instead")
	flag.Parse()
	var err error
	switch {
	case *clients != "":
		err = runClients(os.Stdout, *clients)
	case *hold > 0:
		err = runSoak(os.Stdout, soak.Options{Sockets: *size, For: *hold, Speed: *speed})
	case *lab != "":
		err = runPeers(os.Stdout, *lab)
	default:
		err = run(os.Stdout, *addr, *n, *size)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

// measurement is one line of the table.
type measurement struct {
	name string
	run  func(t target) (took, error)
}

func measurements(n, size int) []measurement {
	return []measurement{
		{"connect until welcome", func(t target) (took, error) { return connects(t, n) }},
		{"publish, live-only", func(t target) (took, error) { return unicast(t, "live", n, false) }},
		{"publish, stored", func(t target) (took, error) { return unicast(t, "stored", n, true) }},
		{fmt.Sprintf("deliveries to %d", size), func(t target) (took, error) { return deliveries(t, size, max(n/size, 5)) }},
	}
}

func deliveries(t target, size, n int) (took, error) {
	c, err := gather(t, "crowd", size)
	if err != nil {
		return took{}, err
	}
	defer c.leave()
	return c.deliver(t, n)
}

func run(out io.Writer, addr string, n, size int) error {
	b := newBellhop(addr)
	defer b.close()
	f, err := newBare()
	if err != nil {
		return err
	}
	defer f.close()
	fmt.Fprintf(out, "%-24s %12s %12s %7s %10s %10s\n", "", "floor/s", "bellhop/s", "share", "p50", "p99")
	for _, m := range measurements(n, size) {
		least, err1 := m.run(f)
		ours, err2 := m.run(b)
		if err := errors.Join(err1, err2); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		fmt.Fprintf(out, "%-24s %12.0f %12.0f %7.2f %10s %10s\n", m.name, least.perSecond(), ours.perSecond(),
			ours.perSecond()/least.perSecond(), ours.percentile(50), ours.percentile(99))
	}
	return nil
}

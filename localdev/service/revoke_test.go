package service_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"bellhop/localdev/service"
	"bellhop/shared/handler"
)

// revoked ends a session that has so many devices, and gives how long it takes
// until the last of them has its end.
func (e *env) revoked(devices int) time.Duration {
	e.t.Helper()
	s := e.signIn("ada")
	open := make([]device, devices)
	for i := range open {
		open[i] = e.dial(asPage(s.Token))
		open[i].next()
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	began := time.Now()
	var all sync.WaitGroup
	for _, d := range open {
		all.Go(func() {
			for {
				if _, err := d.Next(ctx); err != nil {
					if errors.Is(err, context.DeadlineExceeded) {
						e.t.Error("a connection of a revoked session does not end")
					}
					d.Close()
					return
				}
			}
		})
	}
	var done handler.Revoked
	if e.invoke("bellhop-sessions", `{"op":"revoke","session":"`+s.Session+`"}`, &done); done.Revoked != 1 {
		e.t.Errorf("revoked: got %+v, want 1", done)
	}
	all.Wait()
	return time.Since(began)
}

// A user who signs out is signed out everywhere within a second. On a machine with
// much else to do it may take longer: the bound here is for that, and the benchmark
// tells how long it is.
func TestRevoke_ClosesWithinASecond(t *testing.T) {
	e := start(t, service.Options{})
	if took := e.revoked(20); took > 5*time.Second {
		t.Errorf("20 devices were there for %v after the revocation, want a second", took)
	}
}

// BenchmarkRevokeUntilClosed reports the milliseconds from the backend's call to
// the end of the last socket.
func BenchmarkRevokeUntilClosed(b *testing.B) {
	for _, devices := range []int{1, 20} {
		b.Run(fmt.Sprint(devices, " devices"), func(b *testing.B) {
			e := start(b, unlimited())
			var took []time.Duration
			for b.Loop() {
				took = append(took, e.revoked(devices))
			}
			b.ReportMetric(0, "ns/op") // signing in and connecting are in it
			slices.Sort(took)
			for name, share := range map[string]float64{"p50-ms": 0.5, "p99-ms": 0.99} {
				at := took[int(share*float64(len(took)-1))]
				b.ReportMetric(float64(at.Microseconds())/1000, name)
			}
		})
	}
}

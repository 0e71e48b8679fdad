//go:build unix

package gateway

import (
	"syscall"
	"testing"
	"time"
)

// processorTime is what this process has used so far, in user mode and in the
// kernel.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

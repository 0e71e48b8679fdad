package gateway

import (
	"net"
	"runtime"
	"syscall"
	"testing"
)

// BenchmarkIdleMemory tells what 2,000 idle connections cost, in KB each: heap
// and stacks of this process. The clients are bare descriptors and cost nothing
// here; what the kernel holds is not counted.
func BenchmarkIdleMemory(b *testing.B) {
	const clients = 2000
	e := quiet(b, true)
	addr := e.addr
	for b.Loop() {
		before := inUse()
		var fds []int
		for range clients {
			fds = append(fds, bareClient(b, addr))
		}
		after := inUse()
		b.ReportMetric(float64(after-before)/clients/1024, "KB/conn")
		n := 0
		for range e.table.all() {
			n++
		}
		if n != clients {
			b.Fatalf("connections: got %d, want %d", n, clients)
		}
		for _, fd := range fds {
			_ = syscall.Close(fd)
		}
		for n > 0 {
			runtime.Gosched()
			n = 0
			for range e.table.all() {
				n++
			}
		}
	}
}

func inUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

// bareClient keeps the descriptor of a connected client, and no Go object.
func bareClient(b *testing.B, addr string) int {
	nc := dialBench(b, addr)
	f, err := nc.(*net.TCPConn).File()
	if err != nil {
		b.Fatal(err)
	}
	fd, err := syscall.Dup(int(f.Fd()))
	if err != nil {
		b.Fatal(err)
	}
	f.Close()
	nc.Close()
	return fd
}

package lambda

import (
	"sync"
	"time"
)

// workerIdle is how long a worker waits for its next job before it ends.
const workerIdle = 500 * time.Millisecond

// workers runs jobs on goroutines that it keeps for a while: decoding JSON by
// reflection needs a deep stack, and growing a new goroutine's stack to that
// depth costs more than the call itself (3 to 4 times as much when measured).
// There is no limit: a job that finds no worker idle gets a new one.
type workers[J any] struct {
	do    func(J)
	jobs  chan J        // unbuffered: a send succeeds only to an idle worker
	stop  chan struct{} // closed to end the idle ones
	close sync.Once
}

func newWorkers[J any](do func(J)) *workers[J] {
	return &workers[J]{do: do, jobs: make(chan J), stop: make(chan struct{})}
}

// start runs do(j) on another goroutine, and returns at once.
func (w *workers[J]) start(j J) {
	select {
	case w.jobs <- j:
	default:
		go w.work(j)
	}
}

func (w *workers[J]) work(j J) {
	w.do(j)
	idle := time.NewTimer(workerIdle)
	defer idle.Stop()
	for {
		select {
		case next := <-w.jobs:
			w.do(next)
			idle.Reset(workerIdle)
		case <-idle.C:
			return
		case <-w.stop:
			return
		}
	}
}

// release ends idle workers, and from now on busy ones when they are done.
func (w *workers[J]) release() {
	w.close.Do(func() { close(w.stop) })
}

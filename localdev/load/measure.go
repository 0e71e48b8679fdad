package main

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"bellhop/localdev/load/wire"
)

// parallel is how many clients work at a time, beside the server on the same
// cores.
const parallel = 8

// took is what a measurement found.
type took struct {
	ops       int
	time      time.Duration
	cpu       time.Duration   // of the whole process
	latencies []time.Duration // of each operation, where they are told apart
}

func (t *took) add(other took) {
	t.ops, t.time, t.cpu = t.ops+other.ops, t.time+other.time, t.cpu+other.cpu
	t.latencies = append(t.latencies, other.latencies...)
}

func (t took) perSecond() float64 { return float64(t.ops) / t.time.Seconds() }

func (t took) cpuPerOp() float64 { return t.cpu.Seconds() / float64(t.ops) }

// percentile is the latency that p percent of the operations stay below.
func (t took) percentile(p int) time.Duration {
	if len(t.latencies) == 0 {
		return 0
	}
	slices.Sort(t.latencies)
	return t.latencies[min(len(t.latencies)-1, len(t.latencies)*p/100)]
}

// inParallel runs work n times on `parallel` goroutines; work gets the number
// of its goroutine.
func inParallel(n int, work func(worker int) error) (took, error) {
	return bound{n, time.Hour}.inParallel(work)
}

// bound is how often work is done, and for how long at most.
type bound struct {
	n      int
	within time.Duration
}

func (b bound) inParallel(work func(worker int) error) (took, error) {
	var next atomic.Int64
	errs := make([]error, parallel)
	latencies := make([][]time.Duration, parallel)
	var wg sync.WaitGroup
	start := time.Now()
	for w := range parallel {
		wg.Go(func() {
			for next.Add(1) <= int64(b.n) && errs[w] == nil && time.Since(start) < b.within {
				begun := time.Now()
				errs[w] = work(w)
				latencies[w] = append(latencies[w], time.Since(begun))
			}
		})
	}
	wg.Wait()
	all := slices.Concat(latencies...)
	return took{ops: len(all), time: time.Since(start), latencies: all}, errors.Join(errs...)
}

// usersEach is how many users a client has. One that came and went thousands of times
// would measure how a store forgets rows.
const usersEach = 64

// connects opens sockets until each is welcomed, closing each one again. The users
// of Bellhop sign in beforehand.
func connects(t target, n int) (took, error) {
	open := func(user string) (*wire.Socket, error) { return t.connect(user) }
	if b, ok := t.(*bellhop); ok {
		cookies := map[string]string{}
		for turn := range parallel * usersEach {
			user := userOf(turn%parallel, turn)
			cookie, err := b.signIn(user)
			if err != nil {
				return took{}, err
			}
			cookies[user] = cookie
		}
		open = func(user string) (*wire.Socket, error) { return b.open(cookies[user]) }
	}
	turns := make([]int, parallel)
	return inParallel(n, func(w int) error {
		turns[w] += parallel
		s, err := open(userOf(w, turns[w]))
		if err == nil {
			s.Close()
		}
		return err
	})
}

// userOf is the user of a client's turn; turns count those of all clients.
func userOf(client, turn int) string {
	return fmt.Sprintf("connect%d-%d", client, turn/parallel%usersEach)
}

// unicast publishes to users with one device each, one notification after the
// other per user, and waits until the device has it.
func unicast(t target, prefix string, n int, store bool) (took, error) {
	sockets, buffers := make([]*wire.Socket, parallel), make([][]byte, parallel)
	for w := range sockets {
		var err error
		if sockets[w], err = t.connect(fmt.Sprintf("%s%d", prefix, w)); err != nil {
			return took{}, err
		}
		defer sockets[w].Close()
	}
	return inParallel(n, func(w int) (err error) {
		if err = t.publish([]string{fmt.Sprintf("%s%d", prefix, w)}, store); err == nil {
			buffers[w], err = sockets[w].Receive(buffers[w])
		}
		return err
	})
}

// crowd is many sockets of one user, whose frames are counted.
type crowd struct {
	user    string
	sockets []*wire.Socket
	got     chan error // one for every frame, of any of them
	wg      sync.WaitGroup
}

func gather(t target, user string, size int) (*crowd, error) {
	c := &crowd{user: user, got: make(chan error, size)}
	for range size {
		s, err := t.connect(user)
		if err != nil {
			c.leave()
			return nil, err
		}
		c.sockets = append(c.sockets, s)
	}
	for _, s := range c.sockets {
		c.wg.Go(func() { c.count(s) })
	}
	return c, nil
}

func (c *crowd) count(s *wire.Socket) {
	var buf []byte
	var err error
	for err == nil {
		buf, err = s.Receive(buf)
		c.got <- err
	}
}

// deliver publishes n times, each time waiting until every socket has it.
func (c *crowd) deliver(t target, n int) (took, error) {
	start := time.Now()
	for range n {
		if err := t.publish([]string{c.user}, false); err != nil {
			return took{}, err
		}
		for range c.sockets {
			if err := <-c.got; err != nil {
				return took{}, err
			}
		}
	}
	return took{ops: n * len(c.sockets), time: time.Since(start)}, nil
}

func (c *crowd) leave() {
	for _, s := range c.sockets {
		s.Close()
	}
	go func() {
		c.wg.Wait()
		close(c.got)
	}()
	for range c.got { // let the counters end
	}
}

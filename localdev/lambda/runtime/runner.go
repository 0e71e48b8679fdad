package runtime

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"bellhop/localdev/lambda"
)

const (
	defaultProcesses = 10
	initLimit        = 10 * time.Second
	endWithin        = 500 * time.Millisecond
)

// ErrClosed says that the Runner was closed.
var ErrClosed = errors.New("runner is closed")

// Options are the optional settings of a Runner.
type Options struct {
	// Env is the function's own environment. It comes last: it may replace what
	// Lambda gives.
	Env map[string]string
	// Args are the program's arguments: for a runtime that is no binary of the
	// function's own, such as python -m awslambdaric app.handler.
	Args []string
	// Root is the folder of the function's code, in which it runs; default the
	// program's own.
	Root string
	// Identity is the runtime's name, such as "nodejs20.x"; default "provided.al2023".
	Identity string
	// Handler is the function's handler setting; default "bootstrap".
	Handler string
	// MaxProcesses is how many processes there may be at a time; default
	// Spec.Concurrency, or 10 where that is 0 too.
	MaxProcesses int
	// Logger gets what the function writes, a record a line: the attribute
	// "line" is the line as it stands, "function" the function's name. The level
	// is that of a JSON line with a "level", as slog writes it; else Info on
	// standard output, Warn on standard error. Default: slog.DiscardHandler.
	Logger *slog.Logger
	// Output gets what the function writes in place of Logger, each line behind
	// the function's name in brackets, and Lambda's own lines: INIT_START, START,
	// END and REPORT with duration, billed duration and memory. Each Write is one
	// line; Output must be safe for concurrent use. Default: none of this.
	Output io.Writer
}

func (o Options) withDefaults(spec lambda.Spec) Options {
	if o.Handler == "" {
		o.Handler = "bootstrap"
	}
	if o.Identity == "" {
		o.Identity = "provided.al2023"
	}
	if o.MaxProcesses <= 0 {
		o.MaxProcesses = spec.Concurrency
	}
	if o.MaxProcesses <= 0 {
		o.MaxProcesses = defaultProcesses
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	o.Logger = o.Logger.With("function", spec.Name)
	return o
}

// Stats are counts of a Runner's processes.
type Stats struct {
	Processes int           // that run, or start
	Started   int           // since New
	LastInit  time.Duration // of the latest that asked for its first invocation: the time from its start on
}

// Runner runs one function's program. It is safe for concurrent use. Close it.
type Runner struct {
	binary string // absolute
	root   string // absolute
	spec   lambda.Spec
	opts   Options

	wg sync.WaitGroup // of processes

	mu        sync.Mutex
	processes map[*process]struct{}
	parked    []*process    // those that wait for an invocation, the latest last
	busy      int           // processes that hold an invocation
	queue     []*invocation // those that no process holds, in their order
	inside    int           // invocations that have no outcome yet
	empty     chan struct{} // closed when inside falls to 0 while Close waits
	closed    bool
	stats     Stats
}

var _ lambda.Runner = (*Runner)(nil)

// New returns a Runner of the program, which is the function's own or that of its
// runtime. A path that is no executable file is an error. No process is started
// before the first invocation.
func New(binary string, spec lambda.Spec, o Options) (*Runner, error) {
	path, err := filepath.Abs(binary)
	if err != nil {
		return nil, fmt.Errorf("function %s: %w", spec.Name, err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("function %s: %w", spec.Name, err)
	}
	if !info.Mode().IsRegular() || info.Mode().Perm()&0o111 == 0 {
		return nil, fmt.Errorf("function %s: %s is no executable file", spec.Name, binary)
	}
	root, err := rootOf(path, o.Root)
	if err != nil {
		return nil, fmt.Errorf("function %s: %w", spec.Name, err)
	}
	if spec.Timeout <= 0 {
		spec.Timeout = lambda.DefaultTimeout
	}
	return &Runner{binary: path, root: root, spec: spec, opts: o.withDefaults(spec), processes: map[*process]struct{}{}}, nil
}

// rootOf is the folder of the function's code.
func rootOf(binary, root string) (string, error) {
	if root == "" {
		return filepath.Dir(binary), nil
	}
	return filepath.Abs(root)
}

// Stats returns the counts of this moment.
func (r *Runner) Stats() Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.stats
	s.Processes = len(r.processes)
	return s
}

// Invoke runs one invocation in a process.
func (r *Runner) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("invoke %s: %w", r.spec.Name, err)
	}
	inv := newInvocation(r.spec, lambda.FromContext(ctx), payload)
	if err := r.enter(inv); err != nil {
		return nil, fmt.Errorf("invoke %s: %w", r.spec.Name, err)
	}
	select {
	case o := <-inv.done:
		return o.result, o.err
	case <-ctx.Done():
		r.withdraw(inv)
		return nil, fmt.Errorf("invoke %s: %w", r.spec.Name, ctx.Err())
	}
}

// enter gives the invocation to a process that waits, or queues it.
func (r *Runner) enter(inv *invocation) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.closed:
		return ErrClosed
	case r.spec.Concurrency > 0 && r.inside >= r.spec.Concurrency:
		return lambda.ErrThrottled
	}
	r.inside++
	if n := len(r.parked); n > 0 {
		p := r.parked[n-1]
		r.parked = r.parked[:n-1]
		r.give(p, inv)
		return nil
	}
	r.queue = append(r.queue, inv)
	r.grow()
	return nil
}

// grow starts processes for what is queued, as far as no other will be free for
// it and the limit allows. With r.mu held.
func (r *Runner) grow() {
	for len(r.queue) > len(r.processes)-r.busy && len(r.processes) < r.opts.MaxProcesses && !r.closed {
		p := newProcess(r)
		r.processes[p] = struct{}{}
		r.stats.Started++
		r.wg.Go(p.run)
	}
}

// give lets the process hold the invocation, with r.mu held.
func (r *Runner) give(p *process, inv *invocation) {
	inv.given = time.Now()
	inv.deadline = inv.given.Add(r.spec.Timeout)
	r.reportStart(inv)
	p.holds = inv
	p.timer = time.AfterFunc(r.spec.Timeout, func() { r.expire(p, inv) })
	p.timed = inv
	p.hand <- inv
	r.busy++
}

// conclude is the outcome of what the process holds, with r.mu held.
func (r *Runner) conclude(p *process, o outcome) {
	inv := p.holds
	p.holds = nil
	r.busy--
	r.reportEnd(p, inv, o.err)
	r.leave(inv, o)
}

// leave tells the caller, with r.mu held.
func (r *Runner) leave(inv *invocation, o outcome) {
	inv.done <- o
	r.inside--
	if r.inside == 0 && r.empty != nil {
		close(r.empty)
		r.empty = nil
	}
}

// withdraw drops an invocation that no process holds yet.
func (r *Runner) withdraw(inv *invocation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, queued := range r.queue {
		if queued == inv {
			r.queue = append(r.queue[:i], r.queue[i+1:]...)
			r.leave(inv, outcome{})
			return
		}
	}
}

// Close lets running invocations end, then ends all processes: SIGTERM, and
// SIGKILL for one that is still there 500 ms later. When ctx ends first it
// waits for no invocation any more; its error wraps ctx.Err() then.
func (r *Runner) Close(ctx context.Context) error {
	var err error
	select {
	case <-r.shut():
	case <-ctx.Done():
		err = fmt.Errorf("close %s: %w", r.spec.Name, ctx.Err())
	}
	r.abandon()
	r.wg.Wait()
	return err
}

// shut refuses further invocations, and returns a channel that is closed once
// there are none.
func (r *Runner) shut() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	empty := make(chan struct{})
	if r.inside == 0 {
		close(empty)
	} else if r.empty == nil {
		r.empty = empty
	} else {
		return r.empty
	}
	return empty
}

// abandon fails what is queued and asks all processes to end.
func (r *Runner) abandon() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, inv := range r.queue {
		r.leave(inv, outcome{err: fmt.Errorf("invoke %s: %w", r.spec.Name, ErrClosed)})
	}
	r.queue = nil
	for p := range r.processes {
		p.end(errClosing)
	}
}

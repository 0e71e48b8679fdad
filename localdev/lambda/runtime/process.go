package runtime

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os/exec"
	goruntime "runtime"
	"syscall"
	"time"

	"bellhop/localdev/lambda"
)

// Why a process is ended.
var (
	errTimeout = errors.New("time-out")
	errInit    = errors.New("time-out before the first invocation")
	errClosing = errors.New("closing")
	errOver    = errors.New("over")
)

// process is one run of the binary with its Runtime API.
type process struct {
	runner  *Runner
	ctx     context.Context // done when the process is to end; the cause says why
	end     context.CancelCauseFunc
	cmd     *exec.Cmd // run's own
	started time.Time
	hand    chan *invocation // has room for the one that it holds

	// Guarded by runner.mu.
	id       int           // of the process; 0 until it is known
	asked    bool          // for its first invocation
	init     time.Duration // until it asked; 0 once it is reported
	holds    *invocation   // not answered yet
	timed    *invocation   // that timer is for: until the process asks for the next
	timer    *time.Timer
	reported *lambda.FunctionError // why its init failed
	peak     int                   // of its memory, in MB, when it was read last
	peakRead time.Time
}

func newProcess(r *Runner) *process {
	p := &process{runner: r, hand: make(chan *invocation, 1), started: time.Now()}
	p.ctx, p.end = context.WithCancelCause(context.Background())
	return p
}

// stopTimer stops the time-out, with runner.mu held.
func (p *process) stopTimer() {
	if p.timer != nil {
		p.timer.Stop()
	}
	p.timed = nil
}

// run runs the process to its end. The wish to die with this process is bound to
// the thread that starts the child, so this goroutine keeps its thread.
func (p *process) run() {
	goruntime.LockOSThread()
	defer goruntime.UnlockOSThread()
	defer p.end(errOver)
	err := p.serve()
	p.runner.exited(p, p.failure(err))
}

// serve starts the Runtime API and the process, and waits for the process.
func (p *process) serve() error {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		p.cmd = &exec.Cmd{}
		return fmt.Errorf("listen for the Runtime API: %w", err)
	}
	server := &http.Server{
		Handler:           p.handler(),
		ReadHeaderTimeout: initLimit,
		ErrorLog:          slog.NewLogLogger(p.runner.opts.Logger.Handler(), slog.LevelDebug),
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(ln) // ends with Close
	}()
	defer func() { _ = server.Close(); <-served }()
	stdout, stderr := p.runner.lines(slog.LevelInfo), p.runner.lines(slog.LevelWarn)
	p.prepare(ln.Addr().String())
	p.cmd.Stdout, p.cmd.Stderr = stdout, stderr
	limit := time.AfterFunc(initLimit, func() { p.runner.checkInit(p) })
	defer limit.Stop()
	defer stderr.flush()
	defer stdout.flush()
	p.runner.reportInit()
	if err := p.cmd.Start(); err != nil {
		return err
	}
	p.runner.began(p, p.cmd.Process.Pid)
	return p.cmd.Wait()
}

// began notes the process's id.
func (r *Runner) began(p *process, id int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p.id = id
}

// prepare makes the command: killed at a time-out, asked to end at Close.
func (p *process) prepare(api string) {
	p.cmd = exec.CommandContext(p.ctx, p.runner.binary, p.runner.opts.Args...)
	p.cmd.Dir = p.runner.root
	p.cmd.Env = environment(p.runner, api)
	p.cmd.SysProcAttr = dieWithParent()
	p.cmd.WaitDelay = endWithin
	p.cmd.Cancel = func() error {
		if context.Cause(p.ctx) == errClosing {
			return p.cmd.Process.Signal(syscall.SIGTERM)
		}
		return p.cmd.Process.Kill()
	}
}

// checkInit ends a process that has not asked for an invocation yet.
func (r *Runner) checkInit(p *process) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !p.asked {
		p.end(errInit)
	}
}

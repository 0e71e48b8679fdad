package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"syscall"
	"time"
)

const (
	readyWithin = 10 * time.Second
	endWithin   = 5 * time.Second
	tries       = 5 // another process may take the port in between
)

// errEnded says that the engine ended before it was ready.
var errEnded = errors.New("it ended at once")

// Options say which engine to start.
type Options struct {
	// Binary is the engine's program, as `make setup` installs it.
	Binary string
	// File holds the tables; it and its folder are made if absent. Empty means
	// memory.
	File string
}

// Engine is a running engine. It is safe for concurrent use. Close it.
type Engine struct {
	address string
	cmd     *exec.Cmd
	output  *output
	done    chan struct{} // closed when it has ended
	err     error         // how it ended; read it after done
}

// Start starts an engine, and returns when it answers or ctx ends.
func Start(ctx context.Context, o Options) (*Engine, error) {
	if o.File != "" {
		if err := os.MkdirAll(filepath.Dir(o.File), 0o700); err != nil {
			return nil, fmt.Errorf("make the engine's folder: %w", err)
		}
	}
	var err error
	for range tries {
		var e *Engine
		if e, err = start(ctx, o); err == nil {
			return e, nil
		}
		if !errors.Is(err, errEnded) || !strings.Contains(err.Error(), "in use") {
			break
		}
	}
	return nil, fmt.Errorf("start the DynamoDB engine %s: %w", o.Binary, err)
}

func start(ctx context.Context, o Options) (*Engine, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	args := []string{"--host", "127.0.0.1", "--port", port}
	if o.File != "" {
		args = append(args, "--db-path", o.File)
	}
	e := &Engine{address: net.JoinHostPort("127.0.0.1", port), cmd: exec.Command(o.Binary, args...), done: make(chan struct{})}
	e.output = newOutput("listening on http://" + e.address)
	e.cmd.Stdout, e.cmd.Stderr, e.cmd.SysProcAttr = e.output, e.output, ownGroup()
	started := make(chan error)
	go e.run(started)
	if err := <-started; err != nil {
		return nil, err
	}
	return e, e.awaitReady(ctx)
}

// run starts the process and waits for its end. The wish to die with this
// process is bound to the thread that starts the child, so this goroutine keeps
// its thread.
func (e *Engine) run(started chan<- error) {
	goruntime.LockOSThread()
	defer goruntime.UnlockOSThread()
	defer close(e.done)
	err := e.cmd.Start()
	started <- err
	if err == nil {
		e.err = e.cmd.Wait()
	}
}

func (e *Engine) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	select {
	case <-e.output.found:
		return nil
	case <-e.done:
		return fmt.Errorf("%w: %v; it wrote:\n%s", errEnded, e.err, e.output)
	case <-ctx.Done():
		_ = e.cmd.Process.Kill()
		<-e.done
		return fmt.Errorf("no answer: %w; it wrote:\n%s", ctx.Err(), e.output)
	}
}

// URL is the engine's address, without a slash at its end.
func (e *Engine) URL() string { return "http://" + e.address }

// Process is the engine's process id.
func (e *Engine) Process() int { return e.cmd.Process.Pid }

// Done is closed when the engine has ended, whether it was asked to or not.
func (e *Engine) Done() <-chan struct{} { return e.done }

// Close asks the engine to end, and returns when it is gone. When ctx ends first,
// or after 5 s, it is killed, which is an error. An engine that had died before
// is an error too.
func (e *Engine) Close(ctx context.Context) error {
	select {
	case <-e.done:
		return fmt.Errorf("the DynamoDB engine had ended: %v; it wrote:\n%s", e.err, e.output)
	default:
	}
	if err := e.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("end the DynamoDB engine: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, endWithin)
	defer cancel()
	select {
	case <-e.done:
		return nil
	case <-ctx.Done():
		_ = e.cmd.Process.Kill()
		<-e.done
		return fmt.Errorf("end the DynamoDB engine: killed: %w", ctx.Err())
	}
}

// freePort is a port on which nobody listens. The engine takes port 0 too, but
// does not tell which one it got.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, errors.Join(err, l.Close())
}

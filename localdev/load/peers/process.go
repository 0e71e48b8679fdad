package peers

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// process is a program that runs in a process group of its own, so that all that
// it starts ends with it.
type process struct {
	cmd    *exec.Cmd
	output output
	done   chan struct{} // closed when it has ended
	err    error         // how; read it after done
}

func launch(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = &p.output, &p.output
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = endWithin
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(p.done)
		p.err = cmd.Wait()
	}()
	return p, nil
}

// await tries until it succeeds, the process ends or time is up.
func (p *process) await(ctx context.Context, try func() error) error {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-again.C:
		case <-p.done:
			return fmt.Errorf("it ended (%v) and wrote:\n%s", p.err, p.output.tail())
		case <-ctx.Done():
			return fmt.Errorf("%w: %w; it wrote:\n%s", ctx.Err(), err, p.output.tail())
		}
	}
}

// close asks the process to end, and kills its group when it does not, or leaves
// somebody behind.
func (p *process) close() error {
	group := -p.cmd.Process.Pid
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // if it has ended, that is what is wanted
	timeout := time.NewTimer(endWithin)
	defer timeout.Stop()
	select {
	case <-p.done:
	case <-timeout.C:
	}
	err := syscall.Kill(group, syscall.SIGKILL)
	<-p.done
	if err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("end %s: %w", p.cmd.Path, err)
	}
	return nil
}

// output keeps the end of what is written to it.
type output struct {
	mu   sync.Mutex
	text []byte
}

// Write never fails.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text = append(o.text, p...)
	if len(o.text) > 64<<10 {
		o.text = append([]byte(nil), o.text[len(o.text)-(8<<10):]...)
	}
	return len(p), nil
}

func (o *output) tail() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]byte(nil), tail(o.text)...)
}
